"""How long such requests usually last, drawn beside the promise."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.lib import clock
from ahadi.reports import usual
from ahadi.reports.models import Usual
from ahadi.tickets.models import Ticket
from ahadi.ui import filters

# Where nine of ten stand on the ruler; the rest of it is for those that last longer.
MOST_AT = 85.0


class Lasting(NamedTuple):
    """A sentence, the ruler's marks and how far this request has come; no marks where too little is known."""

    said: str
    marks: tuple[tuple[int, str], ...] = ()
    gone: int = 0
    counted: str = ""


def of(ticket: Ticket) -> Lasting:
    """What the page of a request tells about its kind."""
    known = usual.of(ticket)
    if known is None or known.is_short:
        return too_few()
    return Lasting(
        usual.tell(known), _marks(known), _gone(known, clock.now() - ticket.opened), counted(known)
    )


def of_answer(ticket: Ticket) -> str:
    """How long such requests wait for a person's answer; empty where too little is known."""
    known = usual.of_new(ticket)
    return "" if known is None or known.is_short else usual.tell_answer(known)


def too_few() -> Lasting:
    """An honest sentence where there is no number."""
    return Lasting(_("There are too few requests of this kind yet to say how long they usually take."))


def counted(known: Usual) -> str:
    """From how many requests it is known."""
    said = ngettext("Counted from %(num)s request.", "Counted from the last %(num)s requests.", known.count)
    return said % {"num": filters.number(known.count)}


def _marks(known: Usual) -> tuple[tuple[int, str], ...]:
    half = round(MOST_AT * (known.half / known.most))
    last = (round(MOST_AT), usual.length(known.most))
    # Two marks that stand on each other are one.
    return (last,) if half > MOST_AT - 18 else ((half, usual.length(known.half)), last)


def _gone(known: Usual, lasted: timedelta) -> int:
    return min(100, round(MOST_AT * (lasted / known.most)))
