"""Words of visitors in talks that go on, those of many at once in one transaction.

A busy minute is many short words of different people. Each goes through the one door as ever, with its leaf
and all that follows from it; what they share is the commit, and the way of their rows to the database.
Whatever is unusual about a word, such as a first one, one that was sent before or one in a merged request, is
left to `talks.say`, which knows every case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.db.models.expressions import RawSQL

from ahadi.channels.chat import lines, talks
from ahadi.channels.models import Line, Talk
from ahadi.lib import clock, piece, together
from ahadi.lib.question import Question
from ahadi.tickets.models import Entry, Ticket


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
    words: Sequence[Word], admit: Callable[[Talk], bool], before_commit: Callable[[list[Kept]], None]
) -> list[Kept | None]:
    """Write what can be written together; None stands for each word that has to go the ordinary way.

    `admit` may refuse a word to this way. All are written or, where something is raised, none.
    """
    with piece.of_work(), transaction.atomic():
        # All is read before anything is written.
        found = [_find(word) for word in words]
        kept: list[Kept | None] = []
        at_work: set[int] = set()
        with together.written() as lot:
            for word, talk in zip(words, found, strict=True):
                if talk is None or talk.pk in at_work or not admit(talk):
                    kept.append(None)
                    continue
                at_work.add(talk.pk)
                if lot is not None:
                    lot.begin()
                kept.append(_keep(word, talk))
        before_commit([each for each in kept if each is not None])
    return kept


def _find(word: Word) -> Talk | None:
    """The talk in which this word is the next one and nothing else is to be thought of."""
    found: list[Talk] = _GOING_ON.objects(word.client_id.hex, word.digest)
    if not found:
        return None
    talk = found[0]
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


_GOING_ON = Question(
    lambda client_id, digest: (
        Talk.objects.select_for_update(of=("self", "ticket", "visitor"))
        .filter(visitor__token_hash=digest, left=None, ticket__merged_into=None)
        .select_related(
            "ticket__team__working_hours",
            "ticket__assignee",
            "ticket__address",
            "visitor__site",
            "visitor__customer",
        )
        .annotate(
            is_sent=RawSQL(
                "EXISTS (SELECT 1 FROM channels_line AS own"
                " WHERE own.visitor_id = channels_talk.visitor_id AND own.client_id = %s)",
                [client_id],
                output_field=models.BooleanField(),
            )
        )
        .order_by("-begun", "-pk")[:1]
    )
)
