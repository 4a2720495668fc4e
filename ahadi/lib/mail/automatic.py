"""Which mail a machine sent, and which must never be answered or shown outside."""

from __future__ import annotations

import re
from email.message import Message

from ahadi.lib.folding import fold
from ahadi.lib.mail.headers import raw_values, text_of
from ahadi.lib.mail.message import Mail, Mailbox

ANSWERED_BY_MACHINE = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
)
SENT_TO_MANY = ("List-Id", "List-Unsubscribe", "List-Post", "Mailing-List", "Feedback-ID")
LOOPS = ("X-Loop", "X-MS-Exchange-Inbox-Rules-Loop")

_MACHINE_NAME = re.compile(
    r"mailer-daemon|postmaster|abuse|root|no[-_.]?reply.*|do[-_.]?not[-_.]?reply.*|bounces?\b.*|owner-.*|.*-request"
)
_PRECEDENCE = re.compile(r"\b(auto_reply|bulk|junk|list)\b")

# Folded words of five languages. A mail that asks to prove something belongs to the address, not to a guest.
_CODE_WORDS = re.compile(
    r"verif(?:y|ication) (?:code|your|e-?mail|link)"
    r"|confirm(?:ation)? (?:code|your (?:e-?mail|account|address))"
    r"|one[- ]time (?:code|pass(?:word|code)?|pin)|\botp\b|security code"
    r"|(?:log|sign)[- ]?in code|authentication code"
    r"|(?:your|the) (?:\S+ )?(?:code|passcode|pin) is|reset your password|password reset"
    r"|magic link|access code"
    r"|activate your account|two[- ](?:factor|step)"
    r"|کد (?:تایید|ورود|فعال سازی|فعالسازی|یک ?بار|امنیتی)|رمز (?:یک ?بار مصرف|یکبارمصرف|پویا)"
    r"|بازیابی (?:رمز|گذرواژه)|تایید (?:ایمیل|نشانی|حساب)"
    r"|קוד (?:ה?אימות|ה?אבטחה|ה?כניסה|ה?התחברות|חד[- ]פעמי)|סיסמה חד[- ]פעמית"
    r"|אימות (?:ה?כתובת|ה?חשבון|ה?דוא)|איפוס (?:ה?סיסמה)"
    r"|cod(?:ul)? (?:tau |dvs\.? )?(?:de )?"
    r"(?:verificare|confirmare|securitate|autentificare|acces|unica? folosinta)"
    r"|(?:confirma|verifica)(?:ti)?(?:-ti|-va)? (?:adresa|contul|e-?mail)|reset(?:area|eaza)(?:-ti)? parol"
    r"|(?:msimbo|nambari|kodi) (?:wako |yako )?(?:wa |ya )?(?:uthibitisho|kuthibitisha|usalama|siri|kuingia)"
    r"|thibitisha (?:barua|akaunti|anwani)|weka upya nenosiri"
)
_CODE = re.compile(r"(?<![\w-])(?:\d{4,8}|\d{3}[ -]\d{3})(?![\w-])|https?://")


def automatic_reason(message: Message, sender: Mailbox) -> str:
    """The first sign that a machine sent the mail, or an empty string for a person."""
    submitted = text_of(message, "Auto-Submitted").lower()
    if submitted and not re.match(r"no\b(?!-)", submitted):
        return "auto-submitted"
    for name in (*ANSWERED_BY_MACHINE, *SENT_TO_MANY, *LOOPS):
        if raw_values(message, name):
            return name.lower()
    for name in ("Precedence", "X-Precedence"):
        if _PRECEDENCE.search(text_of(message, name).lower()):
            return "precedence"
    if any(value.strip() == "<>" for value in raw_values(message, "Return-Path")):
        return "return-path"
    if message.get_content_type() == "multipart/report":
        return "report"
    if _MACHINE_NAME.fullmatch(sender.email.rpartition("@")[0].lower()):
        return "sender"
    return ""


def wants_no_answer(message: Message) -> bool:
    """The sender asked not to be answered by machines; says nothing about who wrote."""
    values = " ".join(raw_values(message, "X-Auto-Response-Suppress")).lower()
    return bool(re.search(r"\b(all|autoreply|oof)\b", values))


def is_loop(mail: Mail, instance_id: str) -> bool:
    """The mail carries the mark that this installation puts on what it sends."""
    marks = [value.strip().lower() for value in mail.headers.get("x-ahadi-loop", ())]
    return bool(instance_id) and instance_id.lower() in marks


def looks_like_code(mail: Mail) -> bool:
    """The mail carries a one-time code or a link that proves an address; never to be shown outside."""
    head = fold(f"{mail.subject}\n{mail.text[:4_000]}")
    return bool(_CODE_WORDS.search(head)) and bool(_CODE.search(head))
