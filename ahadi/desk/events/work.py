"""Events of the work on tickets in words: merged, linked, put away, filled in, ticked."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.desk.events.sentence import Data, Sentence, Write, ltr, moment, name, plain
from ahadi.ui import filters


def _code(data: Data, key: str = "number") -> str:
    return ltr(f"#{data.get(key, '')}")


def _merged(data: Data, who: str) -> Sentence:
    text = _("%(name)s merged this ticket into %(code)s")
    return Sentence(text % {"name": name(who), "code": _code(data, "into")}, icon="merge")


def _merged_here(data: Data, who: str) -> Sentence:
    text = _("%(name)s merged the ticket %(code)s into this one: %(subject)s")
    given = {"name": name(who), "code": _code(data), "subject": plain(data.get("subject"))}
    return Sentence(text % given, icon="merge")


def _unmerged(data: Data, who: str) -> Sentence:
    text = _("%(name)s took this ticket out of %(code)s again")
    return Sentence(text % {"name": name(who), "code": _code(data, "from")}, icon="split")


def _unmerged_here(data: Data, who: str) -> Sentence:
    text = _("%(name)s took the ticket %(code)s out again")
    return Sentence(text % {"name": name(who), "code": _code(data)}, icon="split")


def _person_merged(data: Data, who: str) -> Sentence:
    text = _("%(name)s: the customer is the same person as %(person)s")
    return Sentence(text % {"name": name(who), "person": plain(data.get("name"))}, icon="merge")


def _person_unmerged(data: Data, who: str) -> Sentence:
    text = _("%(name)s: the customer and %(person)s are two people")
    return Sentence(text % {"name": name(who), "person": plain(data.get("name"))}, icon="split")


def _linked(data: Data, who: str) -> Sentence:
    text = {
        "child": _("%(name)s made this ticket a part of %(code)s"),
        "parent": _("%(name)s made %(code)s a part of this ticket"),
        "split": _("%(name)s split this ticket off from %(code)s"),
        "into": _("%(name)s split the ticket %(code)s off"),
    }.get(str(data.get("kind")), _("%(name)s linked the ticket %(code)s"))
    return Sentence(text % {"name": name(who), "code": _code(data)}, icon="link")


def _unlinked(data: Data, who: str) -> Sentence:
    text = _("%(name)s removed the link to the ticket %(code)s")
    return Sentence(text % {"name": name(who), "code": _code(data)}, icon="unlink")


def _snoozed(data: Data, who: str) -> Sentence:
    given = {"name": name(who), "time": moment(data.get("until"))}
    text = {
        "reply": _("%(name)s put the ticket away until the customer answers, at the latest until %(time)s"),
        "linked": _(
            "%(name)s put the ticket away until a linked one is solved, at the latest until %(time)s"
        ),
    }.get(str(data.get("awaits")), _("%(name)s put the ticket away until %(time)s"))
    return Sentence(text % given, icon="alarm-clock")


def _woken(data: Data, who: str) -> Sentence:
    if who:
        return Sentence(_("%(name)s brought the ticket back") % {"name": who}, icon="alarm-clock-off")
    text = {
        "message": _("Back in the lists: the customer wrote"),
        "linked": _("Back in the lists: a linked ticket is solved"),
        "promise": _("Back in the lists: the promise is due earlier now"),
        "solved": _("No longer put away: it is solved"),
    }.get(str(data.get("reason")), _("Back in the lists: its time has come"))
    return Sentence(text, icon="alarm-clock-off")


def _field(data: Data, who: str) -> Sentence:
    given = {"name": name(who), "field": data.get("name", "")}
    if not data.get("value"):
        return Sentence(_("%(name)s emptied %(field)s") % given, icon="list-checks")
    text = _("%(name)s set %(field)s to “%(value)s”")
    return Sentence(text % {**given, "value": plain(data["value"])}, icon="list-checks")


def _task_added(data: Data, who: str) -> Sentence:
    text = _("%(name)s added to the checklist: %(text)s")
    return Sentence(text % {"name": name(who), "text": data.get("text", "")}, icon="list-todo")


def _task_done(data: Data, who: str) -> Sentence:
    text = _("%(name)s did: %(text)s")
    return Sentence(text % {"name": name(who), "text": data.get("text", "")}, icon="circle-check")


def _task_undone(data: Data, who: str) -> Sentence:
    text = _("%(name)s opened again in the checklist: %(text)s")
    return Sentence(text % {"name": name(who), "text": data.get("text", "")}, icon="list-todo")


def _task_removed(data: Data, who: str) -> Sentence:
    text = _("%(name)s took off the checklist: %(text)s")
    return Sentence(text % {"name": name(who), "text": data.get("text", "")}, icon="list-todo")


def _forwarded(data: Data, who: str) -> Sentence:
    address = ltr(data.get("address"))
    given = {"name": name(who), "address": address, "text": data.get("text", "")}
    return Sentence(_("%(name)s asked %(address)s, who is outside: %(text)s") % given, icon="forward")


def _time(data: Data, who: str) -> Sentence:
    minutes = int(data.get("minutes", 0))
    text = ngettext("%(name)s worked %(number)s minute", "%(name)s worked %(number)s minutes", minutes)
    return Sentence(text % {"name": name(who), "number": filters.number(minutes)}, icon="timer")


def _undone(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s undid a change of many tickets") % {"name": name(who)}, icon="undo-2")


EVENTS: dict[str, Write] = {
    "merged": _merged,
    "merged_here": _merged_here,
    "unmerged": _unmerged,
    "unmerged_here": _unmerged_here,
    "person_merged": _person_merged,
    "person_unmerged": _person_unmerged,
    "linked": _linked,
    "unlinked": _unlinked,
    "snoozed": _snoozed,
    "woken": _woken,
    "field": _field,
    "task_added": _task_added,
    "task_done": _task_done,
    "task_undone": _task_undone,
    "task_removed": _task_removed,
    "time": _time,
    "forwarded": _forwarded,
    "undone": _undone,
}
