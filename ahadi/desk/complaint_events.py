"""What happens around a formal complaint, as the people of the desk read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ahadi.complaints.models import Complaint
from ahadi.complaints.profiles import Stage
from ahadi.ui import filters

Data = Mapping[str, Any]


class Words(NamedTuple):
    """What is said of an event, its kind ("", ok or bad) and its sign."""

    text: str
    kind: str = ""
    icon: str = "scale"


def _number(data: Data) -> str:
    return f"\u2066{data.get('number', '')}\u2069"


def _registered(data: Data, who: str) -> Words:
    return Words(_("The formal complaint has the incoming number %(number)s") % {"number": _number(data)})


def _complained(data: Data, who: str) -> Words:
    said = _("The customer made a formal complaint about this: %(number)s. Management handles it.")
    return Words(said % {"number": _number(data)}, "bad")


def _held(data: Data, who: str) -> Words:
    given = {"name": who, "time": filters.short_due(datetime.fromisoformat(str(data["due"])))}
    return Words(_("%(name)s wrote why it takes longer; the decision is due by %(time)s") % given)


def _decided(data: Data, who: str) -> Words:
    outcome = Complaint.Outcome(str(data["outcome"])).label
    return Words(_("%(name)s decided: %(outcome)s") % {"name": who, "outcome": outcome}, "ok")


def _late(data: Data, who: str) -> Words:
    stage = Stage(str(data["stage"])).label
    return Words(_("A last moment has passed: %(stage)s") % {"stage": stage}, "bad", "triangle-alert")


def _kept_out(data: Data, who: str) -> Words:
    return Words(_("%(name)s takes no part in this complaint") % {"name": data.get("name", "")})


EVENTS: dict[str, Callable[[Data, str], Words]] = {
    "complaint": _registered,
    "complained": _complained,
    "complaint_held": _held,
    "complaint_decided": _decided,
    "complaint_late": _late,
    "complaint_kept_out": _kept_out,
}
