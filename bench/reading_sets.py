"""The sets that `bench.reading` counts: mails with what a right answer has in it, and what it has not."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ahadi.lib.mail import Bounce, Mail, original_message, parse

LOOKED_AT, HELD_BACK = "looked at", "held back"
NEW = "My new words here.\nAnd a second line."
OLD = "These are the old words.\nAnd more of them."
BY = {
    "label_from": "Jane Roe <jane@example.org>",
    "label_to": "help@example.com",
    "label_cc": "b@example.com",
}
VALUES = {**BY, "label_date": "2 Dec 2026 11:00", "label_subject": "Re: Hello"}

# The last words that must stay, and the first of those that must go; what a signature is, is not judged.
REPLIES: dict[str, tuple[str, str]] = {
    "begins_with_signature": ("hope you can join", "w=\nrote:"),
    "caution": ("job at our end", ""),
    "correct_sig": ("correct -- signature", ""),
    "email_1_1": ("Java HTTP API", ""),
    "email_1_2": ("delete them all individually", ""),
    "email_1_3": ("Having the function", "Russell Brown"),
    "email_1_4": ("another problem with it", "Loader seems"),
    "email_1_5": ("for a while", ""),
    "email_1_6": ("proper rendering as well", "Was this caching"),
    "email_1_7": (":+1:", "Steps 0-2"),
    "email_1_8": ("and under this.", ""),
    "email_2_1": ("Outlook with a reply", "Dear Google Apps"),
    "email_2_2": ("directly above line", "A new comment"),
    "email_2_3": ("Outlook with a reply", "ubject:"),
    "email_3_1": ("nothing too hard here", "Fourth reply"),
    "email_BlackBerry": ("Here is another email", ""),
    "email_bullets": ("and another", "Give us an example"),
    "email_danish_1": ("Det lyder godt", "Hej Anders"),
    "email_danish_2": ("modtaget filerne", "Her er filerne"),
    "email_danish_3": ("Svar.", "Oprindelig besked"),
    "email_danish_4": ("Svar.", "Emne"),
    "email_danish_5": ("Svar.", ""),
    "email_gmail": ("replying to a github message", "outdated their version"),
    "email_headers_no_delimiter": ("And another reply!", "This is a message"),
    "email_iPhone": ("Here is another email", ""),
    "email_ja_1_1": ("こんにちは", ""),
    "email_ja_1_2": ("お待ちしております", "かしこまりました"),
    "email_long_quote": ("Java HTTP API", ""),
    "email_multi_word_sent_from_my_mobile_device": ("Here is another email", ""),
    "email_nl_1_2": ("met een antwoord", "Google Apps Sync"),
    "email_one_is_not_on": ("when I run...", "The good news"),
    "email_partial_quote_header": ("is not working", "odd issue"),
    "email_sent_from_my_not_signature": ("easier then my mobile phone", ""),
    "email_sent_from_not_signature": ("easier than my mobile phone", ""),
    "email_sig_delimiter_in_middle_of_line": ("And here is a fix -- this is not a signature.", ""),
    "email_sv_anon_1": ("fram till kl 15 idag", "Ursäkta mitt sena svar"),
    "email_swedish_1": ("vilket företag det gäller", "Jag har försökt"),
    "email_swedish_2": ("will update you once I am available", "Hej John"),
    "forward": ("without PU# and invoice?", ""),
    "greedy_on": ("is not working", "odd issue"),
    "multi_header": ("start a new order", "we are unable"),
    "outlook": ("My number is", ""),
    "pathological": ("get back to a computer", "shortening the reference"),
}


@dataclass(frozen=True)
class Case:
    """A mail, and how an answer is judged."""

    group: str
    name: str
    judge: Callable[[str], bool]
    text: str = ""
    html: str = ""


@dataclass
class Counted:
    """A set that only Ahadi is asked about, with the names of what was missed."""

    name: str
    total: int = 0
    missed: list[str] = field(default_factory=list)

    def count(self, name: str, is_right: bool) -> None:
        """Add one case."""
        self.total += 1
        if not is_right:
            self.missed.append(name)


def squeezed(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())


def counted(shared: Path, unseen: Path | None) -> Iterator[Counted]:
    """Mails that only have to be read: no exception, expected contents, bounces, forwarded mails."""
    files = [
        path for name in ("mail", "mailauth", "bounce", "reply") for path in shared.joinpath(name).rglob("*")
    ]
    files = [path for path in files if path.is_file()]
    yield _readable("every file of mail, mailauth, bounce, reply is read", files)
    yield _contents(shared / "mail" / "php-mime-mail-parser")
    yield _bounces("bounces: recipients and permanence", *_sisimai(shared / "bounce" / "sisimai"))
    if unseen is not None:
        known = {path.name for path in (shared / "bounce" / "sisimai" / "bsd").iterdir()}
        folder, wanted = _more_sisimai(unseen / "sisimai", known)
        for part, is_held in ((LOOKED_AT, False), (HELD_BACK, True)):
            rows = {file: row for file, row in wanted.items() if is_held_back(file) == is_held}
            yield _bounces(f"further bounces, {part}", folder, rows)
            yield _forwards(f"forwarded mails: crisp, {part}", unseen / "crisp-forward", is_held)


def cases(shared: Path, unseen: Path | None) -> Iterator[Case]:
    """Mails with old words below the new ones."""
    yield from _client_headers(shared / "reply" / "client-headers.jsonl")
    for name in ("github", "zapier", "alfonsrv"):
        yield from _marked(f"replies: {name}", shared / "reply" / name)
    yield from _talon(shared / "reply" / "talon", "talon")
    for page in sorted((shared / "reply" / "quotequail-html").glob("*reply*.html")):
        yield Case("HTML replies: quotequail", page.name, _loses("wrote:"), html=page.read_text())
    if unseen is not None:
        yield from _crisp(unseen / "crisp-reply")
        yield from _discourse(unseen / "discourse")


def is_held_back(name: str) -> bool:
    """Whether a case was not looked at while the rules were written: half of them, by their names."""
    return bool(zlib.crc32(name.encode()) % 2)


def _part(name: str) -> str:
    return HELD_BACK if is_held_back(name) else LOOKED_AT


def _readable(name: str, files: list[Path]) -> Counted:
    found = Counted(name)
    for path in files:
        try:
            defects = parse(path.read_bytes()).defects
            found.count(
                str(path), not any(defect.startswith(("unreadable", "headers:")) for defect in defects)
            )
        except Exception:
            found.count(str(path), False)
    return found


def _contents(folder: Path) -> Counted:
    found = Counted("expected subject, sender, recipients, text, attachments")
    for row in _rows(folder / "expected.jsonl"):
        path = folder / "mails" / row["file"]
        if path.exists():
            found.count(row["file"], _agrees(parse(path.read_bytes()), row))
    return found


def _agrees(mail: Mail, row: dict[str, Any]) -> bool:
    boxes = [(box.email, box.name or box.email) for box in [mail.sender, *mail.to]]
    wanted = [(box["address"], box["display"]) for box in row["from_addresses"] + row["to_addresses"]]
    names = [file["filename"] for file in row["attachments"]]
    kind, *arguments = row["text"]
    is_text = (
        mail.text == arguments[0].replace("\r\n", "\n") if kind == "MATCH" else arguments[1] in mail.text
    )
    return (
        boxes == wanted
        and mail.subject == row["subject"]
        and [file.name for file in mail.attachments] == names
        and is_text
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


# ── bounces ──────────────────────────────────────────────────────────────────

Wanted = list[tuple[str, bool]]


def _sisimai(folder: Path) -> tuple[Path, dict[str, Wanted]]:
    rows = [row for row in _rows(folder / "expected.jsonl") if row["recipients"]]
    return folder, {
        row["file"]: [(each["dsn"][:1], each["reason"] == "feedback") for each in row["recipients"]]
        for row in rows
    }


def _more_sisimai(folder: Path, known: set[str]) -> tuple[Path, dict[str, Wanted]]:
    """The upstream tests say what each mail reports: its number, then the status of each recipient."""
    found: dict[str, Wanted] = {}
    for test in sorted((folder / "t").glob("[67]*-lhost-*.t")):
        name = re.sub(r"^\d+-|\.t$", "", test.name)
        for row in re.finditer(r"^\s*'(\d\d)'\s*=>\s*\[(\[.*\])\s*\]", test.read_text(), re.MULTILINE):
            file = f"{name}-{row[1]}.eml"
            told = re.findall(r"\['([\d.]*)',\s*'\d*',\s*'(\w+)'", row[2])
            if file not in known and (folder / "bsd" / file).exists():
                # A notice that a mail arrived is no bounce.
                failed = [
                    (status[:1], reason == "feedback") for status, reason in told if reason != "delivered"
                ]
                found[f"bsd/{file}"] = failed
    return folder, found


def _bounces(name: str, folder: Path, wanted: dict[str, Wanted]) -> Counted:
    found = Counted(name)
    for file, recipients in wanted.items():
        reports = parse((folder / file).read_bytes()).bounce or []
        found.count(file, _matches(reports, recipients))
    return found


def _matches(reports: list[Bounce], recipients: Wanted) -> bool:
    """As many recipients, each with an address, and for each the right class: gone for good or for now."""
    if len(reports) != len(recipients):
        return False
    pairs = zip(reports, recipients, strict=True)
    return all(
        not kind or is_complaint or ("@" in report.recipient and report.permanent == (kind == "5"))
        for report, (kind, is_complaint) in pairs
    )


# ── forwarded mails ──────────────────────────────────────────────────────────


def _forwards(name: str, folder: Path, is_held: bool) -> Counted:
    found = Counted(name)
    for path in sorted((folder / "test" / "fixtures").glob("*body*.txt")):
        # The fourth variant is an answer, and must not be taken for a forwarded mail.
        if is_held_back(path.name) == is_held and "variant_4" not in path.name:
            original = original_message(Mail(text=path.read_text(encoding="utf-8")))
            is_found = original is not None and original.sender.email == "john.doe@acme.com"
            found.count(path.name, bool(is_found and original and "Aenean quis diam" in original.text))
    return found


# ── answers ──────────────────────────────────────────────────────────────────


def _client_headers(path: Path) -> Iterator[Case]:
    old = "\n".join(f"> {line}" for line in OLD.split("\n"))
    for row in _rows(path):
        head = row["template"].replace("{sender}", "Anna Müller").replace("{sent_date}", "2 Dec 2026 11:00")
        if row["kind"] in VALUES:
            head = f"{head} {VALUES[row['kind']]}"
        own = row["lang"] in ("en", "fa", "he", "ro")
        group = f"headers of a mail client, {'en, fa, he, ro' if own else '57 other languages'}"
        yield Case(group, f"{row['lang']} {row['kind']}", _equals(NEW), text=f"{NEW}\n\n{head}\n{old}\n")


def _marked(group: str, folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.txt")):
        if path.stem in REPLIES:
            keeps, loses = map(squeezed, REPLIES[path.stem])
            text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
            yield Case(group, path.name, _judge(keeps, loses), text=text)


def _talon(folder: Path, name: str) -> Iterator[Case]:
    for path in sorted((folder / "standard_replies").glob("*.eml")):
        expected = path.with_name(f"{path.stem}_reply_text")
        wanted = expected.read_text() if expected.exists() else "Hello"
        yield Case(f"replies: {name}", path.name, _equals(wanted), text=parse(path.read_bytes()).text)
    for path in sorted((folder / "html_replies").glob("*.html")):
        page = path.read_text(encoding="utf-8", errors="replace")
        yield Case(f"HTML replies: {name}", path.name, _equals("Hi. I am fine. Thanks, Alex"), html=page)


def _crisp(folder: Path) -> Iterator[Case]:
    """All of them answer with the same paragraph."""
    first, last = "Fusce bibendum, quam", "odio id arcu varius aliquet nec nec nibh."
    for path in sorted((folder / "test" / "fixtures").glob("*.txt")):
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        if first in text[:100] and last in text:
            rest = squeezed(text.split(last, 1)[1])
            yield Case(
                f"replies: crisp, {_part(path.name)}", path.name, _keeps_all_but(first, last, rest), text=text
            )


def _discourse(folder: Path) -> Iterator[Case]:
    for path in sorted((folder / "test" / "emails").glob("*.txt")):
        trimmed = folder / "test" / "trimmed" / path.name
        elided = folder / "test" / "elided" / path.name
        if not (trimmed.exists() and elided.exists()):
            continue
        wanted = squeezed(trimmed.read_text(encoding="utf-8", errors="replace"))
        gone = squeezed(elided.read_text(encoding="utf-8", errors="replace"))
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        yield Case(f"replies: discourse, {_part(path.name)}", path.name, _trims(wanted, gone), text=text)


def _equals(wanted: str) -> Callable[[str], bool]:
    return lambda answer: squeezed(answer) == squeezed(wanted)


def _loses(words: str) -> Callable[[str], bool]:
    return lambda answer: bool(answer.strip()) and words not in answer


def _judge(keeps: str, loses: str) -> Callable[[str], bool]:
    def judge(answer: str) -> bool:
        shown = squeezed(answer)
        return keeps in shown and not (loses and loses in shown)

    return judge


def _keeps_all_but(first: str, last: str, rest: str) -> Callable[[str], bool]:
    """The paragraph whole, and of the rest at most a signature: the last third of it is history."""
    tail = rest[-40:]
    return lambda answer: (
        first in answer and last in squeezed(answer) and not (tail and tail in squeezed(answer))
    )


def _trims(wanted: str, gone: str) -> Callable[[str], bool]:
    """All that is wanted is there, and if much is to go, its end is not; signatures may stay."""

    def judge(answer: str) -> bool:
        shown = squeezed(answer)
        words = squeezed(re.sub(r"^>+ ?", "", wanted))
        return (wanted in shown or words in shown or shown == wanted) and not (
            len(gone) > 60 and gone[-40:] in shown
        )

    return judge
