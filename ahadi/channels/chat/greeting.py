"""What the panel says by itself, through the one voice: it arrived, how long it takes, where answers go."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ahadi.automation import speaking
from ahadi.calendars import dates
from ahadi.channels.chat import availability
from ahadi.channels.chat.availability import Availability
from ahadi.channels.email import letters
from ahadi.reports import usual
from ahadi.routing import ringing
from ahadi.routing.models import Ring
from ahadi.tickets.models import Entry, Ticket


def greet(entry: Entry) -> None:
    """Ring at the desks of everybody who is free, and tell the visitor what happens now."""
    ticket = entry.ticket
    is_first = entry.seq == 1 and entry.kind == Entry.Kind.MESSAGE and "visitor" in entry.words.data
    if ticket.channel != speaking.CHANNEL or not is_first:
        return
    ringing.ring(ticket, Ring.Cause.TALK)
    known = availability.of(ticket.team, ticket.pk)
    with letters.language_of(ticket):
        text, asks = confirmation(ticket, known)
    data = {"due": ticket.due.isoformat() if ticket.due else "", "place": known.place}
    speaking.speak(ticket, "acknowledgement", text, asks=asks, data=data)


def answered(entry: Entry) -> None:
    """Nobody has to come any more when somebody has answered, or the talk is over."""
    ticket = entry.ticket
    if ticket.channel != speaking.CHANNEL:
        return
    is_over = entry.kind == Entry.Kind.EVENT and entry.code in (speaking.ENDED, "solved")
    if not (entry.is_human_answer or is_over):
        return
    for ring in Ring.objects.open().filter(ticket=ticket):
        ringing.end(ring, Ring.Why.WITHDRAWN if is_over else Ring.Why.ANSWERED)
    if is_over or entry.code == "solution":
        for ring in Ring.objects.filter(ticket=ticket, cause=Ring.Cause.TALK, finished=None):
            ringing.finish(ring)


def confirmation(ticket: Ticket, known: Availability) -> tuple[str, str]:
    """The first automatic text, in the active language, and what it asks for."""
    parts = [_("Your message has arrived and is written down."), _expected(ticket, known)]
    code = letters.isolated(ticket.number)
    parts.append(_("Your code is %(code)s: with it you find this talk again.") % {"code": code})
    # The panel has a field for it; it is asked here, and by no machine after this.
    return "\n".join(parts), "way" if ticket.address is None else ""


def _expected(ticket: Ticket, known: Availability) -> str:
    if known.state == availability.CLOSED:
        if known.answer_by is None:
            return _("We are closed now. A person reads it and answers.")
        given = {"time": letters.when(ticket, known.answer_by)}
        return _("We are closed now. A person reads it and answers by %(time)s.") % given
    if known.place is not None:
        given = {"place": dates.digits(known.place, ticket.language)}
        if known.wait is None:
            return _("You are number %(place)s in line for a person.") % given
        given["wait"] = usual.length(known.wait)
        return _("You are number %(place)s in line for a person; that takes about %(wait)s.") % given
    if known.wait is not None:
        return _("A person answers here, usually within %(wait)s.") % {"wait": usual.length(known.wait)}
    return _("A person reads it and answers here.")
