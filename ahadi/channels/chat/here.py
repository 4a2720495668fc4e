"""That a visitor is here, and writes: told to the desk while it is so, kept nowhere.

The notes have the form of those of colleagues at a ticket, so that the desk shows both in one place.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

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


class Told(NamedTuple):
    """What the notes on the board say about talks, by tracking code."""

    # Talks whose visitor is here, and those whose visitor writes.
    present: set[str]
    writing: set[str]
    # Who of ours writes: the first name, and nothing of what is written.
    writers: dict[str, str]
    # When something about a talk changed last that is no entry.
    touches: dict[str, int]


_last = threading.local()


def told() -> Told:
    """What is so now; the same object as long as the board says the same."""
    notes = board().read()
    kept: tuple[list[Note], Told] | None = getattr(_last, "kept", None)
    if kept is None or kept[0] is not notes:
        kept = _last.kept = notes, _understood(notes)
    return kept[1]


def _understood(notes: list[Note]) -> Told:
    found = Told(set(), set(), {}, {})
    for topic, who, what in notes:
        if who == TOUCH:
            found.touches[topic] = what
        elif who in (WHO, WRITES):
            found.present.add(topic)
            if who == WRITES:
                found.writing.add(topic)
        elif who.endswith(":writes") and not topic.startswith("~"):
            found.writers[topic] = str(what[1]).split(" ")[0]
    return found


def _person(visitor: Visitor) -> list[object]:
    name = visitor.name
    if not name:
        with translation.override(Company.current().language):
            name = pgettext("somebody without a name", "Visitor")
    return [0, name, name[:1].upper(), ""]
