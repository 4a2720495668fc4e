"""Telephone systems: each starts calls for us and tells of calls, whatever its own language is."""

from __future__ import annotations

from typing import Protocol

from django.db.models import Q

from ahadi.channels.models import Call, PhoneLine
from ahadi.channels.phone import asterisk, twilio
from ahadi.lib.fetch import Refused
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket

# Where an agent's own telephone is, in their preferences: a number, or PJSIP/100.
EXTENSION = "extension"
# Events of a ticket: they say in its history from when to when nothing was recorded.
PAUSED, RESUMED = "recording_paused", "recording_resumed"


class Failed(Exception):
    """The call could not be started; the words are for the log."""


class Telephony(Protocol):
    """One telephone system."""

    def start(self, line: PhoneLine, extension: str, number: str) -> str:
        """Ring at an agent's telephone, then at the customer's; the name the system gave the call."""

    def pause(self, line: PhoneLine, call: str, *, is_paused: bool) -> None:
        """Stop recording a call for a while, or go on; nothing of what is said meanwhile is kept."""


SYSTEMS: dict[str, Telephony] = {
    PhoneLine.Kind.TWILIO: twilio.Twilio(),
    PhoneLine.Kind.ASTERISK: asterisk.Asterisk(),
}


def line_for(agent: Agent) -> PhoneLine | None:
    """The line that can start a call for somebody; None where they dial themselves."""
    if not agent.preferences.get(EXTENSION):
        return None
    lines = PhoneLine.objects.filter(is_active=True, kind__in=list(SYSTEMS))
    return lines.filter(team__agents=agent).first() or lines.first()


def start(call: Call, agent: Agent) -> str:
    """Start a call through the line of an agent; raises Failed."""
    line, number = line_for(agent), call.address
    if line is None or number is None:
        raise Failed("no line or no number")
    try:
        name = SYSTEMS[line.kind].start(line, str(agent.preferences[EXTENSION]), number.value)
    except (Refused, ValueError, KeyError) as error:
        raise Failed(str(error)) from error
    Call.objects.filter(pk=call.pk).update(line=line, external=name[:120])
    return name


def running(ticket: Ticket, agent: Agent) -> Call | None:
    """The call with this customer that an agent is in, over a system that can be told to stop recording."""
    known = Call.objects.open().filter(agent=agent, line__kind__in=list(SYSTEMS)).exclude(external="")
    theirs = Q(ticket=ticket) | Q(ticket=None, address__customer=ticket.requester_id)
    return known.filter(theirs, ended=None, begun__isnull=False).select_related("line").last()


def is_paused(ticket: Ticket, call: Call) -> bool:
    """Nothing of this call is recorded now."""
    marks = Entry.objects.filter(ticket=ticket, code__in=(PAUSED, RESUMED), at__gte=call.begun)
    newest = marks.order_by("seq").last()
    return newest is not None and newest.code == PAUSED


def pause(ticket: Ticket, agent: Agent, *, is_paused: bool) -> Entry:
    """Stop recording while a card number is read out, or go on; raises Failed."""
    call = running(ticket, agent)
    if call is None or call.line is None:
        raise Failed("no call that is recorded")
    try:
        SYSTEMS[call.line.kind].pause(call.line, call.external, is_paused=is_paused)
    except (Refused, ValueError) as error:
        raise Failed(str(error)) from error
    return ticket.change(PAUSED if is_paused else RESUMED, {}, agent)
