"""What happened to promises and owners, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ahadi.desk.events.sentence import Data, Sentence, Write, moment, name

_CLOCK = "calendar-clock"


def _warned(data: Data, who: str) -> Sentence:
    given = {"name": _whom(data), "time": moment(data.get("due"))}
    return Sentence(_("%(name)s was reminded: the promise is due %(time)s") % given, icon=_CLOCK)


def _announced(data: Data, who: str) -> Sentence:
    given = {"was": moment(data.get("was")), "time": moment(data.get("due"))}
    text = _("The promise for %(was)s will not hold: the customer was told, the new time is %(time)s")
    return Sentence(text % given, icon=_CLOCK)


def _explained(data: Data, who: str) -> Sentence:
    given = {"was": moment(data.get("was")), "time": moment(data.get("due"))}
    text = _("The promise for %(was)s was broken: the customer was told, the new time is %(time)s")
    return Sentence(text % given, "bad", "triangle-alert")


def _broken(data: Data, who: str) -> Sentence:
    given = {"name": _whom(data), "time": moment(data.get("due"))}
    return Sentence(
        _("The promise for %(time)s is broken; %(name)s was told") % given, "bad", "triangle-alert"
    )


def _escalated(data: Data, who: str) -> Sentence:
    given = {"name": _whom(data), "time": moment(data.get("due"))}
    text = _("The promise for %(time)s is still broken; %(name)s was told")
    return Sentence(text % given, "bad", "triangle-alert")


def _nudged(data: Data, who: str) -> Sentence:
    return Sentence(_("The customer has not answered and was asked once more"), icon="hourglass")


def _decision(data: Data, who: str) -> Sentence:
    return Sentence(_("The customer has not answered: decide how it goes on"), icon="hourglass")


def _no_answer(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s: the last message needs no answer") % {"name": name(who)}, icon="check")


def _against_wish(data: Data, who: str) -> Sentence:
    given = {"name": who, "reason": data.get("reason", "")}
    text = _("%(name)s reached the customer in a way they did not want. Reason: %(reason)s")
    return Sentence(text % given, icon="triangle-alert")


def _whom(data: Data) -> str:
    return str(data.get("name") or data.get("team") or "")


EVENTS: dict[str, Write] = {
    "warned": _warned,
    "announced": _announced,
    "explained": _explained,
    "broken": _broken,
    "escalated": _escalated,
    "nudged": _nudged,
    "decision": _decision,
    "no_answer": _no_answer,
    "against_wish": _against_wish,
}
