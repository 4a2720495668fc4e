"""Automatic texts: the one way in which a machine of ours writes to a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ahadi.automation import speaking
from ahadi.channels import restraint
from ahadi.channels.email import letters
from ahadi.channels.email.letters import Letter
from ahadi.channels.models import Withheld
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said


def say(
    ticket: Ticket,
    code: str,
    letter: Callable[[], Letter],
    data: Mapping[str, Any],
    inbox: int = 0,
    files: Sequence[File] = (),
) -> Entry | None:
    """Add an automatic text to the ticket, to be sent after commit; None where restraint withholds it.

    `letter` is asked for only when it is sent, with the ticket's language active.
    """
    address = ticket.address
    if address is None:
        return None
    if speaking.floor_of(ticket).is_live:
        return _speak(ticket, address, code, letter, data)
    if reason := restraint.objection(ticket, address, code, inbox):
        Withheld.objects.create(ticket=ticket, address=address, code=code, reason=reason)
        return None
    with letters.language_of(ticket):
        text = letters.text_of(letter())
    entry = ticket.append(
        Said(
            kind=Entry.Kind.REPLY,
            code=code,
            text=text,
            automatic=True,
            channel="email",
            language=ticket.language,
            data={**data, "inbox": inbox} if inbox else data,
            files=files,
        )
    )
    restraint.count(entry, address)
    return entry


def _speak(
    ticket: Ticket, address: Address, code: str, letter: Callable[[], Letter], data: Mapping[str, Any]
) -> Entry | None:
    """In a live talk there is one voice, which knows when to be silent."""
    with letters.language_of(ticket):
        said = speaking.speak(ticket, code, letters.text_of(letter()), data=data)
    if isinstance(said, Entry):
        return said
    Withheld.objects.create(ticket=ticket, address=address, code=code, reason=Withheld.Reason.TALK)
    return None
