"""Events in words: the history keeps codes and data, the reader gets a sentence in their language.

One list for all of them: a code stands in one module of this package, and its function writes the sentence.
"""

from __future__ import annotations

from ahadi.desk.events import calls, chats, complaints, owners, promises, talk, work
from ahadi.desk.events.sentence import Data, Sentence, Write, name

__all__ = ["EVENTS", "Sentence", "read"]

EVENTS: dict[str, Write] = {
    **talk.EVENTS,
    **owners.EVENTS,
    **work.EVENTS,
    **promises.EVENTS,
    **complaints.EVENTS,
    **chats.EVENTS,
    **calls.EVENTS,
}


def read(code: str, data: Data, who: str) -> Sentence:
    """The sentence of an event; an unknown code is shown as it is rather than hidden."""
    write = EVENTS.get(code)
    return write(data, who) if write else Sentence(f"{name(who)}: {code}")
