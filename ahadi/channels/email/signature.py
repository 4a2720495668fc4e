"""What only this installation can write: signed message ids and reply addresses."""

from __future__ import annotations

import base64
import re
import secrets
from functools import cache
from hmac import compare_digest
from typing import NamedTuple

from django.utils.crypto import salted_hmac

from ahadi.tickets.number import read_number

# 80 bits for ids, which stand in every answer; 60 for addresses, whose tokens have to stay short.
ID_CHARACTERS = 16
TOKEN_CHARACTERS = 12

_OUR_ID = re.compile(r"<c\.([0-9a-z]{12})\.(\d{1,9})\.([a-z2-7]{16})@[^<>@\s]+>", re.IGNORECASE)
_LOOKS_OURS = re.compile(r"<(?:c\.[0-9a-z]{12}\.\d{1,9}\.[a-z2-7]{16}|m\.[0-9a-f]{24})@", re.IGNORECASE)
_REPLY_ADDRESS = re.compile(r"[^@\s]*\+([0-9a-z]{12})([a-z2-7]{12})@[^@\s]+", re.IGNORECASE)
_RETURN_ADDRESS = re.compile(r"[^@\s]*\+r(\d{1,18})\.([a-z2-7]{12})@[^@\s]+", re.IGNORECASE)
_MARKER = re.compile(r"\bref:([0-9a-z]{12})\.(\d{1,9})\.([a-z2-7]{16}):ref\b", re.IGNORECASE)
# Further down than this only the history of the history is quoted.
_MOST_MARKED = 400_000


class Signed(NamedTuple):
    """An entry that one of our message ids names."""

    number: str
    seq: int


def message_id(number: str, seq: int, domain: str) -> str:
    """The id of the mail that carries an entry; whoever answers it, answers that entry."""
    plain = _plain(number)
    return f"<c.{plain}.{seq}.{_mac('message', f'{plain}/{seq}', ID_CHARACTERS)}@{domain}>"


def read_message_id(text: str) -> Signed | None:
    """The entry behind an id that we signed; None for every other id."""
    found = _OUR_ID.fullmatch(text.strip())
    if found is None:
        return None
    plain, seq, given = found[1].lower(), int(found[2]), found[3].lower()
    number = read_number(plain)
    expected = _mac("message", f"{plain}/{seq}", ID_CHARACTERS)
    return Signed(number, seq) if number and compare_digest(given, expected) else None


def marker(number: str, seq: int) -> str:
    """The same in the body of a mail, for providers that give every mail an id of their own."""
    plain = _plain(number)
    return f"ref:{plain}.{seq}.{_mac('marker', f'{plain}/{seq}', ID_CHARACTERS)}:ref"


def read_markers(text: str) -> list[Signed]:
    """The entries whose signed markers stand in a text, in order."""
    found = []
    for plain, seq, given in _MARKER.findall(text[:_MOST_MARKED].lower()):
        number = read_number(plain)
        expected = _mac("marker", f"{plain}/{int(seq)}", ID_CHARACTERS)
        if number and compare_digest(given, expected):
            found.append(Signed(number, int(seq)))
    return found


def loose_id(domain: str) -> str:
    """An id for a mail that belongs to no entry; an answer to it leads nowhere."""
    return f"<m.{secrets.token_hex(12)}@{domain}>"


def looks_ours(text: str) -> bool:
    """The id has the form of ours, whoever wrote it."""
    return bool(_LOOKS_OURS.match(text.strip()))


def reply_address(number: str, address: str) -> str:
    """The address that leads an answer back to its ticket: help+token@marlo.example."""
    local, _at, domain = address.rpartition("@")
    plain = _plain(number)
    return f"{local}+{plain}{_mac('reply', plain, TOKEN_CHARACTERS)}@{domain}"


def read_reply_address(address: str) -> str | None:
    """The ticket number in a reply address that we signed; None for every other address."""
    found = _REPLY_ADDRESS.fullmatch(address.strip().strip("<>"))
    if found is None:
        return None
    plain, given = found[1].lower(), found[2].lower()
    return read_number(plain) if compare_digest(given, _mac("reply", plain, TOKEN_CHARACTERS)) else None


def agent_address(number: str, address: str, agent_id: int, kind: str) -> str:
    """The address at which one agent, and nobody else, answers a ticket or adds a note by mail."""
    local, _at, domain = address.rpartition("@")
    plain = _plain(number)
    return f"{local}+{plain}{_mac(f'agent.{kind}', f'{plain}/{agent_id}', TOKEN_CHARACTERS)}@{domain}"


def read_agent_address(address: str, agent_id: int, kind: str) -> str | None:
    """The ticket number in an address that we signed for this agent and this kind of entry."""
    found = _REPLY_ADDRESS.fullmatch(address.strip().strip("<>"))
    if found is None:
        return None
    plain, given = found[1].lower(), found[2].lower()
    expected = _mac(f"agent.{kind}", f"{plain}/{agent_id}", TOKEN_CHARACTERS)
    return read_number(plain) if compare_digest(given, expected) else None


def return_address(delivery_id: int, address: str) -> str:
    """Where servers report that one delivery failed: help+r17.token@marlo.example."""
    local, _at, domain = address.rpartition("@")
    return f"{local}+r{delivery_id}.{_mac('return', str(delivery_id), TOKEN_CHARACTERS)}@{domain}"


def read_return_address(address: str) -> int | None:
    """The delivery behind a return address that we signed; None for every other address."""
    found = _RETURN_ADDRESS.fullmatch(address.strip().strip("<>"))
    if found is None:
        return None
    number, given = str(int(found[1])), found[2].lower()
    return int(number) if compare_digest(given, _mac("return", number, TOKEN_CHARACTERS)) else None


@cache
def instance_id() -> str:
    """The mark in the mails of this installation by which it knows its own again."""
    return _mac("instance", "", ID_CHARACTERS)


def _plain(number: str) -> str:
    # Lower case: some servers change the case of addresses, and then both sides have changed alike.
    return number.replace("-", "").lower()


def _mac(purpose: str, text: str, characters: int) -> str:
    digest = salted_hmac(f"ahadi.channels.email.{purpose}", text, algorithm="sha256").digest()
    return base64.b32encode(digest).decode().lower()[:characters]
