"""The searches an agent has: the product's own, saved ones, what is typed; their counts equal their lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ahadi.channels.models import RawMessage
from ahadi.complaints.models import Complaint
from ahadi.desk.models import SavedSearch
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets import asking
from ahadi.tickets.models import Ticket
from ahadi.ui.drawn import kept

# Seconds: what takes longer to count is counted only this often.
SLOW, LONGEST = 0.1, 5
# Agents whose searches are counted by a thread of this process right now.
_at_it: set[int] = set()
# Beyond this nobody reads the number: it is "99+".
MOST = 99


@dataclass(frozen=True)
class Search:
    """One search: its address, its name and what it asks, in the language of the search field."""

    code: str
    name: str | Promise
    icon: str
    query: str
    # Said where the list is empty: that there is nothing, and where to look instead.
    empty: str | Promise
    hint: str | Promise = ""
    # The key of a saved one, and whose it is: own, team, all.
    pk: int = 0
    whose: str = ""

    @property
    def by_due(self) -> bool:
        """By the next due time; else newest change first."""
        return asking.is_by_due(self.query)


class State(NamedTuple):
    """While the mark stays the same, so does every list; and how many messages are in quarantine."""

    mark: str
    quarantined: int
    # Changes with the saved searches, and with what this agent is offered of them.
    saved: str
    # Formal complaints are for management alone.
    manages: bool


_WAIT = _("When something is due, it stands here by itself.")
SEARCHES = {
    own.code: own
    for own in (
        Search("mine", _("Mine"), "user", "is:mine -is:snoozed", _("Nothing is yours right now."), _WAIT),
        Search(
            "due-today",
            _("Promises due today"),
            "clock",
            "due:today",
            _("Nothing more is due today."),
            _WAIT,
        ),
        Search(
            "broken", _("Broken promises"), "triangle-alert", "is:broken", _("No broken promises."), _WAIT
        ),
        Search(
            "unassigned",
            _("Unassigned"),
            "user-x",
            "is:unassigned -is:snoozed",
            _("Every ticket has a person."),
            _("New requests stand here until somebody takes them."),
        ),
        Search(
            "mentions",
            _("Mentions"),
            "at-sign",
            "is:mentioned",
            _("Nobody called you."),
            _("A colleague who writes @ and your name in a note brings the ticket here."),
        ),
        Search(
            "waiting",
            Ticket.Status.WAITING.label,
            "hourglass",
            "is:waiting",
            _("No ticket waits."),
            _("Here stands what the customer has to answer next."),
        ),
        Search(
            "open",
            _("All open"),
            "list",
            "is:unsolved",
            _("Every ticket is solved."),
            _("New requests stand here by themselves."),
        ),
        Search(
            "snoozed",
            pgettext_lazy("search", "Snoozed"),
            "alarm-clock",
            "is:snoozed",
            _("Nothing is snoozed."),
            _("What you put off comes back by itself, at the latest when its promise is due."),
        ),
        Search(
            "solved",
            Ticket.Status.SOLVED.label,
            "circle-check",
            "is:solved",
            _("No ticket is solved yet."),
            _("Here stands everything that came to its end."),
        ),
    )
}
FOUND = Search(
    "search",
    _("Found"),
    "search",
    "",
    _("Nothing found."),
    _("Other words, fewer words or the tracking code may find it."),
)
# Counting what is solved would say nothing that anybody acts on.
UNCOUNTED = "solved"
COUNTED = tuple(code for code in SEARCHES if code != UNCOUNTED)


def minute() -> datetime:
    """The running minute: lists and counts agree because both ask about the same moment."""
    return clock.now().replace(second=0, microsecond=0)


def find(agent: Agent, code: str, words: str = "", known: State | None = None) -> Search | None:
    """The search behind an address; None where this agent has no such search."""
    if code == FOUND.code:
        return Search(**{**FOUND.__dict__, "query": words})
    return SEARCHES.get(code) or next((each for each in saved(agent, known) if each.code == code), None)


def saved(agent: Agent, known: State | None = None) -> list[Search]:
    """The saved searches an agent is offered, in their order."""
    now = known or state(agent)
    found: list[Search] = kept.keep(("saved", agent.pk), now.saved, partial(_saved, agent))
    return found


def offered(agent: Agent, known: State) -> list[Search]:
    """Every search that stands beside the list."""
    return [*SEARCHES.values(), *saved(agent, known)]


def tickets(agent: Agent, code: str, words: str = "") -> QuerySet[Ticket]:
    """The tickets of a search that this agent may see, in the order of their list."""
    found = find(agent, code, words)
    return listed(agent, found, asked(agent, found)) if found else Ticket.objects.none()


def asked(agent: Agent, search: Search) -> asking.Asked:
    """What a search means for this agent in this minute; a search for nothing finds nothing."""
    return asking.ask(search.query, agent, minute()) if search.query else asking.NOTHING


def listed(agent: Agent, search: Search, meant: asking.Asked) -> QuerySet[Ticket]:
    """The tickets of what was asked that this agent may see, in order."""
    seen = Ticket.objects.visible_to(agent).filter(meant.where)
    return seen.order_by("due", "pk") if search.by_due else seen.order_by("-updated", "-pk")


def counts(agent: Agent, known: State | None = None) -> dict[str, int]:
    """How many tickets each search holds, up to a hundred, until an entry is added or a minute passes.

    What takes long to count is counted every five seconds.
    """
    now = known or state(agent)
    key, slow, begun = ("counts", agent.pk), ("slow counts", agent.pk), monotonic()
    span = (now.saved, begun // LONGEST)
    found: dict[str, int] | None = kept.find(key, now.mark) or kept.find(slow, span) or _standing(agent, now)
    if found is None:
        _at_it.add(agent.pk)
        try:
            found = _count(agent, now)
        finally:
            _at_it.discard(agent.pk)
        kept.put(key, now.mark, found)
        is_slow = monotonic() - begun > SLOW
        kept.put(("standing counts", agent.pk), now.saved, found if is_slow else None)
        if is_slow:
            kept.put(slow, span, found)
    return {**found, "quarantine": now.quarantined, **_complaints(agent, now)}


def _standing(agent: Agent, now: State) -> dict[str, int] | None:
    """The slow counts of before, while another thread counts anew: eight pages need not count the same."""
    standing: dict[str, int] | None = kept.find(("standing counts", agent.pk), now.saved)
    return standing if agent.pk in _at_it else None


def _complaints(agent: Agent, now: State) -> dict[str, int]:
    if not now.manages:
        return {}
    standing = Complaint.objects.standing().visible_to(agent)
    return {"complaints": kept.keep(("complaints", agent.pk), now.mark, standing.count)}


def _count(agent: Agent, now: State) -> dict[str, int]:
    all_of = [search for search in offered(agent, now) if search.code != UNCOUNTED]
    # Making the question takes longer than answering it; within a minute it is the same.
    key = (agent.role, minute(), timezone.get_current_timezone_name(), now.saved)
    sql, values = kept.keep(("counting", agent.pk), key, partial(_counting, agent, all_of))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return {search.code: number for search, number in zip(all_of, row, strict=True)}


def _counting(agent: Agent, all_of: list[Search]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for search in all_of:
        seen = listed(agent, search, asked(agent, search)).order_by().values("pk")[: MOST + 1]
        # A question that nothing can answer has no SQL.
        sql, given = ("SELECT 1 WHERE 1 = 0", ()) if seen.query.is_empty() else seen.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS n{len(parts)})")  # noqa: S608 - the ORM's own SQL
        values += given
    return "SELECT " + ", ".join(parts), values


def _saved(agent: Agent) -> list[Search]:
    return [
        Search(
            each.code,
            each.name,
            "bookmark" if each.owner_id else "users",
            each.query,
            FOUND.empty,
            _("When something fits this search, it stands here by itself."),
            each.pk,
            "own" if each.owner_id else "team" if each.team_id else "all",
        )
        for each in SavedSearch.objects.offered_to(agent)
    ]


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
            " count(*), coalesce(sum(t.team_id), 0),"
            f" {aside if agent.sees_everything else 0},"
            " (SELECT coalesce(sum(id), 0) FROM people_team WHERE is_private),"
            " (SELECT coalesce(sum(ticket_id), 0) FROM tickets_ticket_barred WHERE agent_id = %s),"
            " (SELECT count(*) FROM tickets_mention WHERE agent_id = %s AND seen IS NULL),"
            " (SELECT coalesce(sum(revision), 0) FROM desk_savedsearch),"
            " EXISTS (SELECT 1 FROM complaints_rules r JOIN people_agent_teams m ON m.team_id = r.team_id"
            " WHERE m.agent_id = %s)"
            " FROM people_agent_teams t WHERE t.agent_id = %s",
            [agent.pk] * 4,
        )
        leaf, teams, places, number, private, barred, called, revisions, manages = cursor.fetchone()
    zone = timezone.get_current_timezone_name()
    of_saved = f"{teams}-{places}-{revisions}"
    seen = f"{agent.role}-{bytes(leaf or b'').hex()}-{private}-{barred}-{called}"
    return State(f"{seen}-{of_saved}-{minute():%d%H%M}-{zone}-{manages}", number, of_saved, bool(manages))
