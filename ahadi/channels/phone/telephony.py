"""Telephone systems: each starts calls for us and tells of calls, whatever its own language is."""

from __future__ import annotations

from typing import Protocol

from ahadi.channels.models import Call, PhoneLine
from ahadi.channels.phone import asterisk, twilio
from ahadi.lib.fetch import Refused
from ahadi.people.models import Agent

# Where an agent's own telephone is, in their preferences: a number, or PJSIP/100.
EXTENSION = "extension"


class Failed(Exception):
    """The call could not be started; the words are for the log."""


class Telephony(Protocol):
    """One telephone system."""

    def start(self, line: PhoneLine, extension: str, number: str) -> str:
        """Ring at an agent's telephone, then at the customer's; the name the system gave the call."""


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
