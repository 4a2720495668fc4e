"""Pages of a list: one query read as tuples, dates in words before the template, next page by its key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ahadi.calendars import dates
from ahadi.desk import searches
from ahadi.lib import clock
from ahadi.lib.phrases import Phrase
from ahadi.people.models import Agent
from ahadi.tickets import excerpts
from ahadi.tickets.models import Ticket
from ahadi.tickets.operators import midnight

PER_PAGE = 50
SOON = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = (
    "pk", "number", "subject", "status", "channel", "due", "updated", "waiting_since", "priority",
    "requester__name", "address__shown",
)  # fmt: skip


class Row(NamedTuple):
    """One ticket as a list shows it."""

    number: str
    who: str
    subject: str
    status: str
    channel: str
    # The class of the time, the moment, and the time in words.
    look: str
    moment: str
    time: str
    waits: bool
    is_urgent: bool
    # Where words were looked for: the subject with them marked, and what stands around them.
    title: Sequence[excerpts.Piece] = ()
    excerpt: excerpts.Excerpt | None = None


@dataclass
class Group:
    """Rows that are due in the same stretch of time; the count is told only where the group is whole."""

    name: str
    is_bad: bool = False
    rows: list[Row] = field(default_factory=list)
    is_whole: bool = True


@dataclass
class Listing:
    """One page of a search."""

    groups: list[Group]
    after: str = ""
    # What could not be understood, in sentences.
    wrong: tuple[str, ...] = ()

    @property
    def numbers(self) -> list[str]:
        """The tracking codes on this page, in order."""
        return [row[0] for group in self.groups for row in group.rows]


def page(agent: Agent, code: str, after: str = "", words: str = "") -> Listing:
    """The rows of one search behind a cursor, grouped by when they are due."""
    search = searches.find(agent, code, words) or searches.FOUND
    meant, by_due = searches.asked(agent, search), search.by_due
    asked = _behind(searches.listed(agent, search, meant), after, by_due)
    if meant.phrases:
        # What is found by words has to be sorted: names are looked up for what stands on the page alone.
        asked = asked.model.objects.filter(pk__in=asked.values("pk")[: PER_PAGE + 1]).order_by(
            *asked.query.order_by
        )
    found = list(asked.values_list(*FIELDS)[: PER_PAGE + 1])
    more = found[PER_PAGE:]
    found = found[:PER_PAGE]
    groups = _by_due(found) if by_due else _by_change(found)
    if meant.phrases:
        _mark(groups, found, meant.phrases)
    if after and groups:
        groups[0].is_whole = False
    if more and groups:
        groups[-1].is_whole = False
    last = found[-1] if more else None
    cursor = _cursor(last[5] if by_due else last[6], last[0]) if last else ""
    return Listing(groups, cursor, meant.wrong)


def _mark(groups: list[Group], found: list[tuple[Any, ...]], phrases: Sequence[Phrase]) -> None:
    around = excerpts.excerpts((row[0] for row in found), phrases)
    keys = {row[1]: row[0] for row in found}
    for group in groups:
        group.rows = [
            row._replace(title=excerpts.pieces(row.subject, phrases), excerpt=around.get(keys[row.number]))
            for row in group.rows
        ]


def _behind(asked: QuerySet[Ticket], after: str, by_due: bool) -> QuerySet[Ticket]:
    moment, _dot, key = after.partition(".")
    # Nineteen digits would not fit into the database; a cursor nobody gave out means the first page.
    if not (moment.isdecimal() and key.isdecimal() and len(moment) < 18 and len(key) < 18):
        return asked
    at = EPOCH + timedelta(microseconds=int(moment))
    if by_due:
        return asked.filter(Q(due__gt=at) | Q(due=at, pk__gt=int(key)))
    return asked.filter(Q(updated__lt=at) | Q(updated=at, pk__lt=int(key)))


def _cursor(moment: datetime, key: int) -> str:
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}.{key}"


def _by_due(found: Iterable[tuple[Any, ...]]) -> list[Group]:
    now, minute = clock.now(), searches.minute()
    today, tomorrow = midnight(minute, 1), midnight(minute, 2)
    groups = {
        name: Group(name, is_bad)
        for name, is_bad in (
            (_("Broken"), True),
            (_("Today"), False),
            (_("Tomorrow"), False),
            (_("Later"), False),
        )
    }
    broken, day, next_day, later = groups.values()
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()
    for row in found:
        due = row[5]
        if due <= minute:
            group, look, text = broken, "row__due--late", dates.remaining(due, now, language).brief
        elif due < today:
            group, look, text = (
                day,
                "row__due--soon" if due - now < SOON else "",
                dates.remaining(due, now, language).brief,
            )
        else:
            group, look = (next_day if due < tomorrow else later), ""
            text = dates.short_when(due, language, zone)
        group.rows.append(_row(row, look, due, text))
    return [group for group in groups.values() if group.rows]


def _by_change(found: Iterable[tuple[Any, ...]]) -> list[Group]:
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()
    rows = [_row(row, "", row[6], dates.short_when(row[6], language, zone)) for row in found]
    return [Group("", rows=rows)] if rows else []


def _row(row: tuple[Any, ...], look: str, moment: datetime, text: str) -> Row:
    _pk, number, subject, status, channel, _due, _updated, waits, priority, name, shown = row
    who = name or shown or (_("Visitor") if channel == "chat" else number)
    return Row(
        number,
        who,
        subject,
        status,
        channel,
        look,
        moment.isoformat(),
        text,
        waits is not None,
        priority == 4,
    )
