"""What stands where words were erased: when, why, and by which right, in the language that is active."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ahadi.calendars import dates
from ahadi.lib import clock
from ahadi.tickets.models.erasure import Reason

MARK = "erased"
# The General Data Protection Regulation gives each reason a place of its own.
ARTICLES = {
    Reason.NOT_NEEDED: "17(1)(a)",
    Reason.WITHDRAWN: "17(1)(b)",
    Reason.OBJECTED: "17(1)(c)",
    Reason.UNLAWFUL: "17(1)(d)",
    Reason.DUTY: "17(1)(e)",
    Reason.TERM: "5(1)(e)",
}


def mark(reason: str) -> dict[str, str]:
    """What the emptied row keeps: the moment and the code of the reason."""
    return {"at": clock.now().isoformat(), "reason": reason}


def sentence(data: Mapping[str, Any] | None) -> str:
    """The sentence in place of the words; empty where none were erased."""
    found = (data or {}).get(MARK)
    if not found:
        return ""
    if not isinstance(found, dict):
        return _("These words were erased as the law asks.")
    language = translation.get_language() or "en"
    day = dates.long_day(datetime.fromisoformat(found["at"]), language, timezone.get_current_timezone())
    reason = Reason(found["reason"])
    given = {"day": day, "reason": reason.label, "article": f"\u2066{ARTICLES[reason]}\u2069"}
    return _("These words were erased on %(day)s. %(reason)s (GDPR, article %(article)s).") % given
