"""What was understood, as the desk shows it, and what a customer has said or tried already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ahadi.lib.folding import fold
from ahadi.tickets import hearing
from ahadi.tickets.models import Entry, Statement, Ticket, Words

if TYPE_CHECKING:
    from ahadi.desk.thread import Read

_STATES = {
    hearing.WRITTEN: "written",
    hearing.ASKED: "asked",
    hearing.CONFIRMED: "confirmed",
    hearing.CORRECTED: "corrected",
}
_SENTENCE = re.compile(r"(?<=[.!?؟…])\s+|\n+")
_WORD = re.compile(r"[^\W_]+")
# A draft is long only where something was pasted into it.
LONGEST, MOST_SAID, MOST_FOUND = 8_000, 40, 4
# Words with fewer letters say little; of the longer ones endings differ, so their beginnings are compared.
SHORTEST, BEGINNING = 3, 5
# Words that questions of all kinds are made of.
_EMPTY_WORDS = (
    "the and you your can could would please tell send does did have has had what when where which how why "
    "are was were will with for from that this there not yet try tried again once more first need know let "
    "lutfa لطفا آیا شما است این برای بفرستید بگویید چه کدام کجا چند לנו לך את אתה האם מה איזה בבקשה של זה "
    "va rog puteti care este sunt daca cum unde cand pentru tafadhali je una gani wapi lini kwa"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


class Repeat(NamedTuple):
    """A question or an advice of a draft, and where the customer said that already."""

    asked: str
    said: str
    seq: int
    is_tried: bool


def state(entries: Iterable[Read]) -> tuple[str, int]:
    """How far the hearing has come, with the entry that says so; empty for the customer's own words."""
    last = "", 0
    for entry in entries:
        if entry.code in _STATES:
            last = _STATES[entry.code], entry.seq
    return last


def repeats(ticket: Ticket, draft: str) -> list[Repeat]:
    """What this draft asks or advises although the customer has said or tried it, with the place."""
    sentences = [(sentence, _content(sentence)) for sentence in _sentences(draft[:LONGEST])]
    known = list(_known(ticket))
    found: dict[tuple[str, int], Repeat] = {}
    for asked, words in sentences:
        for said, seq, is_tried in known:
            if _is_same(asked, words, said, is_tried):
                found.setdefault((said, seq), Repeat(asked, said, seq, is_tried))
                break
    return list(found.values())[:MOST_FOUND]


def _is_same(asked: str, words: frozenset[str], said: str, is_tried: bool) -> bool:
    """They speak of the same: half of the shorter one's words, and two at least."""
    if not is_tried and not asked.rstrip().endswith(("?", "؟")):
        return False
    theirs = _content(said)
    shared = words & theirs
    return len(shared) >= min(2, len(theirs)) and len(shared) * 2 >= min(len(words), len(theirs)) > 0


def _known(ticket: Ticket) -> Iterator[tuple[str, int, bool]]:
    """What was tried first, then every sentence of the customer, oldest first."""
    statement = Statement.objects.filter(ticket=ticket).first()
    messages = Words.objects.filter(entry__ticket=ticket, entry__kind=Entry.Kind.MESSAGE)
    told = list(messages.order_by("entry__seq").values_list("entry__seq", "text", "new_text", "data"))
    for line in _sentences(statement.tried if statement else ""):
        yield line, _place(line, told), True
    for seq, text, new_text, data in told[:MOST_SAID]:
        tried = data.get("statement", {}).get("tried", "")
        for sentence in _sentences(new_text or text):
            yield sentence, seq, sentence in tried


def _place(line: str, told: Sequence[tuple[int, str, str, object]]) -> int:
    """The entry in which these words stand; the first one for words that an agent chose."""
    wanted = _content(line)
    for seq, text, _new_text, _data in told:
        if line in text or wanted <= _content(text):
            return seq
    return told[0][0] if told else 1


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE.split(text) if sentence.strip()]


def _content(text: str) -> frozenset[str]:
    words = (word for word in _WORD.findall(fold(text)) if len(word) >= SHORTEST and word not in _EMPTY)
    return frozenset(word[:BEGINNING] for word in words)
