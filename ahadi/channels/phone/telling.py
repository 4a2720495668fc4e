"""What telephone systems tell of calls, in one form; taken in once, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi import outbox
from ahadi.channels.models import Call, PhoneEvent, PhoneLine
from ahadi.channels.phone import calls, incoming, numbers
from ahadi.lib import clock
from ahadi.lib.statement import insert_new
from ahadi.people import identify
from ahadi.people.models import Address, Agent
from ahadi.routing import ringing
from ahadi.tickets import intake, targets
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Ticket

INCOMING, ANSWERED, ENDED, MISSED, RECORDING = KINDS = (
    "incoming",
    "answered",
    "ended",
    "missed",
    "recording",
)
# A call that is shown on screens without an end is over by then.
SHOWN = 120.0


class Unclear(ValueError):
    """It says too little to know which call it is about."""


@dataclass(frozen=True)
class Told:
    """One thing that happened to a call; `name` is the same when it is told again."""

    name: str
    kind: str
    call: str
    at: datetime
    # The number of the customer, whoever called.
    number: str = ""
    direction: str = Call.Direction.IN
    # The mail address of the agent it rings for, where the system knows it.
    agent: str = ""
    recording: str = ""
    seconds: int = 0
    consent: str = ""


@transaction.atomic
def take(line: PhoneLine, told: Told, body: Mapping[str, Any]) -> Call | None:
    """Take one event in; None where it was taken before."""
    if told.kind not in KINDS or not told.call or not told.name:
        raise Unclear(told.kind)
    event = PhoneEvent(line=line, name=told.name[:160], body=dict(body))
    if not insert_new(event):
        return None
    call = _call(line, told)
    PhoneEvent.objects.filter(pk=event.pk).update(call=call)
    PhoneLine.objects.filter(pk=line.pk).update(last=clock.now())
    {
        INCOMING: _ring,
        ANSWERED: _answer,
        ENDED: _end,
        MISSED: _miss,
        RECORDING: _record,
    }[told.kind](call, told)
    return call


def _call(line: PhoneLine, told: Told) -> Call:
    address = _address(told.number)
    made = Call(
        line=line,
        external=told.call[:120],
        direction=told.direction,
        asked=told.at,
        address=address,
        agent=_agent(told.agent),
        # A call of ours that the system started belongs to no promise of its own.
        outcome="" if told.direction == Call.Direction.IN else Call.Outcome.REACHED,
    )
    if insert_new(made):
        return made
    found = Call.objects.select_related("ticket", "address", "line").get(line=line, external=told.call[:120])
    agent = _agent(told.agent)
    if agent is not None and found.agent_id != agent.pk and not found.outcome:
        found.agent = agent
        found.save(update_fields=["agent"])
    return found


def _ring(call: Call, told: Told) -> None:
    if call.direction != Call.Direction.IN or call.answered or call.ended or call.outcome:
        # What comes late says nothing new.
        return
    agents = [call.agent_id] if call.agent_id else list(incoming.members(call))
    transaction.on_commit(lambda: ringing.show_caller(call.pk, agents, SHOWN))


def _answer(call: Call, told: Told) -> None:
    if call.answered is None:
        call.answered = call.begun = told.at
        call.save(update_fields=["answered", "begun"])
    agents = [call.agent_id] if call.agent_id and not call.ended else []
    transaction.on_commit(lambda: ringing.show_caller(call.pk, agents, SHOWN))


def _end(call: Call, told: Told) -> None:
    if call.ended is None:
        call.ended = told.at
        call.save(update_fields=["ended"])
    agents = [call.agent_id] if call.agent_id and call.answered and not call.outcome else []
    transaction.on_commit(lambda: ringing.show_caller(call.pk, agents, SHOWN))


def _miss(call: Call, told: Told) -> None:
    """Nobody answered: they are called back, and hear so when they look."""
    transaction.on_commit(lambda: ringing.show_caller(call.pk, [], SHOWN))
    if call.outcome or call.answered or call.direction != Call.Direction.IN:
        return
    call.ended = call.ended or told.at
    call.outcome = Call.Outcome.UNREACHED
    number = call.address
    if number is not None:
        call.ticket = _about(call, number)
    call.save()
    if number is None or call.ticket is None or calls.PHONE in number.customer.avoided:
        # Their wish stands: an agent reads that they called, and writes.
        return
    calendar, now = targets.hours_of(call.ticket.team), clock.now()
    calls.want(call.ticket, number, None if calendar.is_open(now) else calendar.next_opening(now))


def _record(call: Call, told: Told) -> None:
    payload = {"call": call.pk, "url": told.recording, "seconds": told.seconds, "consent": told.consent}
    outbox.put("phone.record", {**payload, "at": told.at.isoformat()}, order_by=f"call-{call.pk}")


def _about(call: Call, number: Address) -> Ticket:
    """The request that somebody most likely called about, else a new one."""
    known = Ticket.objects.filter(requester=number.customer).exclude(status=Ticket.Status.SOLVED)
    ticket = known.order_by("-updated").first()
    data = {"outcome": Call.Outcome.UNREACHED, "direction": Call.Direction.IN, "again": ""}
    if ticket is not None:
        ticket.change(calls.TRIED, data, None)
        return ticket
    team = call.line.team if call.line else None
    with translation.override(number.customer.language or None):
        words = _("Missed call from %(number)s") % {"number": numbers.shown(number.value)}
    return intake.receive(
        Inbound(
            channel=calls.PHONE,
            address=number,
            text=words,
            subject=words,
            language=number.customer.language,
            team=team,
            data={"call": {"missed": True}},
        )
    ).ticket


def _address(number: str) -> Address | None:
    try:
        value = numbers.read(number) if number else ""
    except numbers.Impossible:
        # Withheld, or a number inside the house.
        return None
    return identify.find_or_create(Address.Kind.PHONE, value) if value else None


def _agent(email: str) -> Agent | None:
    return Agent.objects.filter(email__iexact=email, is_active=True).first() if email else None
