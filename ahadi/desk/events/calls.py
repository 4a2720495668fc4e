"""What happens about calls: wished for, tried in vain, no longer wanted, recorded."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ahadi.desk.events.sentence import Data, Sentence, Write, moment, name


def _wished(data: Data, who: str) -> Sentence:
    given = {"time": moment(data.get("due")), "from": moment(data.get("from"))}
    if data.get("from"):
        return Sentence(_("A call is promised from %(from)s, by %(time)s") % given, icon="phone")
    if data.get("is_free"):
        return Sentence(_("A call was asked for now; it rings at the desks of whoever is free"), icon="phone")
    text = _("A call was asked for now; nobody is free, so it is promised by %(time)s")
    return Sentence(text % given, icon="phone")


def _tried(data: Data, who: str) -> Sentence:
    given = {"name": name(who), "time": moment(data.get("again"))}
    text = {
        "busy": _("%(name)s called, and the line was busy"),
        "wrong": _("%(name)s called: the number belongs to somebody else"),
    }.get(str(data.get("outcome")), _("%(name)s called, and nobody answered"))
    if data.get("direction") == "in":
        text = _("A call came in, and nobody answered it")
    if data.get("again"):
        again = _("Next attempt: %(time)s")
        return Sentence(f"{text % given}. {again % given}", "bad", "phone-off")
    return Sentence(text % given, "bad", "phone-off")


def _withdrawn(data: Data, who: str) -> Sentence:
    return Sentence(_("The customer needs no call any more"), icon="phone-off")


def _unkept(data: Data, who: str) -> Sentence:
    return Sentence(_("A recording was not kept: the customer was not asked"), icon="phone-off")


def _destroyed(data: Data, who: str) -> Sentence:
    text = _("The recording of a call was destroyed at the end of its term; its hash stays in the ledger")
    return Sentence(text, icon="eraser")


def _paused(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s paused the recording of the call") % {"name": name(who)}, icon="pause")


def _resumed(data: Data, who: str) -> Sentence:
    return Sentence(_("The recording of the call goes on"), icon="play")


EVENTS: dict[str, Write] = {
    "call_promised": _wished,
    "call_tried": _tried,
    "call_withdrawn": _withdrawn,
    "recording_paused": _paused,
    "recording_resumed": _resumed,
    "recording_refused": _unkept,
    "recording_destroyed": _destroyed,
}
