"""That a visitor is here, and writes: told to the desk while it is so, kept nowhere.

The notes have the form of those of colleagues at a ticket, so that the desk shows both in one place.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import pgettext

from ahadi.channels.models import Visitor
from ahadi.lib.board import Note, board
from ahadi.people.models import Company

# Without a sign of life for so long a visitor has gone; an open stream gives one every minute or so.
LIFE = 100.0
# Somebody who has not typed for so long does not write any more (rule W-24).
TYPING = 6.0
WHO = "visitor"
WRITES = f"{WHO}:writes"
TOUCH = "touch"


def come(number: str, visitor: Visitor) -> None:
    """The panel is open before somebody."""
    board().put(number, WHO, _person(visitor), LIFE)


def write(number: str, visitor: Visitor) -> None:
    """They are writing."""
    board().put(number, WRITES, _person(visitor), TYPING)


def stop(number: str) -> None:
    """They have sent it, or thought better of it."""
    board().take(number, WRITES)


def go(number: str) -> None:
    """They have gone."""
    board().take(number, WRITES)
    board().take(number, WHO)


def touch(number: str) -> None:
    """Something about the talk changed that is no entry, such as how far it was read."""
    board().put(number, TOUCH, time.time_ns(), LIFE)


def touches(notes: Iterable[Note]) -> dict[str, int]:
    """When each talk was touched last."""
    return {note.topic: note.what for note in notes if note.who == TOUCH}


def present(notes: Iterable[Note]) -> set[str]:
    """The tracking codes of talks whose visitor is here."""
    return {note.topic for note in notes if note.who in (WHO, WRITES)}


def writing(notes: Iterable[Note]) -> set[str]:
    """The tracking codes of talks whose visitor writes."""
    return {note.topic for note in notes if note.who == WRITES}


def writers(notes: Iterable[Note]) -> dict[str, str]:
    """Who of ours writes, by tracking code: the first name, and nothing of what is written."""
    return {
        note.topic: str(note.what[1]).split(" ")[0]
        for note in notes
        if note.who.endswith(":writes") and note.who != WRITES and not note.topic.startswith("~")
    }


def _person(visitor: Visitor) -> list[object]:
    name = visitor.name
    if not name:
        with translation.override(Company.current().language):
            name = pgettext("somebody without a name", "Visitor")
    return [0, name, name[:1].upper(), ""]
