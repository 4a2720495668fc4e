"""A call from the wish to what came of it: every step is an entry, and every step says what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ahadi.channels.models import Call
from ahadi.channels.phone import slots
from ahadi.lib import clock
from ahadi.lib.statement import insert_new
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Customer
from ahadi.promises import preferences
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets import intake, targets
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Kind, Said

PHONE = "phone"
# Entries and events about calls, by their code.
SPOKEN, WISHED, TRIED, WITHDRAWN = "call", "call_promised", "call_tried", "call_withdrawn"
# Until the next attempt, where nobody says otherwise: working time.
AGAIN = {
    Call.Outcome.UNREACHED: timedelta(minutes=30),
    Call.Outcome.BUSY: timedelta(minutes=10),
}
# After so many attempts somebody writes instead.
MOST_ATTEMPTS = 3


class NoWords(ValueError):
    """What was said in a call must be written down: the customer reads it."""


@dataclass(frozen=True)
class Wish:
    """Somebody wants to be called: where, about what, now or from a time on."""

    number: Address
    text: str
    language: str = ""
    wanted: datetime | None = None
    # The request it is about, proven, and as whom.
    ticket: Ticket | None = None
    guest: Address | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a call, and what is promised next."""

    result: str
    direction: str = Call.Direction.OUT
    text: str = ""
    step: str = ""
    due: datetime | None = None
    solve: bool = False
    # When it is tried again; None where that is left to the house, `writes` where nobody calls again.
    again: datetime | None = None
    writes: bool = False
    # Why it was done although the customer wants no calls, or none at this hour.
    against: str = ""
    number: Address | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def ask(wish: Wish) -> Call:
    """Take a wish in: its words, the promise, and the ring, where it is for now."""
    entry = intake.receive(
        Inbound(
            channel=PHONE,
            address=wish.guest or wish.number,
            text=wish.text,
            new_text=wish.text,
            language=wish.language,
            is_language_certain=bool(wish.language),
            ticket=wish.ticket,
            data={"call": {"wanted": wish.wanted.isoformat() if wish.wanted else ""}},
        )
    ).entry
    return want(entry.ticket, wish.number, wish.wanted)


@transaction.atomic
def want(ticket: Ticket, number: Address, wanted: datetime | None, *, attempt: int = 1) -> Call:
    """Promise a call; one that stands already is moved to the new time."""
    ticket.lock()
    call = Call.objects.open().filter(ticket=ticket, direction=Call.Direction.OUT).first()
    if call is not None and call.agent_id is not None:
        # Somebody is about to call.
        return call
    call = call or Call(ticket=ticket, direction=Call.Direction.OUT, attempt=attempt)
    call.address, call.wanted, call.asked = number, wanted, clock.now()
    if wanted is not None and call.ring is not None:
        ringing.end(call.ring)
        call.ring = None
    if wanted is None and call.ring is None:
        call.ring = ringing.ring(ticket, Ring.Cause.CALL)
    call.save()
    promise(call)
    return call


def promise(call: Call) -> Entry | None:
    """Write down by when somebody calls; the customer reads it as their next step."""
    ticket = call.ticket
    if ticket is None:
        return None
    if call.wanted is not None:
        due = call.wanted + slots.LENGTH
    elif call.ring is not None:
        due = ringing.promised(call.ring)
    else:
        due = targets.answer_due(ticket.team, clock.now())
    data = {
        "due": due.isoformat(),
        "from": call.wanted.isoformat() if call.wanted else "",
        "attempt": call.attempt,
        "is_free": call.ring is not None and call.ring.begun is not None,
    }
    changes: dict[str, Any] = {"status": Ticket.Status.OPEN, "solved": None}
    changes |= {"step_code": Ticket.Step.CALL, "step_text": "", "due": due}
    return ticket.change(WISHED, data, None, **changes)


def accept(ring: Ring, agent: Agent) -> Ring:
    """Somebody comes; raises Taken for everybody but the first."""
    with transaction.atomic():
        won = ringing.accept(ring, agent)
        Call.objects.filter(ring=won, agent=None).update(agent=agent, begun=clock.now())
    return won


@transaction.atomic
def write_down(ticket: Ticket, told: Outcome, *, by: Agent) -> Entry:
    """What came of a call, in one press; raises NoWords, or Unwanted where calls are unwished for."""
    ticket.lock()
    call = Call.objects.open().filter(ticket=ticket, direction=Call.Direction.OUT).first()
    is_wished = call is not None
    if told.direction == Call.Direction.OUT and not is_wished:
        preferences.respect(ticket, PHONE, told.against, by=by, at=clock.now())
    if told.direction == Call.Direction.IN or call is None:
        call = _just_made(ticket, told, call)
    call.agent = call.agent or by
    if told.result == Call.Outcome.REACHED:
        entry = _spoke(ticket, call, told, by)
    else:
        entry = _tried(ticket, call, told, by)
    _finish(call, told.result, entry)
    if told.result == Call.Outcome.REACHED:
        # They have spoken with somebody: a wish that stood is fulfilled.
        for other in Call.objects.open().filter(ticket=ticket, direction=Call.Direction.OUT):
            _finish(other, Call.Outcome.REACHED, entry)
    elif again := _again(call, told):
        want(ticket, _number(call, told), again, attempt=call.attempt + 1)
    return entry


@transaction.atomic
def withdraw(ticket: Ticket, by: Customer) -> bool:
    """The customer needs no call any more; False where somebody calls already, or nobody was to."""
    ticket.lock()
    call = Call.objects.open().filter(ticket=ticket, direction=Call.Direction.OUT, agent=None).first()
    if call is None or (call.ring is not None and not ringing.end(call.ring)):
        return False
    answer = {"step_code": Ticket.Step.ANSWER, "step_text": ""}
    said = Said(kind=Kind.EVENT, code=WITHDRAWN, by=by)
    entry = ticket.append(said, **({} if ticket.is_solved else answer))
    _finish(call, Call.Outcome.WITHDRAWN, entry)
    return True


def of_agent(agent: Agent) -> list[Call]:
    """The calls that somebody has accepted and not written down."""
    wanted = Call.objects.open().filter(agent=agent, direction=Call.Direction.OUT, ticket__isnull=False)
    seen = wanted.filter(Ticket.objects.visible_to(agent).named_by("ticket"))
    return list(seen.select_related("ticket__requester", "address").order_by("begun"))


def number_of(customer: Customer, value: str) -> Address:
    """The number of somebody who is known; a claim, or whoever it belongs to already."""
    known = identify.find(Address.Kind.PHONE, value)
    if known is not None:
        return known
    key = identify.normalise(Address.Kind.PHONE, value)
    made = Address(customer=customer, kind=Address.Kind.PHONE, value=key, shown=value)
    if not insert_new(made):
        return Address.objects.select_related("customer").get(kind=Address.Kind.PHONE, value=key)
    return made


def standing(ticket: Ticket) -> Call | None:
    """The call that was promised in this ticket and has not come to its end."""
    wanted = Call.objects.open().filter(ticket=ticket, direction=Call.Direction.OUT)
    return wanted.select_related("address", "ring", "agent").first()


def _just_made(ticket: Ticket, told: Outcome, wished: Call | None) -> Call:
    now = clock.now()
    made = Call(ticket=ticket, direction=told.direction, begun=now, address=told.number)
    if told.direction == Call.Direction.IN:
        ringing_in = Call.objects.open().filter(
            direction=Call.Direction.IN, address=told.number, asked__gt=now - ringing.LONGEST_CALL
        )
        made = (ringing_in.order_by("-pk").first() if told.number else None) or made
        made.ticket = ticket
    if wished is None and told.number is None:
        made.address = ticket.requester.addresses.filter(kind=Address.Kind.PHONE).first()
    return made


def _spoke(ticket: Ticket, call: Call, told: Outcome, by: Agent) -> Entry:
    text = told.text.strip()
    if not text:
        raise NoWords
    now = clock.now()
    changes: dict[str, Any] = {"waiting_since": None, "assignee": ticket.assignee or by}
    if told.solve:
        changes |= {"status": Ticket.Status.SOLVED, "solved": now, "due": None}
    else:
        changes |= {"status": Ticket.Status.OPEN, "solved": None}
        changes |= {"step_code": Ticket.Step.OWN if told.step else Ticket.Step.NEWS, "step_text": told.step}
        changes["due"] = told.due or targets.news_due(ticket.team, now)
    said = Said(
        kind=Kind.REPLY,
        code=SPOKEN,
        text=text,
        by=by,
        channel=PHONE,
        language=ticket.language,
        data={"call": {**told.data, "direction": told.direction, "outcome": told.result}},
    )
    return ticket.append(said, **changes)


def _tried(ticket: Ticket, call: Call, told: Outcome, by: Agent) -> Entry:
    again = _again(call, told)
    data = {
        "outcome": told.result,
        "direction": told.direction,
        "attempt": call.attempt,
        "again": again.isoformat() if again else "",
    }
    if text := told.text.strip():
        # What was found out is for colleagues.
        ticket.note(text, by=by)
    if ticket.is_solved or again is not None:
        # The next call brings its own promise.
        return ticket.change(TRIED, data, by)
    due = told.due or targets.answer_due(ticket.team, clock.now())
    words = {"step_code": Ticket.Step.OWN if told.step else Ticket.Step.NEWS, "step_text": told.step}
    return ticket.change(TRIED, data, by, due=due, **words)


def _again(call: Call, told: Outcome) -> datetime | None:
    if told.number is None and call.address is None:
        # Nobody knows where to call.
        return None
    if told.again is not None:
        return told.again
    wait = AGAIN.get(Call.Outcome(told.result))
    if told.writes or wait is None or call.attempt >= MOST_ATTEMPTS or call.ticket is None:
        return None
    if call.direction == Call.Direction.IN or call.ticket.is_solved:
        return None
    later = targets.hours_of(call.ticket.team).add(clock.now(), int(wait.total_seconds()))
    return preferences.next_time(call.ticket.requester, later)


def _number(call: Call, told: Outcome) -> Address:
    found = told.number or call.address
    if found is None:
        raise ValueError("A call back needs a number.")
    return found


def _finish(call: Call, result: str, entry: Entry) -> None:
    call.outcome, call.entry, call.ended = result, entry, call.ended or clock.now()
    call.save()
    if call.ring is not None:
        ringing.end(call.ring, Ring.Why.ANSWERED)
        ringing.finish(call.ring)
