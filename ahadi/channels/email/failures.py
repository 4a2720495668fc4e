"""Why a mail did not arrive, each with a sentence and the next step for whoever wrote it."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ahadi.channels.email import trouble
from ahadi.lib.mail.bounces import REASON_OF_STATUS, REASON_WORDS

Text = str | Promise


class Failure(NamedTuple):
    """What happened to a mail, and what to do about it."""

    code: str
    what: Text
    next: Text


_OTHER_WAY = _("Look for a typing error in the address, or reach the customer another way.")
_LATER = _("Send it again later, or reach the customer another way.")
_ADMINISTRATOR = _("Reach the customer another way and tell an administrator what the other server said.")

# The codes are those of lib/mail/bounces.py; `own` is our own mail server.
TABLE = {
    failure.code: failure
    for failure in (
        Failure("userunknown", _("There is no such mailbox at the other side."), _OTHER_WAY),
        Failure("hostunknown", _("The part behind the @ is no domain that takes mail."), _OTHER_WAY),
        Failure("hasmoved", _("The mailbox has moved to another address."), _("Ask for the new address.")),
        Failure("suspend", _("The mailbox is switched off at the moment."), _LATER),
        Failure("mailboxfull", _("The mailbox is full."), _LATER),
        Failure(
            "exceedlimit",
            _("The other side takes no mail as large as this one."),
            _("Send it without its files, or with smaller ones."),
        ),
        Failure(
            "mesgtoobig",
            _("The other side takes no mail as large as this one."),
            _("Send it without its files, or with smaller ones."),
        ),
        Failure("spamdetected", _("The other side took the mail for spam."), _ADMINISTRATOR),
        Failure("blocked", _("The other side takes no mail from our server."), _ADMINISTRATOR),
        Failure("policyviolation", _("The other side's rules forbid this mail."), _ADMINISTRATOR),
        Failure("rejected", _("The other side refused the mail."), _ADMINISTRATOR),
        Failure("expired", _("The other side did not take the mail for a whole day."), _LATER),
        Failure("networkerror", _("The way to the other side was broken."), _LATER),
        Failure("feedback", _("The reader marked the mail as spam."), _("Reach the customer another way.")),
        Failure(
            "busy",
            _("The other side asks to come again later."),
            _("It is tried again by itself for a day; you are told if it stays so."),
        ),
        Failure(
            "own",
            _("Our own mail server could not be used."),
            _("It is tried again by itself for a day; an administrator sees the reason in the outbox."),
        ),
        Failure(
            "broken",
            _("The connection broke in the middle, so the mail may have arrived or not."),
            _("Ask the customer or look for an answer. If it did not arrive, send it again."),
        ),
        Failure("other", _("The other side did not take the mail."), _OTHER_WAY),
    )
}

# Sign-in, certificates and limits of our own server say this too (RFC 4954, RFC 3463).
_OWN = re.compile(r"^(?:5(?:30|34|35|38)\b|454 4\.7)|\b5\.7\.(?:8|9|30|139|57)\b")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3}\.\d{1,3})(?![\d.])")
_WORDS = [(code, re.compile(words, re.IGNORECASE)) for code, words in REASON_WORDS]
_CODE = re.compile(r"^([a-z_]+): ")


def read(error: str, status: str = "") -> Failure:
    """What an error means, as servers write it ("550 5.1.1 No such user"), or the network ("closed: …")."""
    return TABLE[_code(f"{status} {error}".strip())]


def trouble_in(error: str) -> trouble.Explained | None:
    """What is wrong with a server of ours, as a job keeps it ("closed: mail.example:587"), if that is it."""
    found = _CODE.match(error)
    return trouble.TABLE.get(found[1]) if found else None


def name(found: trouble.Trouble, place: str) -> str:
    """Trouble with a mail server of ours at this place, as a delivery keeps it."""
    return f"{found.code}: {place} {found.said}".rstrip()


def _code(error: str) -> str:
    own = _CODE.match(error)
    if (own and own[1] in trouble.TABLE) or _OWN.search(error):
        return "own"
    if error.startswith("doubt: "):
        return "broken"
    found = _STATUS.search(error)
    if found and (known := REASON_OF_STATUS.get(found[2])):
        return known
    by_words = next((code for code, pattern in _WORDS if pattern.search(error)), "")
    if by_words:
        return by_words
    return "busy" if (found and found[1] == "4") or re.match(r"4\d\d\b", error) else "other"
