"""What mail servers report about mails sent earlier: RFC 3464, RFC 5965, and prose."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from contextlib import suppress
from dataclasses import replace
from email.message import Message
from email.parser import HeaderParser
from typing import Any

from ahadi.lib.mail.headers import addresses, decoded, ids, raw_values, text_of
from ahadi.lib.mail.message import Bounce, Mail

MAX_RECIPIENTS = 200
MAX_NOTICE = 100_000
# Actions of RFC 3464, section 2.3.3, that are no failure.
ARRIVED = {"delivered", "relayed", "expanded"}

_ADDRESS = r"[^\s<>()\[\]:;,\"'\\]{1,64}@[^\s<>()\[\]:;,\"'\\]{1,255}"
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ \-#;,])")
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery|mail administrator|deliver", re.IGNORECASE)
_FAILURE = re.compile(
    r"undeliver|not (?:yet )?(?:be(?:en)? )?deliver|(?:delivery|mail).{0,40}fail|fail.{0,30}deliver"
    r"|returned (?:mail|to sender)|failure notice|delivery status|delivery.{0,20}delay|message.{0,40}delayed"
    r"|could not send|not reach|non remis|unzustellbar|rejected",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^.{0,12}(?:copy of (?:the|your) message|original message|header of the original|message header follow"
    r"|unsent message|returned message).{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_LINE_OF_RECIPIENT = re.compile(
    rf"^[ \t]*<?({_ADDRESS})>?[ \t]*(?::|\.\.\.|on [A-Z\d]|;|\(|,|$)", re.MULTILINE
)
_NAMED_RECIPIENT = re.compile(rf"(?:<|: |to |recipient )({_ADDRESS})", re.IGNORECASE)
_DELAYED = re.compile(r"not yet been delivered|delay|will (?:be )?retr|warning", re.IGNORECASE)

# Enhanced status codes (RFC 3463) that tell the reason by themselves, then words for the rest.
REASON_OF_STATUS = {
    "1.1": "userunknown",
    "1.2": "hostunknown",
    "1.3": "userunknown",
    "1.6": "hasmoved",
    "1.8": "rejected",
    "1.10": "userunknown",
    "2.1": "suspend",
    "2.2": "mailboxfull",
    "2.3": "exceedlimit",
    "3.4": "mesgtoobig",
    "4.1": "networkerror",
    "4.4": "hostunknown",
    "4.6": "networkerror",
    "4.7": "expired",
}
REASON_WORDS = (
    (
        "expired",
        r"timed? ?out|expired|too long|retry time|retry timeout|gave? up|will not be retried"
        r"|hours on the queue",
    ),
    ("mailboxfull", r"quota|(?:mail)?box (?:is )?full|over ?limit|insufficient storage|exceeds allowed size"),
    (
        "hostunknown",
        r"host (?:or domain name )?not found|unknown host|domain.{0,30}(?:not|n't) exist"
        r"|no such domain|nxdomain",
    ),
    ("spamdetected", r"\bspam|junk|bulk mail"),
    ("blocked", r"block(?:ed|list)|blacklist|denied|access"),
    (
        "userunknown",
        r"user.{0,10}unknown|unknown (?:user|recipient|address)"
        r"|no such (?:user|recipient|mailbox|address|person)"
        r"|(?:not|n't) (?:exist|recognized|listed)|does not like recipient"
        r"|invalid (?:recipient|mailbox)|not a valid",
    ),
    ("suspend", r"suspend|disabled|inactive|deactivat"),
    ("mesgtoobig", r"too (?:big|large)|size (?:limit|exceed)|exceeds.{0,20}size"),
    (
        "networkerror",
        r"connection (?:refused|reset|lost)|network|unreachable|loops? back|route to host|hop count",
    ),
    ("policyviolation", r"policy|dmarc|spf|dkim|header error"),
    ("rejected", r"reject|refus|not a member|not accept"),
)
_REASONS = [(reason, re.compile(words, re.IGNORECASE)) for reason, words in REASON_WORDS]


def bounces_of(message: Message, parts: list[Message], mail: Mail) -> list[Bounce] | None:
    """One report for each recipient that was not reached, or None when the mail is no bounce."""
    original = _original_id(message, parts)
    reports = _delivery_reports(message, parts, original) or _complaints(parts, original)
    if reports is None:
        reports = _notices(mail) or _prose(message, parts, mail, original)
    return reports[:MAX_RECIPIENTS] or None


def _delivery_reports(message: Message, parts: list[Message], original: str) -> list[Bounce] | None:
    """The machine-readable part, also where it was sent as plain text; None when there is none."""
    blocks = [block for part in parts for block in _status_blocks(part)]
    blocks = [
        block
        for block in blocks
        if raw_values(block, "Final-Recipient") or raw_values(block, "Original-Recipient")
    ]
    if not blocks:
        return None
    found: dict[str, Bounce] = {}
    for block in blocks:
        if text_of(block, "Action").split(" ")[0].lower() not in ARRIVED:
            bounce = _named_better(_from_block(block, original), message)
            found.setdefault(bounce.recipient, bounce)
    return list(found.values())


def _named_better(bounce: Bounce, message: Message) -> Bounce:
    """Some servers name the file of the mailbox; the header then names the address."""
    failed = re.findall(_ADDRESS, " ".join(raw_values(message, "X-Failed-Recipients")))
    if "@" in bounce.recipient or len(failed) != 1:
        return bounce
    return replace(bounce, recipient=failed[0].lower())


def _status_blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    kind = part.get_content_type()
    if kind in ("message/delivery-status", "message/global-delivery-status", "message/feedback-report"):
        if not isinstance(payload, list):
            return _blocks_in(str(payload))
        blocks = [block for block in payload if isinstance(block, Message)]
        # Read as one mail, or not unpacked, where the standard library knows it less well.
        within = "\n\n".join(_unpacked(part, block) for block in blocks)
        return blocks + (_blocks_in(within) if "final-recipient" in within.lower() else [])
    if kind == "text/plain" or kind.startswith("multipart/"):
        content = part.get_payload(decode=True)
        text = content[:100_000].decode("utf-8", "replace") if isinstance(content, bytes) else ""
        return _blocks_in(text) if "final-recipient" in text.lower() else []
    return []


def _unpacked(part: Message, block: Message) -> str:
    content = block.get_payload(decode=True)
    content = content[:MAX_NOTICE] if isinstance(content, bytes) else b""
    if text_of(part, "Content-Transfer-Encoding").strip().lower() == "base64":
        with suppress(ValueError):
            content = b64decode(content)
    return content.decode("utf-8", "replace")


def _blocks_in(text: str) -> list[Message]:
    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return [HeaderParser().parsestr(paragraph.lstrip()) for paragraph in paragraphs[:MAX_RECIPIENTS]]


def _from_block(block: Message, original: str) -> Bounce:
    diagnostic = text_of(block, "Diagnostic-Code").partition(";")[2].strip() or text_of(
        block, "Diagnostic-Code"
    )
    written = _STATUS.search(text_of(block, "Status"))
    told = _STATUS.search(diagnostic)
    recipient = _recipient(text_of(block, "Final-Recipient")) or _recipient(
        text_of(block, "Original-Recipient")
    )
    action = text_of(block, "Action").split(" ")[0].lower()
    # The relaying server often writes a general code; the words of the other side hold the true one.
    status = told[1] if told else written[1] if written else "4.0.0" if action == "delayed" else "5.0.0"
    permanent = action != "delayed" and not status.startswith("4")
    return Bounce(recipient, permanent, status, _reason(status, diagnostic), diagnostic[:1_000], original)


def _recipient(value: str) -> str:
    found = re.search(_ADDRESS, value.partition(";")[2] or value)
    return found.group().lower() if found else value.partition(";")[2].strip("<> ")[:320]


def _complaints(parts: list[Message], original: str) -> list[Bounce] | None:
    """Somebody pressed the spam button (RFC 5965): no failure, but no mail is wanted there."""
    for part in parts:
        if part.get_content_type() != "message/feedback-report":
            continue
        blocks = _status_blocks(part)
        names = [
            text_of(block, "Original-Rcpt-To") or text_of(block, "Removal-Recipient") for block in blocks
        ]
        kind = next(
            (text_of(block, "Feedback-Type") for block in blocks if raw_values(block, "Feedback-Type")),
            "abuse",
        )
        recipient = next((_recipient(name) for name in names if name), "")
        return [Bounce(recipient, False, "", "feedback", kind, original)]
    return None


def _prose(message: Message, parts: list[Message], mail: Mail, original: str) -> list[Bounce]:
    named = [
        found for value in raw_values(message, "X-Failed-Recipients") for found in re.findall(_ADDRESS, value)
    ]
    empty_path = any(value.strip() == "<>" for value in raw_values(message, "Return-Path"))
    daemon = bool(_DAEMON.search(f"{mail.sender.email.rpartition('@')[0]} {mail.sender.name}"))
    words = f"{mail.subject}\n{mail.text[:2_000]}"
    # In any language: a status code in the mail of a mail server is a report.
    if not named and not ((daemon or empty_path) and (_FAILURE.search(words) or _STATUS.search(words))):
        return []
    if text_of(message, "Auto-Submitted").lower().startswith("auto-replied") and not daemon and not named:
        return []
    report = _COPY.split(mail.text[:20_000], maxsplit=1)[0]
    own = {box.email for box in [*mail.to, mail.sender]}
    lines = list(_LINE_OF_RECIPIENT.finditer(report))
    failed = {name.lower() for name in named}
    starts = [found for found in lines if found[1].lower() in failed]
    starts = starts or [found for found in lines if found[1].lower() not in own] or lines
    found: dict[str, Bounce] = {}
    ends = [*(following.start() for following in starts[1:]), len(report)]
    for start, end in zip(starts, ends, strict=False):
        words = report[start.start() : end]
        found.setdefault(start[1].lower().rstrip("."), _from_words(start[1], words, mail.subject, original))
    if not found and not named:
        named = _sent_to(parts)
    if not found:
        likely = [name for name in _NAMED_RECIPIENT.findall(report) if name.lower() not in own]
        likely = likely or [name for name in re.findall(_ADDRESS, report) if name.lower() not in own]
        for name in named or likely[:1]:
            found.setdefault(name.lower(), _from_words(name, report, mail.subject, original))
    return list(found.values())


def _notices(mail: Mail) -> list[Bounce]:
    """What Amazon's mail service writes: JSON as the text of a mail."""
    # Some servers break long lines with a mark of their own.
    text = mail.text[:MAX_NOTICE].lstrip().replace("!\n ", "")
    if not text.startswith("{") or "Recipients" not in text:
        return []
    try:
        told, _ = json.JSONDecoder().raw_decode(text)
        original = str(told.get("mail", {}).get("messageId", ""))
        if kind := told.get("complaint"):
            named = [each["emailAddress"].lower() for each in kind["complainedRecipients"]]
            return [Bounce(name, False, "", "feedback", "abuse", original) for name in named]
        bounce = told.get("bounce", {})
        rows = bounce.get("bouncedRecipients", [])
        return [_from_notice(row, bounce.get("bounceType", ""), original) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _from_notice(row: dict[str, Any], kind: str, original: str) -> Bounce:
    diagnostic = str(row.get("diagnosticCode", ""))
    permanent = kind == "Permanent"
    written = _STATUS.search(str(row.get("status", ""))) or _STATUS.search(diagnostic)
    status = written[1] if written else "5.0.0" if permanent else "4.0.0"
    recipient = str(row["emailAddress"]).lower()
    return Bounce(recipient, permanent, status, _reason(status, diagnostic), diagnostic[:1_000], original)


def _sent_to(parts: list[Message]) -> list[str]:
    """Where the report names nobody: the one recipient of the mail that came back with it."""
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            enclosed = payload[0]
            if isinstance(enclosed, Message):
                boxes = addresses(enclosed, "To")
                return [box.email for box in boxes] if len(boxes) == 1 else []
    return []


def _from_words(recipient: str, words: str, subject: str, original: str) -> Bounce:
    told, replied = _STATUS.search(words), _REPLY.search(words)
    status = told[1] if told else f"{replied[1][0]}.0.0" if replied else ""
    delayed = bool(_DELAYED.search(subject)) or "not yet been delivered" in words
    status = status or ("4.0.0" if delayed else "5.0.0")
    permanent = not status.startswith("4") and not delayed
    diagnostic = re.sub(r"\s+", " ", words).strip()[:1_000]
    return Bounce(
        recipient.lower().rstrip("."), permanent, status, _reason(status, diagnostic), diagnostic, original
    )


def _reason(status: str, words: str) -> str:
    known = REASON_OF_STATUS.get(status.partition(".")[2], "")
    if known:
        return known
    return next((reason for reason, pattern in _REASONS if pattern.search(words)), "other")


def _original_id(message: Message, parts: list[Message]) -> str:
    """The id of the mail that came back, to find the message it belongs to."""
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            enclosed = payload[0]
            if isinstance(enclosed, Message) and (found := ids(enclosed, "Message-ID")):
                return found[0]
        elif part.get_content_type() in ("text/rfc822-headers", "message/global-headers", "text/plain"):
            content = part.get_payload(decode=True)
            text = content[:200_000].decode("utf-8", "replace") if isinstance(content, bytes) else ""
            if found_in_text := re.search(
                r"^message-id:\s*(<[^<>\s]{1,998}>)", text, re.IGNORECASE | re.MULTILINE
            ):
                return decoded(found_in_text[1])
    replied = ids(message, "In-Reply-To")
    return replied[0] if replied else ""
