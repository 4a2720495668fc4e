"""One mail that gathers what an agent has not looked at, when their working time allows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.calendars import dates
from ahadi.lib import clock
from ahadi.notices import wishes
from ahadi.notices.models import Notice
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket

# Whoever sits at the desk has looked by then.
PATIENCE = timedelta(minutes=10)
MOST = 1000


def gather() -> int:
    """Send what has waited long enough, one mail for each agent, and say how many mails those were."""
    waiting = (
        Notice.objects.unread()
        .filter(mailed=None, agent__is_active=True)
        # A promise in danger does not wait.
        .filter(Q(at__lte=clock.now() - PATIENCE) | Q(reason=Notice.Reason.PROMISE))
        .select_related("agent", "ticket", "entry")
        .order_by("agent", "ticket", "at")[:MOST]
    )
    mails = 0
    for agent, notices in groupby(waiting, lambda notice: notice.agent):
        wanted = [each for each in notices if wishes.MAIL in wishes.ways(agent, each.reason)]
        if wanted and not wishes.is_quiet(agent):
            mails += _send(agent, wanted)
    return mails


@transaction.atomic
def _send(agent: Agent, notices: list[Notice]) -> int:
    seen = set(
        Ticket.objects.visible_to(agent)
        .filter(pk__in=[each.ticket_id for each in notices])
        .values_list("pk", flat=True)
    )
    shown = [each for each in notices if each.ticket_id in seen]
    Notice.objects.filter(pk__in=[each.pk for each in notices]).update(mailed=clock.now())
    if not shown:
        return 0
    with translation.override(agent.language):
        subject = ngettext(
            "%(number)s ticket waits for you", "%(number)s tickets wait for you", len(seen)
        ) % {"number": len(seen)}
        send_mail(subject, _words(shown), None, [agent.email])
    return 1


def _words(notices: list[Notice]) -> str:
    pieces = []
    for _ticket, group in groupby(notices, lambda notice: notice.ticket_id):
        of_ticket = list(group)
        ticket = of_ticket[0].ticket
        lines = [ticket.subject, *_promises(of_ticket), *(each.because for each in of_ticket)]
        lines.append(settings.AHADI_URL + reverse("desk:ticket", args=["open", ticket.number]))
        pieces.append("\n".join(lines))
    where = settings.AHADI_URL + reverse("desk:notifications")
    pieces.append(_("What you are told about is your choice: %(link)s") % {"link": where})
    return "\n\n".join(pieces)


def _promises(notices: list[Notice]) -> Iterator[str]:
    """What to do about a promise, by what happened to it last."""
    for each in notices:
        reader, due = each.agent, each.ticket.due
        if each.reason != Notice.Reason.PROMISE or due is None:
            continue
        given = {"time": dates.long_when(due, reader.language, ZoneInfo(reader.time_zone))}
        if each.entry.code == "warned":
            yield _("The customer was promised to hear from us by %(time)s.") % given
            yield _("Keep it, or move it with a reason. Else the customer is told that it will not hold.")
        elif each.entry.code == "returned":
            yield _("The customer says for the second time that it is still not solved.")
        else:
            yield _("The customer was promised to hear from us by %(time)s, and did not.") % given
