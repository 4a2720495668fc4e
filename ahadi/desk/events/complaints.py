"""What happens around a formal complaint, as the people of the desk read it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from ahadi.complaints.models import Complaint
from ahadi.complaints.profiles import Stage
from ahadi.desk.events.sentence import Data, Sentence, Write, ltr
from ahadi.ui import filters

_SCALE = "scale"


def _number(data: Data) -> str:
    return ltr(data.get("number"))


def _registered(data: Data, who: str) -> Sentence:
    return Sentence(
        _("The formal complaint has the incoming number %(number)s") % {"number": _number(data)}, icon=_SCALE
    )


def _complained(data: Data, who: str) -> Sentence:
    said = _("The customer made a formal complaint about this: %(number)s. Management handles it.")
    return Sentence(said % {"number": _number(data)}, "bad", _SCALE)


def _held(data: Data, who: str) -> Sentence:
    given = {"name": who, "time": filters.short_due(datetime.fromisoformat(str(data["due"])))}
    return Sentence(
        _("%(name)s wrote why it takes longer; the decision is due by %(time)s") % given, icon=_SCALE
    )


def _decided(data: Data, who: str) -> Sentence:
    outcome = Complaint.Outcome(str(data["outcome"])).label
    return Sentence(_("%(name)s decided: %(outcome)s") % {"name": who, "outcome": outcome}, "ok", _SCALE)


def _late(data: Data, who: str) -> Sentence:
    stage = Stage(str(data["stage"])).label
    return Sentence(_("A last moment has passed: %(stage)s") % {"stage": stage}, "bad", "triangle-alert")


def _kept_out(data: Data, who: str) -> Sentence:
    return Sentence(
        _("%(name)s takes no part in this complaint") % {"name": data.get("name", "")}, icon=_SCALE
    )


def _lifted(data: Data, who: str) -> Sentence:
    return Sentence(_("No lead looked at it in time, so the talk goes on"), icon="rotate-ccw")


EVENTS: dict[str, Write] = {
    "complaint": _registered,
    "complained": _complained,
    "complaint_held": _held,
    "complaint_decided": _decided,
    "complaint_late": _late,
    "complaint_kept_out": _kept_out,
    "talk_lifted": _lifted,
}
