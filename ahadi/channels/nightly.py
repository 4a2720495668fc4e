"""Once a night: everything is recomputed, what is past its term goes, and the root leaves the house."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.channels import inboxes
from ahadi.channels.email import letters, outbound
from ahadi.channels.models import Inbox
from ahadi.ledger import log
from ahadi.ledger.audit import Fault
from ahadi.ledger.models import Night
from ahadi.lib import clock
from ahadi.lib.snapshot import snapshot
from ahadi.people.models import Agent, Company
from ahadi.tickets import retention

said = logging.getLogger("ahadi.nightly")

# Of the company's clock: when it has the least to do.
HOUR, MORNING = 3, 6
KEPT_FAULTS = 100


def run() -> Night | None:
    """The work of this night, if nobody has begun it; begun again when whoever did has died.

    By day only what was missed: the machine sleeps at night, or did not live to the end of it.
    """
    now = clock.now().astimezone(ZoneInfo(Company.current().time_zone))
    if now.hour < HOUR or (now.hour >= MORNING and not _is_missed(now.date())):
        return None
    night = _begin(now.date())
    return _work(night) if night else None


def faults() -> Iterator[Fault]:
    """Everything that does not hold, of every audit."""
    for path in settings.AUDITS:
        yield from import_string(path)()


def _is_missed(today: date) -> bool:
    newest = Night.objects.order_by("-day").first()
    return newest is not None and (newest.ended is None or newest.day < today - timedelta(days=1))


def _begin(day: date) -> Night | None:
    found = Night.objects.filter(day=day).first()
    if found is None:
        try:
            with transaction.atomic():
                return Night.objects.create(day=day, began=clock.now())
        except IntegrityError:
            return None
    stale = clock.now() - timedelta(hours=6)
    taken = Night.objects.filter(pk=found.pk, ended=None, began__lt=stale).update(began=clock.now())
    return found if taken else None


def _work(night: Night) -> Night:
    night.gone = retention.clean()
    # What comes in meanwhile would look like something that is missing.
    with snapshot():
        found = faults()
        first = list(islice(found, KEPT_FAULTS))
        night.count = len(first) + sum(1 for _more in found)
    night.faults = [list(fault) for fault in first]
    night.ended = clock.now()
    night.save()
    if night.count:
        said.error("The nightly audit found %s faults; the first: %s", night.count, first[0].sentence)
    for agent in Agent.objects.filter(role=Agent.Role.ADMIN, is_active=True):
        _tell(agent, night)
    return night


def _tell(agent: Agent, night: Night) -> None:
    """The newest root in a mailbox outside: what was signed cannot be denied later (rule T-31)."""
    newest = log.last()
    inbox = Inbox.objects.filter(is_active=True).first() or inboxes.unnamed()
    with translation.override(agent.language):
        letter = letters.Letter("letter", inbox.name, _title(night))
        letter.opening = [_("Hello %(name)s,") % {"name": agent.first_name}, _found(night)]
        letter.closing = [str(sentence) for _code, _place, sentence in night.faults[:10]]
        if newest is not None:
            letter.closing.append(_("Keep this mail: it holds the newest signed root of your ledger."))
            letter.closing += [letters.isolated(line) for line in log.note_of(newest).splitlines()]
        kind = "auto-generated"
        mail = outbound.machine_mail(letter.title, agent.email, letters.write(letter), inbox, kind=kind)
    outbound.put(mail, "", [agent.email])


def _title(night: Night) -> str:
    if night.count:
        return _("The nightly check found something that does not hold")
    return _("The nightly check: everything holds")


def _found(night: Night) -> str:
    if not night.count:
        return _("last night every entry, chain and root was recomputed, and everything holds.")
    text = ngettext(
        "last night everything was recomputed, and %(count)s thing does not hold.",
        "last night everything was recomputed, and %(count)s things do not hold.",
        night.count,
    )
    return text % {"count": night.count}
