"""The shapes of quoted mail, line by line: attributions, separators, blocks of headers."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice

from ahadi.lib.folding import fold
from ahadi.lib.mail.words import LABELS, ORIGINAL, WROTE

# Only so much of a mail is matched; every pattern here runs over one bounded line.
MAX_LINES = 1_000
MAX_LINE = 400

_FORMAT_MARKS = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
)
_SPACES = {0xA0: " ", 0x202F: " "}

_QUOTED = re.compile(r"^\s{0,3}(?:>|&gt;|\|(?=\s)(?!.*\|\s*$))")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[^\s<>()\[\]\"',;:]{1,255}")
_MAILBOX = re.compile(
    r"^[^<>@]{0,80}[<\[(](?:mailto:)?[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]{1,255}[>\])]\s*(?:<[^<>]*>|\[[^\[\]]*\])?$"
)
_DATE = re.compile(r"\d{1,2}[:.٫h]\d{2}|\b\d{4}\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")
_TO_THE_MINUTE = re.compile(r"\b\d{4}\b.{1,20}\d{1,2}[:.٫h]\d{2}")
_COLON = r"[:：՝]"
_COLONS = (":", "：", "՝")
_LABELLED = re.compile(
    rf"^[\s>*_]{{0,6}}([^\d\s:：՝*_][^:：՝*_\d]{{0,29}}?)[\s*_]{{0,3}}{_COLON}[\s*_]{{0,3}}(.{{0,300}})$"
)
_DASHED = re.compile(r"^[\s>*]*[-–—_=]{2,40}\s?([^-–—_=\d\n][^\d\n]{0,58}?)\s?[-–—_=]{2,40}[\s*]*$")
# Yahoo prints the separator and all headers in one line.
_DASHED_AND_MORE = re.compile(r"^[\s>*]*-{2,40}\s?([^-–—_=\d\n][^-\d\n]{0,58}?)\s?-{2,40}\s+(?=\S)")
# "---- On Tue, 22 Dec 2026 Jane wrote ----"
_DASHED_WROTE = re.compile(r"^[\s>*]*-{2,40}\s?([^-\s].{4,300}?)\s?-{2,40}\s*$")
_ANNOUNCED = re.compile(rf"^[\s>*]*([^\d\n]{{3,80}}?)\s?{_COLON}[\s*]*$")
_PROCESSED = re.compile(r"^[\s>*]*original message processed by\b", re.IGNORECASE)
_RULER = re.compile(r"^[\s*]*(?:[-–—_=*]\s?){5,80}$")
# A line that help desks put above what must not be answered into.
_REPLY_ABOVE = re.compile(r"^\s*##-.{1,200}-##\s*$")


class Line:
    """A line without invisible marks, once as written and once folded; what every line is asked is known."""

    def __init__(self, plain: str, folded: str) -> None:
        self.plain, self.folded = plain, folded
        self.is_blank = not plain or plain.isspace()
        self.is_quoted = _QUOTED.match(plain) is not None
        self.ends_in_colon = plain.rstrip().endswith(_COLONS)

    @cached_property
    def opens_attribution(self) -> bool:
        return bool(_DATE.search(self.plain) or _ADDRESS.search(self.plain))

    @cached_property
    def is_ruler(self) -> bool:
        return bool(_RULER.match(self.plain))

    @cached_property
    def is_dashed(self) -> bool:
        return bool(_DASHED.match(self.plain))

    @cached_property
    def label(self) -> tuple[str, str] | None:
        """Role and value, when the line reads as a header of a quoted mail; an unknown role is empty."""
        found = _LABELLED.match(self.plain)
        if found is None or len(found[1].split()) > 4 or found[2].startswith("//"):
            return None
        return LABELS.get(fold(found[1]).strip(), ""), found[2].strip().strip("*").strip()


def lines_of(text: str) -> list[Line]:
    """The first lines of a text, ready for matching; as many as are looked at."""
    plain = [_plain(line) for line in text.split("\n", MAX_LINES)[:MAX_LINES]]
    return [Line(line, fold(line)) for line in plain]


def _plain(line: str) -> str:
    if line.isascii():
        return line[:MAX_LINE].rstrip("\r ")
    return line[:MAX_LINE].translate(_FORMAT_MARKS).translate(_SPACES).rstrip("\r ")


def is_separator(lines: list[Line], at: int) -> bool:
    """Rows of dashes around the words "original message"; other words only when a quotation follows."""
    line = lines[at]
    if _REPLY_ABOVE.match(line.plain) or _PROCESSED.match(line.plain) or _is_announced(lines, at):
        return True
    told = _DASHED_WROTE.match(line.plain)
    if told and _DATE.search(told[1]) and WROTE.search(fold(told[1])):
        return True
    crowded = _DASHED_AND_MORE.match(line.plain)
    if crowded and ORIGINAL.search(fold(crowded[1])):
        return True
    found = _DASHED.match(line.plain)
    if found is None or len(found[1].split()) > 7:
        return False
    if ORIGINAL.search(fold(found[1])):
        return True
    following = next(
        (number for number in range(at + 1, min(at + 4, len(lines))) if not lines[number].is_blank), None
    )
    if following is None:
        return False
    if lines[following].is_quoted or header_block(lines, following, after_ruler=True):
        return True
    # Mail programs print at least six dashes on both sides; a heading of the writer's own comes in series.
    alike = list(islice((other for other in lines if other.is_dashed), 2))
    return len(alike) == 1 and bool(re.match(r"^-{6,}.*-{6,}$", line.plain.strip()))


def _is_announced(lines: list[Line], at: int) -> bool:
    """ "Begin forwarded message:" in many languages, with the headers right below."""
    found = _ANNOUNCED.match(lines[at].plain)
    if found is None or len(found[1].split()) > 6 or not ORIGINAL.search(fold(found[1])):
        return False
    below = next((number for number in range(at + 1, min(at + 4, len(lines))) if lines[number].label), None)
    return below is not None and bool(header_block(lines, below, after_ruler=True))


def header_block(lines: list[Line], at: int, after_ruler: bool = False) -> int:
    """How many lines the headers of a quoted mail take from here; 0 when there are none."""
    roles: list[str] = []
    values: list[str] = []
    number = at
    while number < min(at + 14, len(lines)):
        label = lines[number].label
        if label is not None:
            roles.append(label[0])
            values.append(label[1])
        elif not roles or not _continues(lines[number], roles[-1]):
            break
        number += 1
    return number - at if _is_header(roles, values, after_ruler) else 0


def _continues(line: Line, role: str) -> bool:
    """Long headers are wrapped with an indent; mailboxes also without."""
    if line.is_blank or line.plain[:1].isspace():
        return not line.is_blank
    return (role in ("to", "cc") and "@" in line.plain) or (
        role == "sender" and bool(_MAILBOX.match(line.plain.strip()))
    )


def _is_header(roles: list[str], values: list[str], after_ruler: bool) -> bool:
    known = {role for role in roles if role}
    if roles == ["sender"]:
        return bool(_MAILBOX.match(values[0]))
    addressed = any(map(_ADDRESS.search, values))
    # A journey also has from, to and date; a mail has a subject, an address, or year and minute.
    evident = addressed or after_ruler or "subject" in known or any(map(_TO_THE_MINUTE.search, values))
    if "sender" in known and len(known) >= 2 and roles[0]:
        return addressed or after_ruler or (evident and len(known) >= 3)
    if len(known) >= 3 and roles[0] and evident:
        return True
    dated = any(map(_DATE.search, values[:3]))
    if len(roles) < 3 or not dated:
        return False
    # In a language without known words: a mailbox, a moment and more, as only mail programs print it.
    if len(roles) >= 4 and _MAILBOX.match(values[0]):
        return True
    return after_ruler and any(map(_ADDRESS.search, values))


def attribution(lines: list[Line], at: int, before_quote: bool) -> int:
    """How many lines (up to 3) from here say who wrote the quotation below; 0 when none do."""
    length = 0
    for number in range(at, min(at + 3, len(lines))):
        line = lines[number]
        if line.is_blank or line.is_quoted or length + len(line.plain) > MAX_LINE:
            return 0
        length += len(line.plain.strip()) + bool(length)
        quote_follows = before_quote and _is_last(lines, number)
        # Cheap questions first: nearly every line of every mail comes by here.
        if not (line.ends_in_colon or quote_follows):
            continue
        if number > at and not lines[at].opens_attribution:
            return 0
        if _says_who_wrote(lines[at : number + 1], quote_follows):
            return number - at + 1
    return 0


def is_label_above_quote(lines: list[Line], at: int) -> bool:
    """One header alone, with the quotation right below it."""
    label = lines[at].label
    if label is None or not label[1] or not _is_last(lines, at):
        return False
    evidence = (
        _ADDRESS.search(label[1])
        or _DATE.search(label[1])
        or re.match(r"(?:re|fwd?|aw)\s?:", label[1].lower())
    )
    return bool(label[0] or evidence)


def _is_last(lines: list[Line], at: int) -> bool:
    """Nothing but blank lines stands between this line and the quotation."""
    for line in lines[at + 1 : at + 8]:
        if not line.is_blank:
            return line.is_quoted
    return False


def _says_who_wrote(lines: list[Line], quote_follows: bool) -> bool:
    colon = lines[-1].ends_in_colon
    plain = " ".join(line.plain.strip() for line in lines)
    folded = " ".join(line.folded.strip() for line in lines)
    addressed = bool(_ADDRESS.search(plain))
    dated = bool(_DATE.search(plain))
    if quote_follows and (colon or (dated and addressed)):
        return True
    if addressed and dated:
        return colon
    # The words of all languages cost most and are asked last.
    wrote = bool(WROTE.search(folded))
    if quote_follows:
        return wrote and len(plain.split()) < 15
    if addressed:
        return wrote and len(plain.split()) < 9
    return wrote and ((dated and len(plain.split()) < 25) or _is_name(plain))


def _is_name(plain: str) -> bool:
    """One to four capitalised words and a verb; scripts without capitals need more evidence."""
    words = plain.rstrip(" :：՝").split()[:-1]
    if words and words[-1] in ("a", "ha", "je", "hà"):
        words = words[:-1]
    return 2 <= len(words) <= 4 and all(word[:1].isupper() for word in words)
