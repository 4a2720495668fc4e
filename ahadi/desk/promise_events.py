"""What happened to promises and owners, in words; and the sentences that refuse what cannot be promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ahadi.promises import rhythm
from ahadi.tickets.models import Ticket
from ahadi.ui import filters

Data = Mapping[str, Any]


class Words(NamedTuple):
    """The words of an event, its kind and its icon."""

    text: str
    kind: str = ""
    icon: str = "calendar-clock"


def read(code: str, data: Data, who: str) -> Words | None:
    """The words of an event that is told here; None for every other."""
    write = EVENTS.get(code)
    return write(data, who) if write else None


def too_long(ticket: Ticket, due: datetime | None, said: datetime) -> str:
    """Why a promise lets the customer wait too long; empty where it does not."""
    if due is None:
        return ""
    try:
        rhythm.check(ticket, due, said)
    except rhythm.TooLong as error:
        text = _(
            "The customer would wait too long without news. Promise news by %(time)s; the rest can follow."
        )
        return text % {"time": filters.medium_when(error.latest)}
    return ""


def _warned(data: Data, who: str) -> Words:
    given = {"name": _whom(data), "time": _moment(data.get("due"))}
    return Words(_("%(name)s was reminded: the promise is due %(time)s") % given)


def _announced(data: Data, who: str) -> Words:
    given = {"was": _moment(data.get("was")), "time": _moment(data.get("due"))}
    text = _("The promise for %(was)s will not hold: the customer was told, the new time is %(time)s")
    return Words(text % given)


def _explained(data: Data, who: str) -> Words:
    given = {"was": _moment(data.get("was")), "time": _moment(data.get("due"))}
    text = _("The promise for %(was)s was broken: the customer was told, the new time is %(time)s")
    return Words(text % given, "bad", "triangle-alert")


def _broken(data: Data, who: str) -> Words:
    given = {"name": _whom(data), "time": _moment(data.get("due"))}
    return Words(_("The promise for %(time)s is broken; %(name)s was told") % given, "bad", "triangle-alert")


def _escalated(data: Data, who: str) -> Words:
    given = {"name": _whom(data), "time": _moment(data.get("due"))}
    text = _("The promise for %(time)s is still broken; %(name)s was told")
    return Words(text % given, "bad", "triangle-alert")


def _nudged(data: Data, who: str) -> Words:
    return Words(_("The customer has not answered and was asked once more"), icon="hourglass")


def _decision(data: Data, who: str) -> Words:
    return Words(_("The customer has not answered: decide how it goes on"), icon="hourglass")


def _no_answer(data: Data, who: str) -> Words:
    return Words(_("%(name)s: the last message needs no answer") % {"name": who or "Ahadi"}, icon="check")


def _against_wish(data: Data, who: str) -> Words:
    given = {"name": who, "reason": data.get("reason", "")}
    text = _("%(name)s reached the customer in a way they did not want. Reason: %(reason)s")
    return Words(text % given, icon="triangle-alert")


def _assigned(data: Data, who: str) -> Words | None:
    given = {"name": who, "person": data.get("name", ""), "sentence": data.get("sentence", "")}
    if data.get("sentence"):
        return Words(_("%(name)s gave the ticket to %(person)s: %(sentence)s") % given, icon="user")
    if data.get("why"):
        return Words(_routed(data), icon="user")
    return None


def _team(data: Data, who: str) -> Words | None:
    if not data.get("sentence"):
        return None
    given = {"name": who, "team": data.get("name", ""), "sentence": data["sentence"]}
    return Words(_("%(name)s handed the ticket to the team %(team)s: %(sentence)s") % given, icon="users")


def _routed(data: Data) -> str:
    """Why a ticket went to this person by itself."""
    given = {"person": data.get("name", ""), "team": data.get("team", ""), "absent": data.get("absent", "")}
    given["open"] = filters.number(data.get("open", 0))
    text = {
        "turns": _("Given to %(person)s: it was their turn in %(team)s"),
        "load": _("Given to %(person)s, who has least to do in %(team)s: %(open)s open"),
        "substitute": _("Given to %(person)s, who stands in for %(absent)s"),
        "language": _("Given to %(person)s, who speaks the customer's language"),
        "skill": _("Given to %(person)s, who knows about this"),
    }.get(str(data["why"]), _("Given to %(person)s"))
    return text % given


def _nobody(data: Data, who: str) -> Words:
    text = {
        "absent": _("Nobody in %(team)s is there: the team looks after it together"),
        "full": _("Everybody in %(team)s has as much as they can do: the team looks after it together"),
        "language": _("Nobody in %(team)s speaks this language: the team looks after it together"),
    }.get(str(data.get("why")), _("Nobody in %(team)s could take it: the team looks after it together"))
    return Words(text % {"team": data.get("team", "")}, icon="users")


def _whom(data: Data) -> str:
    return str(data.get("name") or data.get("team") or "")


def _moment(text: Any) -> str:
    try:
        return filters.short_due(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


EVENTS: dict[str, Callable[[Data, str], Words | None]] = {
    "warned": _warned,
    "announced": _announced,
    "explained": _explained,
    "broken": _broken,
    "escalated": _escalated,
    "nudged": _nudged,
    "decision": _decision,
    "no_answer": _no_answer,
    "against_wish": _against_wish,
    "assigned": _assigned,
    "team": _team,
    "unrouted": _nobody,
}
