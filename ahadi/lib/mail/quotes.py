"""What the sender of a mail wrote, without the history below it; only for showing."""

from __future__ import annotations

import re
from itertools import groupby, islice
from operator import itemgetter

from ahadi.lib.mail.blocks import (
    MAX_LINES,
    Line,
    attribution,
    header_block,
    is_label_above_quote,
    is_separator,
    lines_of,
)

_END = re.compile(r"\r\n|\r|\n")
_SIGNATURE = re.compile(r"^(?:--|__|—)\s*$")
_LIST_FOOTER = re.compile(r"^_{20,}$")
_VISIBLE = re.compile(r"\w|[^\s\W]|[^\s\x00-\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def new_text(text: str) -> str:
    """The text without quoted mail; everything when nothing visible would be left."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(piece for piece, is_new in split(text) if is_new)


def split(text: str) -> list[tuple[str, bool]]:
    """All of the text in order, cut into what is new (true) and what is history (false)."""
    whole = _lines_with_ends(text)
    lines = lines_of("\n".join(line.rstrip("\r\n") for line in whole))
    start = _begin(lines)
    end = _cut(lines, start)
    kept = set(_without_middle_quote(lines, start, end))
    if end == len(lines):
        kept.update(range(len(lines), len(whole)))
    pieces = _joined([(line, number in kept) for number, line in enumerate(whole)])
    pieces = _without_margins(pieces)
    return pieces if any(is_new and _VISIBLE.search(piece) for piece, is_new in pieces) else [(text, True)]


def _lines_with_ends(text: str) -> list[str]:
    """The lines that are looked at, each with its line break, and the rest in one piece."""
    ends = [found.end() for found in islice(_END.finditer(text), MAX_LINES)]
    starts = [0, *ends]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True) if start < end]


def _joined(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    groups = groupby(pieces, key=itemgetter(1))
    return [("".join(piece for piece, _ in group), is_new) for is_new, group in groups]


def _without_margins(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Blank lines around what is new belong to what is hidden."""
    new = [number for number, (_, is_new) in enumerate(pieces) if is_new]
    if not new:
        return pieces
    first, last = pieces[new[0]][0], pieces[new[-1]][0]
    lead = first[: len(first) - len(first.lstrip("\r\n"))]
    pieces[new[0]] = (first[len(lead) :], True)
    last = pieces[new[-1]][0]
    tail = last[len(last.rstrip()) :]
    pieces[new[-1]] = (last.rstrip(), True)
    pieces.insert(new[-1] + 1, (tail, False))
    pieces.insert(new[0], (lead, False))
    return _joined([(piece, is_new) for piece, is_new in pieces if piece])


def _begin(lines: list[Line]) -> int:
    """Where an answer starts that was written below the quotation."""
    at = _skip_blank(lines, 0)
    if at < len(lines) and not lines[at].is_quoted:
        length = attribution(lines, at, before_quote=True)
        below = _skip_blank(lines, at + length)
        if not length or below >= len(lines) or not lines[below].is_quoted:
            return 0
        at = below
    if at >= len(lines) or not lines[at].is_quoted:
        return 0
    end = _end_of_quote(lines, at)
    below = _skip_blank(lines, end)
    if below >= len(lines) or any(line.is_quoted for line in lines[below:]):
        return 0
    return below


def _cut(lines: list[Line], start: int) -> int:
    """The line where the history begins, or the number of lines."""
    answered_to = start
    for at in range(start, len(lines)):
        if lines[at].is_blank or at < answered_to:
            continue
        if _starts_history(lines, at, is_first=at == start):
            return _above_rulers(lines, start, at)
        if lines[at].is_quoted:
            answered_to = _end_of_quote(lines, at)
    return len(lines)


def _above_rulers(lines: list[Line], start: int, at: int) -> int:
    """A row of dashes right above the history belongs to it."""
    above = at
    while above > start and lines[above - 1].is_blank:
        above -= 1
    return above - 1 if above - 1 > start and not lines[above - 1].plain.strip("-_ ") else at


def _starts_history(lines: list[Line], at: int, is_first: bool) -> bool:
    line = lines[at]
    if is_separator(lines, at) or (line.is_ruler and _header_below(lines, at)):
        return True
    free = is_first or lines[at - 1].is_blank or lines[at - 1].is_ruler
    if (free or _is_sender(line)) and header_block(lines, at):
        return True
    if line.is_quoted:
        return _is_history(lines, at)
    length = attribution(lines, at, before_quote=True) or int(free and is_label_above_quote(lines, at))
    if length and _is_history(lines, at + length):
        return True
    return bool(attribution(lines, at, before_quote=False)) and _speaks_below(lines, at)


def _header_below(lines: list[Line], at: int) -> bool:
    below = _skip_blank(lines, at + 1)
    return below - at <= 3 and bool(header_block(lines, below, after_ruler=True))


def _is_sender(line: Line) -> bool:
    label = line.label
    return label is not None and label[0] == "sender"


def _speaks_below(lines: list[Line], at: int) -> bool:
    """An attribution above plain lines: all below is history, unless a quotation with answers follows."""
    return not any(line.is_quoted for line in lines[at + 1 : at + 8])


def _is_history(lines: list[Line], at: int) -> bool:
    """From here on nothing is said any more, but for a signature."""
    first = _skip_blank(lines, at)
    if first >= len(lines) or not lines[first].is_quoted:
        return False
    below = _skip_blank(lines, _end_of_quote(lines, first))
    if below >= len(lines):
        return True
    return _is_closing(lines[below]) or is_separator(lines, below)


def _is_closing(line: Line) -> bool:
    return bool(_SIGNATURE.match(line.plain.strip()) or _LIST_FOOTER.match(line.plain.strip()))


def _end_of_quote(lines: list[Line], at: int) -> int:
    """Behind the quotation; a word that a mail program wrapped out of it belongs to it."""
    while at < len(lines):
        if lines[at].is_quoted:
            at += 1
            continue
        following = _skip_blank(lines, at)
        if following < len(lines) and lines[following].is_quoted and lines[at].is_blank:
            at = following
            continue
        wrapped = not lines[at].is_blank and len(lines[at - 1].plain) > 60 and len(lines[at].plain) < 40
        if wrapped and at + 1 < len(lines) and lines[at + 1].is_quoted:
            at += 1
            continue
        break
    return at


def _without_middle_quote(lines: list[Line], start: int, end: int) -> list[int]:
    """Drop the one quotation between a greeting and the answer; several are answered one by one."""
    for at in range(start, end):
        length = 0 if lines[at].is_quoted else attribution(lines, at, before_quote=True)
        first = _skip_blank(lines, at + length)
        if length and first < end and lines[first].is_quoted:
            behind = _end_of_quote(lines, first)
            if any(line.is_quoted for line in lines[behind:end]):
                break
            return [*range(start, at), *range(behind, end)]
    return list(range(start, end))


def _skip_blank(lines: list[Line], at: int) -> int:
    while at < len(lines) and lines[at].is_blank:
        at += 1
    return at
