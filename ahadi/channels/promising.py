"""Who is told when a promise is in danger, broken or moved: the customer, and people of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.calendars import dates
from ahadi.channels import inboxes, notices
from ahadi.channels.email import letters, news, outbound
from ahadi.channels.email.letters import Letter
from ahadi.channels.reactions import can_mail
from ahadi.people.models import Agent, Company
from ahadi.tickets import wishes
from ahadi.tickets.models import Entry, Ticket

# Events of which people of ours are told by mail.
ALARMS = ("warned", "broken", "escalated")
# Told even to customers who want to hear of machines only when we are late.
BAD_NEWS = ("announced", "explained", "broken")


def inform(entry: Entry) -> None:
    """Tell the customer what became of a promise; restraint may withhold it, their page says it anyway."""
    code = "handed" if entry.code == "assigned" else entry.code
    if entry.kind != Entry.Kind.EVENT or code not in news.LETTERS:
        return
    ticket, data = entry.ticket, _data(entry)
    if data is None or ticket.address is None or not can_mail(ticket.address):
        return
    if code not in BAD_NEWS and wishes.only_if_late(ticket):
        return
    notices.say(ticket, code, lambda: news.letter(ticket, code, data), data)


def alert(entry: Entry) -> None:
    """Mail the person whom an alarm names; where nobody owns the ticket, its whole team."""
    if entry.kind != Entry.Kind.EVENT or entry.code not in ALARMS:
        return
    data, ticket = entry.words.data, entry.ticket
    team = Agent.objects.filter(is_active=True, teams=ticket.team).order_by("pk")
    told = Agent.objects.filter(pk=data["agent"], is_active=True) if data.get("agent") else team
    for agent in told:
        with translation.override(agent.language or Company.current().language):
            letter = _notice(ticket, entry.code, agent)
            mail = outbound.machine_mail(
                letter.title, agent.email, letters.write(letter), inboxes.of(ticket), kind="auto-generated"
            )
        outbound.put(mail, "", [agent.email])


def _data(entry: Entry) -> Mapping[str, Any] | None:
    """What a letter says about an event; None where the customer is told nothing."""
    data: dict[str, Any] = dict(entry.words.data)
    agent = entry.agent
    if entry.code == "assigned":
        # What the next owner has to know is for colleagues only.
        return {name: data[name] for name in ("owner", "agent")} if data.get("handed") else None
    if entry.code == "promised":
        # A promise that is given, not moved, was said in an answer.
        if agent is None or not data.get("reason"):
            return None
        return data | {"owner": agent.first_name}
    if entry.code == "broken":
        # The first time the customer was told before, or is told by the event beside this one.
        if not data.get("again"):
            return None
        lead = data.get("lead", "")
        return data | {"was": data["due"], "owner": lead}
    return data


def _notice(ticket: Ticket, code: str, reader: Agent) -> Letter:
    company, zone = Company.current(), ZoneInfo(reader.time_zone)
    page = settings.AHADI_URL + reverse("desk:ticket", args=["open", ticket.number])
    letter = Letter("notice", company.name, company.name, label=_("Open the ticket"), step=page)
    given = {
        "subject": letters.apart(ticket.subject),
        "time": dates.long_when(ticket.due, reader.language, zone) if ticket.due else "",
        "name": letters.apart(ticket.assignee.name if ticket.assignee else ticket.team.name),
    }
    if code == "warned":
        letter.title = _("A promise is due soon: %(subject)s") % {"subject": ticket.subject}
        letter.opening = [_("The customer was promised to hear from us by %(time)s.") % given]
        letter.closing = [
            _("Keep it, or move it with a reason. Else the customer is told that it will not hold.")
        ]
    else:
        letter.title = _("A promise is broken: %(subject)s") % {"subject": ticket.subject}
        letter.opening = [_("The customer was promised to hear from us by %(time)s, and did not.") % given]
        letter.closing = [
            _("It is with %(name)s. Write to the customer, or give the ticket to somebody who can.") % given
        ]
    return letter
