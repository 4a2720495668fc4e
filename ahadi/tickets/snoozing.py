"""Out of the lists for a while: until a time, an answer, or another ticket's end; never past a promise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from ahadi.lib import clock

if TYPE_CHECKING:
    from ahadi.people.models import Agent
    from ahadi.tickets.models import Entry, Ticket

MORNING = 9
LATER = timedelta(hours=3)


class Awaits(models.TextChoices):
    """What wakes a ticket before its time."""

    TIME = "", "time"
    REPLY = "reply", "reply"
    LINKED = "linked", "linked"


class NotPossible(ValueError):
    """This ticket cannot be put away so; the code says why: solved, late, or alone."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@transaction.atomic
def snooze(ticket: Ticket, until: datetime | None, *, by: Agent, awaits: str = "") -> Entry:
    """Put a ticket away until a time, at the latest until its promise is due."""
    ticket.lock()
    if ticket.is_solved or ticket.due is None or ticket.due <= clock.now():
        raise NotPossible("solved" if ticket.is_solved else "late")
    if awaits == Awaits.LINKED and not _partners(ticket):
        raise NotPossible("alone")
    until = until or ticket.due
    if until > ticket.due:
        raise NotPossible("late")
    data = {"until": until.isoformat(), "awaits": awaits}
    return ticket.change("snoozed", data, by, snoozed_until=until, snoozed_for=awaits)


def wake(ticket: Ticket, *, by: Agent | None = None, reason: str = "") -> Entry | None:
    """Bring a ticket back into the lists, once; None where it is there already."""
    with transaction.atomic(savepoint=False):
        ticket.lock()
        if ticket.snoozed_until is None:
            return None
        return ticket.change("woken", {"reason": reason}, by, snoozed_until=None, snoozed_for="")


def stir(entry: Entry) -> None:
    """Reaction: an answer wakes a ticket, and so does a promise that comes before its time, or its end."""
    ticket = entry.ticket
    if ticket.snoozed_until is None or entry.code in ("snoozed", "woken"):
        return
    if entry.kind == "message" and not entry.automatic:
        wake(ticket, reason="message")
    elif ticket.is_solved:
        wake(ticket, reason="solved")
    elif ticket.due is None or ticket.due < ticket.snoozed_until:
        wake(ticket, reason="promise")


def wake_due() -> int:
    """Round: wake what has slept until its time, and what waited for a ticket that is solved now."""
    from ahadi.tickets.models import Ticket

    over = Q(snoozed_until__lte=clock.now())
    over |= Q(Exists(_solved_partner()), snoozed_for=Awaits.LINKED)
    due = Ticket.objects.filter(over, snoozed_until__isnull=False).order_by("snoozed_until", "pk")[:500]
    return sum(_wake_one(ticket) for ticket in due)


@transaction.atomic
def _wake_one(ticket: Ticket) -> bool:
    # Somebody may have put it away for longer since the question was asked.
    ticket.lock()
    until = ticket.snoozed_until
    if until is None or (until > clock.now() and ticket.snoozed_for != Awaits.LINKED):
        return False
    return wake(ticket, reason="time" if until <= clock.now() else "linked") is not None


def asleep(at: datetime) -> Q:
    """Put away at this moment; a promise that is due is never hidden."""
    return Q(snoozed_until__gt=at, due__gt=at)


def offers(ticket: Ticket, zone: datetime) -> list[tuple[str, datetime]]:
    """Codes and moments to choose from that lie before the promise; `zone` is now on the agent's clock."""
    day = zone.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    later = (zone + LATER).replace(minute=0, second=0, microsecond=0)
    found = {
        "later": later if later.date() == zone.date() else None,
        "tomorrow": day + timedelta(days=1),
        # On a Sunday it is the same as tomorrow.
        "monday": day + timedelta(days=7 - zone.weekday()) if zone.weekday() < 6 else None,
    }
    due = ticket.due
    return [(code, moment) for code, moment in found.items() if moment and due and moment <= due]


def _partners(ticket: Ticket) -> bool:
    from ahadi.tickets.models import Link

    return Link.objects.filter(Q(ticket=ticket) | Q(other=ticket)).exists()


def _solved_partner() -> models.QuerySet[models.Model]:
    from ahadi.tickets.models import Link

    mine = Q(ticket=OuterRef("pk"), other__status="solved") | Q(other=OuterRef("pk"), ticket__status="solved")
    return Link.objects.filter(mine)
