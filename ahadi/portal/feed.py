"""The promise as a calendar file: a signed link that calendar programs may ask again and again."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Alarm, Calendar, Event

from ahadi.channels import links
from ahadi.lib import clock
from ahadi.people.models import Address, Company
from ahadi.portal import pages, progress
from ahadi.promises.models import Promise
from ahadi.tickets.models import Ticket

SALT = "ahadi.portal.feed"
# A promise is a moment; calendars show it as a quarter of an hour.
LENGTH, REMIND = timedelta(minutes=15), timedelta(0)
AGAIN = timedelta(hours=1)


def token(ticket: Ticket, guest: Address) -> str:
    """What the link carries: who may know the next date of which request, and nothing else."""
    return signing.dumps([ticket.number, guest.pk], salt=SALT)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The standing promise; moved, it moves along, and solved it is taken out."""
    ticket = _ticket(token)
    with translation.override(ticket.language):
        body = write(ticket).to_ical()
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{ticket.number}.ics"'
    return pages.private(response)


def write(ticket: Ticket) -> Calendar:
    """The calendar file of a request, in the language that is active."""
    calendar = Calendar()
    calendar.add("prodid", "-//Ahadi//Promises//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    newest = Promise.objects.filter(ticket=ticket).order_by("-pk").first()
    if newest is not None:
        calendar.add_component(_event(ticket, newest))
    return calendar


def _event(ticket: Ticket, newest: Promise) -> Event:
    event, due = Event(), ticket.due or newest.due
    name = ticket.assignee.first_name if ticket.assignee else Company.current().name
    event.add("uid", f"{ticket.number}@{settings.AHADI_URL.partition('//')[2].partition(':')[0]}")
    event.add("sequence", Promise.objects.filter(ticket=ticket).count())
    event.add("dtstamp", clock.now())
    event.add("dtstart", due)
    event.add("dtend", due + LENGTH)
    event.add("summary", _("You should have heard from %(name)s by now") % {"name": name})
    event.add("description", progress.next_step(ticket))
    event.add("url", f"{settings.AHADI_URL}/r/{ticket.number}/")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if ticket.is_solved else "CONFIRMED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", progress.next_step(ticket))
    alarm.add("trigger", REMIND)
    event.add_component(alarm)
    return event


def _ticket(token: str) -> Ticket:
    try:
        number, guest = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    ticket = Ticket.objects.select_related("assignee", "merged_into").filter(number=number).first()
    # Whoever was taken off the request hears nothing more of it.
    if ticket is None or not links.addresses_of(ticket).filter(pk=guest).exists():
        raise Http404
    return ticket
