"""Who looks at a ticket, and who writes: told to colleagues within a second, kept nowhere."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from ahadi.lib.board import Note, board
from ahadi.people.models import Agent

# Without a sign of life for so long somebody has gone; a page gives one every twenty seconds.
LIFE = 45.0
# Somebody who has not typed for so long does not write any more; the page says so again while they do.
TYPING = 12.0
TOUCH = "touch"


class Person(NamedTuple):
    """Somebody at a ticket."""

    pk: int
    name: str
    initials: str
    photo: str
    writes: bool


def say(number: str, agent: Agent, tab: str, *, writes: bool) -> None:
    """This agent has the ticket open in this tab."""
    what = [agent.pk, agent.name, agent.initials, agent.photo]
    board().put(number, f"{agent.pk}:{tab}", what, LIFE)
    if writes:
        board().put(number, f"{agent.pk}:{tab}:writes", what, TYPING)
    else:
        board().take(number, f"{agent.pk}:{tab}:writes")


def leave(number: str, agent: Agent, tab: str) -> None:
    """The tab shows something else now."""
    board().take(number, f"{agent.pk}:{tab}:writes")
    board().take(number, f"{agent.pk}:{tab}")


def touch(number: str) -> None:
    """Something about this ticket changed that is no entry, such as an answer that is about to leave."""
    board().put(number, TOUCH, time.time_ns(), LIFE)


def people(notes: Iterable[Note]) -> dict[str, list[Person]]:
    """Everybody at each ticket, once, however many tabs they have."""
    found: dict[str, dict[int, Person]] = {}
    for note in notes:
        if note.who == TOUCH or note.topic.startswith("~"):
            continue
        pk, name, initials, photo = note.what
        person = Person(pk, name, initials, photo, note.who.endswith(":writes"))
        at = found.setdefault(note.topic, {})
        if person.writes or person.pk not in at:
            at[person.pk] = person
    return {number: sorted(at.values()) for number, at in found.items()}


def touches(notes: Iterable[Note]) -> dict[str, int]:
    """When each ticket was touched last."""
    return {note.topic: note.what for note in notes if note.who == TOUCH}
