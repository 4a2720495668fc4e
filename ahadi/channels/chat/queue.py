"""News of the line: whoever waits for a person is told when their place has changed, and seldom."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from ahadi.automation import speaking
from ahadi.calendars import dates
from ahadi.channels.chat import availability
from ahadi.channels.email import letters
from ahadi.lib import clock
from ahadi.reports import usual
from ahadi.routing.models import Ring
from ahadi.tickets.models import Entry, Ticket

CODE = "queue"
# Between two texts of the line in one talk.
RHYTHM = timedelta(minutes=3)
MOST = 100


def attend() -> int:
    """Tell whoever has moved on in the line; returns how many were told."""
    standing = Ring.objects.open().filter(
        cause=Ring.Cause.TALK, begun=None, asked__lt=clock.now() - RHYTHM, ticket__talk__ended=None
    )
    found = list(standing.select_related("ticket__team__working_hours")[:MOST])
    lines = availability.read_lines() if found else {}
    return sum(_tell(ring.ticket, lines) for ring in found)


def _tell(ticket: Ticket, lines: availability.Lines) -> bool:
    said = Entry.objects.filter(ticket=ticket, automatic=True, code__in=(CODE, "acknowledgement"))
    last = said.select_related("words").order_by("-seq").first()
    if last is not None and last.at > clock.now() - RHYTHM:
        return False
    known = availability.of(ticket.team, ticket.pk, lines)
    before = last.words.data.get("place") if last is not None else None
    if known.place is None or known.place == before:
        return False
    with letters.language_of(ticket):
        given = {"place": dates.digits(known.place, ticket.language)}
        text = _("You are number %(place)s in line now.") % given
        if known.wait is not None:
            given["wait"] = usual.length(known.wait)
            text = _("You are number %(place)s in line now; that takes about %(wait)s.") % given
    return isinstance(speaking.speak(ticket, CODE, text, data={"place": known.place}), Entry)
