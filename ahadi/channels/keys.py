"""How a customer without mail proves who they are: a key kept on paper, or a code told on the phone."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from ahadi.channels import links
from ahadi.channels.models import GuestCode, GuestLink
from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.number import ALPHABET, read_signs
from ahadi.tickets.said import Said

# 80 random bits beside the 60 of the tracking code, which a guesser would need as well.
KEY_LENGTH = 16
# Paper keeps longer than mail: the next use gives at least 30 days more, like every link.
KEY_LIFETIME = timedelta(days=365)
CALL_LIFETIME = timedelta(minutes=15)
CALL_EVENT = "call_code"


@transaction.atomic
def make_key(ticket: Ticket, address: Address) -> str:
    """A key such as K7QF-9T2M-XR4D-0B8C that opens this ticket; it is shown once, and older ones end."""
    links.revoke(ticket, address)
    signs = "".join(secrets.choice(ALPHABET) for _ in range(KEY_LENGTH))
    GuestLink.objects.create(
        ticket=ticket, address=address, token_hash=_hash(signs), expires=clock.now() + KEY_LIFETIME
    )
    return "-".join(signs[start : start + 4] for start in range(0, KEY_LENGTH, 4))


def redeem(ticket: Ticket, typed: str) -> Address | None:
    """The address that a key or a code from the phone stands for; None for anything else."""
    signs = read_signs(typed)
    if len(signs) == KEY_LENGTH:
        link = links.redeem(ticket.number, signs)
        return link.address if link else None
    if len(signs) == links.CODE_DIGITS:
        return _redeem_call(ticket, signs)
    return None


@transaction.atomic
def give_code(ticket: Ticket, *, by: Agent) -> str | None:
    """Eight digits to read out, good once for a quarter of an hour; None without a number to call."""
    address = ticket.address
    if address is None or address.kind != Address.Kind.PHONE:
        return None
    waiting = _call_codes(ticket)
    waiting.update(used=clock.now())
    code = f"{secrets.randbelow(10**links.CODE_DIGITS):0{links.CODE_DIGITS}}"
    GuestCode.objects.create(
        ticket=ticket,
        address=address,
        code_hash=_code_hash(ticket, code),
        browser_hash="",
        expires=clock.now() + CALL_LIFETIME,
    )
    ticket.append(Said(kind=Entry.Kind.EVENT, code=CALL_EVENT, by=by))
    return code


@transaction.atomic
def _redeem_call(ticket: Ticket, code: str) -> Address | None:
    given = _code_hash(ticket, code)
    waiting = _call_codes(ticket)
    # Counted before compared, so that guesses made at the same time count too.
    waiting.update(tries=F("tries") + 1)
    for row in waiting.filter(tries__lte=links.MAX_TRIES).select_related("address"):
        if compare_digest(row.code_hash, given):
            waiting.update(used=clock.now())
            return row.address
    return None


def _call_codes(ticket: Ticket) -> QuerySet[GuestCode]:
    # A code that was mailed belongs to one browser; nobody knows the browser of somebody on the phone.
    return GuestCode.objects.filter(ticket=ticket, browser_hash="", used=None, expires__gt=clock.now())


def _code_hash(ticket: Ticket, code: str) -> str:
    # Keyed: a million plain hashes are tried in a second.
    return salted_hmac("ahadi.channels.keys", f"{ticket.pk}/{code}", algorithm="sha256").hexdigest()


def _hash(signs: str) -> str:
    return sha256(signs.encode()).hexdigest()
