"""What waits on a ticket for an agent's yes: let into the talk, its writer too, made a ticket, or left."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ahadi.channels import participants
from ahadi.channels.email.evidence import OUTSIDE
from ahadi.channels.models import RawMessage
from ahadi.lib import store
from ahadi.people.models import Agent
from ahadi.tickets import intake
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File, Said

# What stays true of the words wherever they stand.
CARRIED = ("raw", "from", "code_mail", "authentication", "defects", "invitation", "enclosed", "seal")


class NotHeld(LookupError):
    """Nothing is held under this number."""


@transaction.atomic
def release(ticket: Ticket, seq: int, *, by: Agent) -> Entry:
    """The held words as a message of who wrote them; a second release finds the first."""
    held = _held(ticket, seq)
    if (done := settled(ticket, seq)) is not None:
        return done
    words = held.words
    if words.data.get("held") == OUTSIDE:
        # Somebody outside wrote to us alone: what the customer learns of it is an answer of ours.
        raise NotHeld(seq)
    said = Said(
        kind=Entry.Kind.MESSAGE,
        text=words.text,
        new_text=words.new_text,
        html=words.html,
        by=held.customer,
        address=held.address,
        channel=held.channel,
        language=ticket.language,
        automatic=held.automatic,
        data={**_carried(held), "released": seq, "by": by.pk},
        files=_files(held),
    )
    return ticket.receive(said)


@transaction.atomic
def admit(ticket: Ticket, seq: int, *, by: Agent) -> Entry:
    """Let the writer take part from now on, and their words into the talk; the requester stays the same."""
    held = _held(ticket, seq)
    if held.address is not None:
        participants.add(ticket, held.address.value, by=by)
    return release(ticket, seq, by=by)


@transaction.atomic
def separate(ticket: Ticket, seq: int, *, by: Agent) -> Entry:
    """The held words as a ticket of their own, of who wrote them."""
    held = _held(ticket, seq)
    if (done := settled(ticket, seq)) is not None:
        return done
    if held.address is None:
        raise NotHeld(seq)
    failed = held.words.data.get("authentication", {}).get("verdict") == "fail"
    inbound = Inbound(
        channel=held.channel,
        address=held.address,
        subject=_subject(held),
        text=held.words.text,
        new_text=held.words.new_text,
        html=held.words.html,
        automatic=held.automatic,
        team=ticket.team,
        files=_files(held),
        data={**_carried(held), "separated_from": ticket.number, "no_acknowledgement": failed},
    )
    entry = intake.receive(inbound).entry
    _settle(ticket, seq, by, {"number": entry.ticket.number})
    return entry


@transaction.atomic
def leave(ticket: Ticket, seq: int, *, by: Agent) -> None:
    """The held words stay where they are, and nobody is asked about them again."""
    _held(ticket, seq)
    if settled(ticket, seq) is None:
        _settle(ticket, seq, by, {})


def settled(ticket: Ticket, seq: int) -> Entry | None:
    """What somebody has already decided about held words."""
    decided = Entry.objects.filter(ticket=ticket, seq__gt=seq, words__data__released=seq)
    return decided.order_by("seq").first()


def _settle(ticket: Ticket, seq: int, by: Agent, data: dict[str, Any]) -> None:
    code = "held_separated" if data else "held_left"
    ticket.append(Said(kind=Entry.Kind.EVENT, code=code, by=by, data={**data, "released": seq}))


def _held(ticket: Ticket, seq: int) -> Entry:
    ticket.lock()
    held = Entry.objects.select_related("words", "customer", "address")
    found = held.filter(ticket=ticket, seq=seq, code="held").first()
    if found is None:
        raise NotHeld(seq)
    return found


def _subject(held: Entry) -> str:
    # Their own: the subject of the ticket is not theirs to read.
    raw = RawMessage.objects.filter(pk=held.words.data.get("raw")).first()
    return raw.subject if raw else ""


def _carried(held: Entry) -> dict[str, Any]:
    return {name: held.words.data[name] for name in CARRIED if name in held.words.data}


def _files(held: Entry) -> list[File]:
    return [
        File(file.name, file.content_type, store.read(file.sha256), file.content_id, file.is_inline)
        for file in held.attachments.order_by("pk")
    ]
