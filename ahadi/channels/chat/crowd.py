"""Words of visitors in talks that go on, those of many at once in one transaction.

A busy minute is many short words of different people. Each goes through the one door as ever, with its leaf
and all that follows from it; what they share is the commit, and the way of their rows to the database.
Whatever is unusual about a word, such as a first one, one that was sent before or one in a merged request, is
left to `talks.say`, which knows every case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from ahadi.channels.chat import lines, talks
from ahadi.channels.models import Line, Site, Talk
from ahadi.ledger.models import Leaf
from ahadi.lib import clock, piece, together
from ahadi.lib.question import Question, filled
from ahadi.people.models import Team
from ahadi.tickets.models import Entry, Ticket

# Words that are looked up in one question.
SIZES = (1, 4, 12, 24)
# What is read of a talk that goes on; anything else would be asked for by itself.
READ = (
    *("visitor", "ended", "is_away", "last_line", "our_seen_line", "our_seen", "our_seen_by"),
    *("ticket__number", "ticket__address", "ticket__channel", "ticket__language", "ticket__status"),
    *("ticket__team", "ticket__assignee", "ticket__merged_into", "ticket__snoozed_until"),
    *("ticket__snoozed_for", "ticket__step_code", "ticket__step_text", "ticket__due"),
    *("ticket__waiting_since", "ticket__last_seq", "ticket__last_leaf", "ticket__last_public"),
    *("ticket__address__kind", "ticket__address__shown", "ticket__assignee__name", "ticket__assignee__photo"),
    *("visitor__site", "visitor__token_hash", "visitor__customer", "visitor__proof", "visitor__proven_until"),
    *("visitor__language", "visitor__time_zone", "visitor__seen", "visitor__ended"),
    "visitor__customer__name",
)
# What each of them becomes.
WRITTEN = [model._meta.db_table for model in (Entry, Leaf, Line)]


class Word(NamedTuple):
    """What a visitor sends, and the digest of their token."""

    digest: str
    client_id: UUID
    text: str


class Kept(NamedTuple):
    """A word that is written: its talk as it is now, and its line."""

    talk: Talk
    line: Line


def say(
    words: Sequence[Word],
    admit: Callable[[Sequence[Talk]], Sequence[bool]],
    before_commit: Callable[[list[Kept]], None],
) -> list[Kept | None]:
    """Write what can be written together; None stands for each word that has to go the ordinary way.

    `admit` may refuse this way to words in some talks. All are written or, where something is raised, none.
    """
    with piece.of_work(), transaction.atomic():
        # All is read before anything is written.
        newest = _read(words)
        found = [_next_in(newest.get(word.digest)) for word in words]
        going = {talk.pk: talk for talk in found if talk is not None}
        admitted = {pk for pk, may in zip(going, admit(list(going.values())), strict=True) if may}
        kept: list[Kept | None] = []
        with together.written(len(words), WRITTEN) as lot:
            for word, talk in zip(words, found, strict=True):
                if talk is None or talk.pk not in admitted:
                    kept.append(None)
                    continue
                # Another word in the same talk waits for this one.
                admitted.remove(talk.pk)
                lot.begin()
                kept.append(_keep(word, talk))
        before_commit([each for each in kept if each is not None])
    return kept


def _read(words: Sequence[Word]) -> dict[str, Talk]:
    """The newest talk of each visitor by their digest, with all that is asked of it."""
    # A few sizes are enough, so that each is put into SQL and planned once; the rest is filled up.
    size = next(size for size in SIZES if size >= len(words) or size == SIZES[-1])
    newest: dict[str, Talk] = {}
    for first in range(0, len(words), size):
        part = filled(words[first : first + size], size)
        asked = [each.client_id.hex for each in part] + [each.digest for each in part]
        for talk in _going_on(size).objects(*asked):
            newest.setdefault(talk.visitor.token_hash, talk)
    teams = all_teams()
    sites = piece.once(_SITES, lambda: {site.pk: site for site in _SITES.objects()})
    found = {}
    for digest, talk in newest.items():
        # One of a moment ago has all its words go the ordinary way.
        if talk.ticket.team_id in teams and talk.visitor.site_id in sites:
            # Many talk to the same few: what is counted out for one team holds for all its talks.
            talk.ticket.team = teams[talk.ticket.team_id]
            talk.visitor.site = sites[talk.visitor.site_id]
            found[digest] = talk
    return found


def all_teams() -> dict[int, Team]:
    """By their keys, with their hours."""
    return piece.once(_TEAMS, lambda: {team.pk: team for team in _TEAMS.objects()})


def _next_in(talk: Talk | None) -> Talk | None:
    """The talk in which a word is the next one, where nothing else is to be thought of."""
    if talk is None:
        return None
    visitor, ticket = talk.visitor, talk.ticket
    if talk.__dict__["is_sent"] or not talks.is_known(visitor) or visitor.seen < clock.now() - talks.FRESH:
        return None
    if visitor.customer is None or ticket.is_solved or ticket.step_code == Ticket.Step.ENDED:
        return None
    if visitor.is_proven and (current := talks.current(visitor)) and current.pk != talk.pk:
        # They talk in another browser.
        return None
    return talk


def _keep(word: Word, talk: Talk) -> Kept:
    visitor, ticket = talk.visitor, talk.ticket
    said = talks.said_by(visitor, visitor.customer, word.client_id, word.text, (), talk)  # type: ignore[arg-type]
    lines.hold(talk)
    # The row was read under the lock that this transaction holds.
    ticket._is_held = True
    entry: Entry = talks.go_on(ticket, said)
    return Kept(talk, entry.line)


@cache
def _going_on(size: int) -> Question:
    return Question(_build, gaps=2 * size)


def _build(*asked: int) -> QuerySet[Any, Any]:
    """From client ids and as many digests; rows are locked in one order by all who ask."""
    client_ids, digests = asked[: len(asked) // 2], asked[len(asked) // 2 :]
    gaps = ", ".join(["%s"] * len(client_ids))
    is_sent = (
        "EXISTS (SELECT 1 FROM channels_line AS own"  # noqa: S608 - gaps alone
        f" WHERE own.visitor_id = channels_talk.visitor_id AND own.client_id IN ({gaps}))"
    )
    return (
        Talk.objects.select_for_update(of=("self", "ticket", "visitor"))
        .filter(visitor__token_hash__in=digests, left=None, ticket__merged_into=None)
        .select_related("ticket__assignee", "ticket__address", "visitor__customer")
        .only(*READ)
        .annotate(is_sent=RawSQL(is_sent, client_ids, output_field=models.BooleanField()))  # noqa: S611
        .order_by("visitor__token_hash", "-begun", "-pk")
    )


_TEAMS = Question(lambda: Team.objects.select_related("working_hours"))
_SITES = Question(lambda: Site.objects.all())
