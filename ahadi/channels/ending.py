"""What goes out around an ended talk: one answer to what comes afterwards, a mail to those who look again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.calendars import dates
from ahadi.channels import inboxes, notices
from ahadi.channels.email import letters, news, outbound
from ahadi.channels.email.letters import Letter
from ahadi.complaints import ending
from ahadi.complaints.models import Ending
from ahadi.people.models import Agent, Company
from ahadi.tickets.ending import AFTER, ENDED
from ahadi.tickets.models import Entry, Ticket

OVER = "talk_over"


def answer(entry: Entry) -> None:
    """The first message after the end hears that nobody answers here; the ones after it hear nothing."""
    if entry.code != AFTER or entry.automatic or entry.ticket.address is None:
        return
    ticket = entry.ticket
    ended = ticket.entries.filter(code=ENDED).latest("seq")
    if ticket.entries.filter(code=OVER, seq__gt=ended.seq).exists():
        return
    with letters.language_of(ticket):
        data = {"letter": ending.by_letter(), "complaint": ending.by_complaint(ticket)}
    notices.say(ticket, OVER, lambda: news.letter(ticket, OVER, data), data)


def alert(entry: Entry) -> None:
    """A talk was ended: every lead who had no part in it gets a mail, until one has looked."""
    if entry.code != ENDED:
        return
    ticket = entry.ticket
    found = Ending.objects.get(ticket=ticket, lifted=None)
    for agent in ending.reviewers(found).exclude(pk=entry.agent_id or 0):
        if not Ticket.objects.visible_to(agent).filter(pk=ticket.pk).exists():
            continue
        with translation.override(agent.language or Company.current().language):
            letter = _alarm(ticket, agent, str(entry.words.data["review_by"]))
            written, inbox = letters.write(letter), inboxes.of(ticket)
            mail = outbound.machine_mail(letter.title, agent.email, written, inbox, kind="auto-generated")
        outbound.put(mail, "", [agent.email])


def _alarm(ticket: Ticket, agent: Agent, review_by: str) -> Letter:
    page = settings.AHADI_URL + reverse("desk:ending", args=["tickets", ticket.number])
    language, zone = agent.language or Company.current().language, ZoneInfo(agent.time_zone)
    due = dates.long_when(datetime.fromisoformat(review_by), language, zone)
    return Letter(
        "notice",
        Company.current().name,
        _("A talk was ended; please look at it again"),
        opening=[
            _("Somebody who had no part in it looks at it by %(time)s, else it goes on.")
            % {"time": letters.apart(str(due))}
        ],
        label=_("Open the talk"),
        step=page,
    )
