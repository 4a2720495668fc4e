"""What the customer is told about calls: the one that is promised, and those that did not reach them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ahadi.channels.models import Call
from ahadi.channels.phone import calls, numbers, slots
from ahadi.people.models import Address
from ahadi.tickets.models import Ticket

# Attempts further back say nothing that still matters.
MOST = 5


def calls_of(ticket: Ticket) -> dict[str, Any]:
    """The call that stands and the attempts, in words; one question where there was never a call."""
    found = list(
        Call.objects.filter(ticket=ticket, direction=Call.Direction.OUT)
        .select_related("address", "agent")
        .order_by("-pk")[:MOST]
    )
    standing = next((call for call in found if not call.outcome), None)
    tries = [(call.ended, _tried(call)) for call in found if call.outcome in calls.AGAIN or _is_wrong(call)]
    return {
        "call": standing,
        "call_number": _hidden(standing.address) if standing and standing.address else "",
        "call_end": standing.wanted + slots.LENGTH if standing and standing.wanted else None,
        "tries": tries,
    }


def _is_wrong(call: Call) -> bool:
    return call.outcome == Call.Outcome.WRONG


def _tried(call: Call) -> str:
    return {
        Call.Outcome.BUSY.value: _("We called you, and the line was busy."),
        Call.Outcome.WRONG.value: _("The number that you gave us belongs to somebody else."),
    }.get(call.outcome, _("We called you, and nobody answered."))


def _hidden(number: Address) -> str:
    """The last digits are enough to know it by."""
    whole = numbers.shown(number.value)
    return f"… {whole[-4:]}"
