"""Other companies' trackers, which answer with ids that nobody has seen and keep to a key of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import Q, QuerySet

from ahadi.channels.email import Mail
from ahadi.channels.models import RawMessage
from ahadi.tickets.models import Ticket

# Every mail about one matter begins its ids like this; what follows is new each time.
_JIRA = re.compile(r"<(JIRA\.\d{1,12}\.\d{1,16})[.@][^<>\s]{1,200}>", re.IGNORECASE)
_SERVICE_NOW = re.compile(r"\b((?:INC|REQ|RITM|CS|CHG|PRB)\d{7,12})\b")


def is_of_one(mail: Mail) -> bool:
    """It comes from a tracker, or answers one."""
    return bool(_matters(mail) or mail.header("x-servicenow-generated"))


def find(mail: Mail, raw: RawMessage) -> Iterator[tuple[Ticket, str]]:
    """The ticket of an earlier mail about the same matter of the same tracker."""
    for key in _matters(mail):
        # The dot or the sign behind it, or 10 would find 100.
        begins = Q(message_id__startswith=f"<{key}.") | Q(message_id__startswith=f"<{key}@")
        yield from _of(_earlier(raw).filter(begins), key)
    if mail.header("x-servicenow-generated"):
        for key in dict.fromkeys(_SERVICE_NOW.findall(mail.subject)[:3]):
            from_there = _earlier(raw).filter(entry__address__value=mail.sender.email.lower())
            yield from _of(from_there.filter(subject__contains=key), key)


def _matters(mail: Mail) -> list[str]:
    named = (_JIRA.match(text) for text in [mail.message_id, *mail.in_reply_to])
    return list(dict.fromkeys(found[1] for found in named if found))


def _earlier(raw: RawMessage) -> QuerySet[RawMessage]:
    return RawMessage.objects.filter(entry__isnull=False).exclude(pk=raw.pk)


def _of(same: object, key: str) -> list[tuple[Ticket, str]]:
    row = same.select_related("entry__ticket").order_by("pk").first()  # type: ignore[attr-defined]
    return [(row.entry.ticket, key)] if row is not None and row.entry is not None else []
