"""A silent inbox is told to administrators by another way, once for each outage."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.channels import inboxes
from ahadi.channels.email import letters, outbound, trouble
from ahadi.channels.email.letters import Letter
from ahadi.channels.models import Inbox, MailServer
from ahadi.lib import clock
from ahadi.people.models import Agent, Company


def look() -> None:
    """Tell about inboxes that have fallen silent, and about those that work again."""
    for server in MailServer.objects.silent().filter(noticed=None).select_related("inbox"):
        _tell(server, is_over=False)
    told = MailServer.objects.filter(way=MailServer.Way.IN).exclude(noticed=None).select_related("inbox")
    for server in told.filter(failing_since=None).exclude(last_success=None):
        if server.noticed and server.last_success and server.last_success >= server.noticed:
            _tell(server, is_over=True)


@transaction.atomic
def _tell(server: MailServer, *, is_over: bool) -> None:
    # The condition lets one process tell, and the mails are stored with it or not at all.
    known = MailServer.objects.filter(pk=server.pk, noticed__isnull=not is_over)
    if not known.update(noticed=None if is_over else clock.now()):
        return
    for agent in Agent.objects.filter(role=Agent.Role.ADMIN, is_active=True).order_by("pk"):
        with translation.override(agent.language or Company.current().language):
            letter = _works_again(server) if is_over else _silent(server)
            mail = outbound.machine_mail(
                letter.title, agent.email, letters.write(letter), _sender(server), kind="auto-generated"
            )
        outbound.put(mail, "", [agent.email])


def _silent(server: MailServer) -> Letter:
    letter = _begin(server)
    letter.title = _("No mail can be fetched for %(address)s") % {"address": server.inbox.address}
    explained = trouble.explain(server.trouble) if server.trouble else None
    letter.opening = [
        _("For ten minutes nothing could be fetched for %(address)s. What customers write there waits.")
        % {"address": letters.isolated(server.inbox.address)},
    ]
    if explained is not None:
        letter.opening += [str(explained.what), str(explained.next)]
    letter.closing = [
        _("It is tried again by itself, and nothing is lost. You are told when it works again.")
    ]
    return letter


def _works_again(server: MailServer) -> Letter:
    letter = _begin(server)
    letter.title = _("Mail for %(address)s is fetched again") % {"address": server.inbox.address}
    letter.opening = [
        _("The inbox %(address)s works again. What had come meanwhile has been taken in.")
        % {"address": letters.isolated(server.inbox.address)}
    ]
    return letter


def _begin(server: MailServer) -> Letter:
    company = Company.current()
    page = settings.AHADI_URL + reverse("desk:inbox", args=[server.inbox_id])
    return Letter("notice", company.name, company.name, label=_("Open the inbox"), step=page)


def _sender(server: MailServer) -> Inbox:
    """An inbox that works; the silent one would be the wrong way to tell of its own silence."""
    silent = MailServer.objects.silent().values("inbox")
    others = Inbox.objects.filter(is_active=True).exclude(pk=server.inbox_id).exclude(pk__in=silent)
    return others.order_by("pk").first() or inboxes.unnamed()
