"""What somebody missed of a talk after they had left: one letter with all of it, which they can answer."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from markupsafe import Markup

from ahadi.automation import speaking
from ahadi.calendars import dates
from ahadi.channels.email import letters
from ahadi.channels.email.letters import Letter
from ahadi.channels.models import Delivery
from ahadi.lib.html import clean
from ahadi.lib.markup import to_html
from ahadi.people.models import Company
from ahadi.tickets.models import Entry, Ticket


def compose(delivery: Delivery, link: str, files: int) -> Letter | None:
    """The letter that brings the newest of several missed answers; None where there is only one."""
    entry = delivery.entry
    if entry.ticket.channel != speaking.CHANNEL or entry.automatic or entry.agent is None:
        return None
    earlier = _before(delivery)
    if not earlier:
        return None
    letter = letters.answer(entry, link, files)
    opening = _("You had left our talk when this was written. Answer this mail, and it goes on.")
    letter.body = "\n\n".join([opening, *(_said(each) for each in [*earlier, entry])])
    # Both functions end in the sanitiser or escape every character.
    letter.body_html = Markup(clean(to_html(letter.body)))  # noqa: S704
    return letter


def _before(delivery: Delivery) -> list[Entry]:
    """What was missed before it and goes with it: kept for this reader, one after the other."""
    others = Delivery.objects.filter(entry__ticket=delivery.entry.ticket_id, address=delivery.address_id)
    rows = others.filter(entry__seq__lt=delivery.entry.seq).order_by("-entry__seq")
    found: list[Entry] = []
    for each in rows.select_related("entry__words", "entry__agent", "entry__ticket__requester"):
        if each.channel != speaking.CHANNEL or each.state != Delivery.State.KEPT:
            break
        found.insert(0, each.entry)
    return found


def _said(entry: Entry) -> str:
    name = entry.agent.first_name if entry.agent else ""
    return f"{letters.apart(name)} · {_time(entry.ticket, entry)}\n{entry.words.text}"


def _time(ticket: Ticket, entry: Entry) -> str:
    zone = ZoneInfo(ticket.requester.time_zone or Company.current().time_zone)
    return dates.clock_time(entry.at, ticket.language, zone)
