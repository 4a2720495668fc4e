"""What mail servers report about mails of ours, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ahadi.channels.email import failures


class Report(NamedTuple):
    """What became of a mail for one reader."""

    recipient: str
    is_final: bool
    text: str


def read(data: Mapping[str, Any]) -> list[Report]:
    """The reports in a note about a bounce, one for each reader."""
    return [_report(bounce) for bounce in data.get("bounces", ()) if isinstance(bounce, Mapping)]


def _report(bounce: Mapping[str, Any]) -> Report:
    recipient, is_final = str(bounce.get("recipient", "")), bool(bounce.get("permanent"))
    if bounce.get("reason") == "feedback":
        return Report(recipient, True, _("The reader marked the mail as unwanted."))
    failure = failures.read(str(bounce.get("diagnostic", "")), str(bounce.get("status", "")))
    if is_final:
        said = _("Not delivered: %(reason)s %(next)s")
        return Report(recipient, True, said % {"reason": failure.what, "next": failure.next})
    return Report(recipient, False, _("Not delivered yet; the servers go on trying and report again."))
