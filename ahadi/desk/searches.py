"""The searches every agent has: what each means, and the counts that always equal the lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models import RawMessage
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets import search
from ahadi.tickets.models import Ticket
from ahadi.ui.drawn import kept

Condition = Callable[[Agent, datetime], Q]


@dataclass(frozen=True)
class Search:
    """One saved search: its address, its name and its condition on tickets."""

    code: str
    name: str | Promise
    icon: str
    where: Condition
    # Said where the list is empty.
    empty: str | Promise
    # By the next due time; else newest change first.
    by_due: bool = True


class State(NamedTuple):
    """While the mark stays the same, so does every list; and how many messages are in quarantine."""

    mark: str
    quarantined: int


def _open() -> Q:
    return ~Q(status=Ticket.Status.SOLVED)


def _today(agent: Agent, at: datetime) -> Q:
    return _open() & Q(due__gt=at, due__lt=midnight(at))


def _mine(agent: Agent, at: datetime) -> Q:
    return _open() & Q(assignee=agent)


def _broken(agent: Agent, at: datetime) -> Q:
    return _open() & Q(due__lte=at)


def _unassigned(agent: Agent, at: datetime) -> Q:
    return _open() & Q(assignee=None)


def _waiting(agent: Agent, at: datetime) -> Q:
    return Q(status=Ticket.Status.WAITING)


def _solved(agent: Agent, at: datetime) -> Q:
    return Q(status=Ticket.Status.SOLVED)


def _all_open(agent: Agent, at: datetime) -> Q:
    return _open()


SEARCHES = {
    saved.code: saved
    for saved in (
        Search("mine", _("Mine"), "user", _mine, _("Nothing is yours right now.")),
        Search("due-today", _("Promises due today"), "clock", _today, _("Nothing more is due today.")),
        Search("broken", _("Broken promises"), "triangle-alert", _broken, _("No broken promises.")),
        Search("unassigned", _("Unassigned"), "user-x", _unassigned, _("Every ticket has a person.")),
        Search("waiting", Ticket.Status.WAITING.label, "hourglass", _waiting, _("No ticket waits.")),
        Search("open", _("All open"), "list", _all_open, _("Every ticket is solved.")),
        Search(
            "solved",
            Ticket.Status.SOLVED.label,
            "circle-check",
            _solved,
            _("No ticket is solved yet."),
            False,
        ),
    )
}
FOUND = Search("search", _("Found"), "search", lambda agent, at: Q(), _("Nothing found."), by_due=False)
# Counting what is solved would read nearly every ticket there is, and nobody acts on that number.
COUNTED = tuple(code for code in SEARCHES if code != "solved")


def minute() -> datetime:
    """The running minute: lists and counts agree because both ask about the same moment."""
    return clock.now().replace(second=0, microsecond=0)


def midnight(at: datetime, days: int = 1) -> datetime:
    """The start of a coming day on the reader's clock."""
    local = at.astimezone(timezone.get_current_timezone())
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=days)
    return start.replace(tzinfo=local.tzinfo)


def tickets(agent: Agent, code: str, words: str = "") -> QuerySet[Ticket]:
    """The tickets of a search that this agent may see, in the order of their list."""
    found = SEARCHES.get(code, FOUND)
    seen = Ticket.objects.visible_to(agent).filter(found.where(agent, minute()))
    if found is FOUND:
        seen = seen.filter(pk__in=search.ticket_ids(words))
    return seen.order_by("due", "pk") if found.by_due else seen.order_by("-updated", "-pk")


def counts(agent: Agent, known: State | None = None) -> dict[str, int]:
    """How many tickets each search holds, from one query, kept until an entry is added or a minute passes."""
    now = known or state(agent)
    found: dict[str, int] = kept.keep(("counts", agent.pk), now.mark, partial(_count, agent))
    return {**found, "quarantine": now.quarantined}


def _count(agent: Agent) -> dict[str, int]:
    at = minute()
    asked: dict[str, Any] = {
        f"n{place}": Count("pk", filter=SEARCHES[code].where(agent, at)) for place, code in enumerate(COUNTED)
    }
    row = Ticket.objects.visible_to(agent).open().aggregate(**asked)
    return {code: row[f"n{place}"] for place, code in enumerate(COUNTED)}


def quarantined() -> QuerySet[RawMessage]:
    """What was put aside, newest first."""
    return RawMessage.objects.filter(outcome=RawMessage.Outcome.QUARANTINE).order_by("-received")


def state(agent: Agent) -> State:
    """What every list of this agent depends on: the newest leaf, their teams, their clock, this minute."""
    aside = "(SELECT count(*) FROM channels_rawmessage WHERE outcome = 'quarantine')"
    with connection.cursor() as cursor:
        # Asked on every page and by hand: building these questions costs more than answering them.
        # Only leads see what is in quarantine. Nothing of what a reader gave stands in this text.
        cursor.execute(
            "SELECT (SELECT hash FROM ledger_leaf"  # noqa: S608
            " WHERE id = (SELECT leaf_id FROM tickets_entry ORDER BY id DESC LIMIT 1)),"
            " count(*), coalesce(sum(id), 0),"
            f" {aside if agent.sees_everything else 0} FROM people_agent_teams WHERE agent_id = %s",
            [agent.pk],
        )
        leaf, teams, places, number = cursor.fetchone()
    zone = timezone.get_current_timezone_name()
    mark = f"{agent.role}-{bytes(leaf or b'').hex()}-{teams}-{places}-{minute():%d%H%M}-{zone}"
    return State(mark, number)
