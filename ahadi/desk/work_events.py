"""Events of the work on tickets in words: merged, linked, put away, filled in, ticked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.ui import filters

Data = Mapping[str, Any]


class Words(NamedTuple):
    """The words of an event and its icon."""

    text: str
    icon: str


def _name(who: str) -> str:
    return who or "Ahadi"


def _code(data: Data, name: str = "number") -> str:
    return f"\u2066#{data.get(name, '')}\u2069"


def _merged(data: Data, who: str) -> Words:
    text = _("%(name)s merged this ticket into %(code)s")
    return Words(text % {"name": _name(who), "code": _code(data, "into")}, "merge")


def _merged_here(data: Data, who: str) -> Words:
    text = _("%(name)s merged the ticket %(code)s into this one: %(subject)s")
    given = {"name": _name(who), "code": _code(data), "subject": f"\u2068{data.get('subject', '')}\u2069"}
    return Words(text % given, "merge")


def _unmerged(data: Data, who: str) -> Words:
    text = _("%(name)s took this ticket out of %(code)s again")
    return Words(text % {"name": _name(who), "code": _code(data, "from")}, "split")


def _unmerged_here(data: Data, who: str) -> Words:
    text = _("%(name)s took the ticket %(code)s out again")
    return Words(text % {"name": _name(who), "code": _code(data)}, "split")


def _linked(data: Data, who: str) -> Words:
    text = {
        "child": _("%(name)s made this ticket a part of %(code)s"),
        "parent": _("%(name)s made %(code)s a part of this ticket"),
        "split": _("%(name)s split this ticket off from %(code)s"),
        "into": _("%(name)s split the ticket %(code)s off"),
    }.get(str(data.get("kind")), _("%(name)s linked the ticket %(code)s"))
    return Words(text % {"name": _name(who), "code": _code(data)}, "link")


def _unlinked(data: Data, who: str) -> Words:
    text = _("%(name)s untied the ticket %(code)s")
    return Words(text % {"name": _name(who), "code": _code(data)}, "unlink")


def _snoozed(data: Data, who: str) -> Words:
    given = {"name": _name(who), "time": _moment(data.get("until"))}
    text = {
        "reply": _("%(name)s put the ticket away until the customer answers, at the latest until %(time)s"),
        "linked": _(
            "%(name)s put the ticket away until a linked one is solved, at the latest until %(time)s"
        ),
    }.get(str(data.get("awaits")), _("%(name)s put the ticket away until %(time)s"))
    return Words(text % given, "alarm-clock")


def _woken(data: Data, who: str) -> Words:
    if who:
        return Words(_("%(name)s brought the ticket back") % {"name": who}, "alarm-clock-off")
    text = {
        "message": _("Back in the lists: the customer wrote"),
        "linked": _("Back in the lists: a linked ticket is solved"),
        "promise": _("Back in the lists: the promise is due earlier now"),
        "solved": _("No longer put away: it is solved"),
    }.get(str(data.get("reason")), _("Back in the lists: its time has come"))
    return Words(text, "alarm-clock-off")


def _field(data: Data, who: str) -> Words:
    given = {"name": _name(who), "field": data.get("name", "")}
    if not data.get("value"):
        return Words(_("%(name)s emptied %(field)s") % given, "list-checks")
    text = _("%(name)s set %(field)s to “%(value)s”")
    return Words(text % {**given, "value": f"\u2068{data['value']}\u2069"}, "list-checks")


def _task_added(data: Data, who: str) -> Words:
    text = _("%(name)s added to the checklist: %(text)s")
    return Words(text % {"name": _name(who), "text": data.get("text", "")}, "list-todo")


def _task_done(data: Data, who: str) -> Words:
    text = _("%(name)s did: %(text)s")
    return Words(text % {"name": _name(who), "text": data.get("text", "")}, "circle-check")


def _task_undone(data: Data, who: str) -> Words:
    text = _("%(name)s opened again in the checklist: %(text)s")
    return Words(text % {"name": _name(who), "text": data.get("text", "")}, "list-todo")


def _task_removed(data: Data, who: str) -> Words:
    text = _("%(name)s took off the checklist: %(text)s")
    return Words(text % {"name": _name(who), "text": data.get("text", "")}, "list-todo")


def _forwarded(data: Data, who: str) -> Words:
    address = f"\u2066{data.get('address', '')}\u2069"
    given = {"name": _name(who), "address": address, "text": data.get("text", "")}
    return Words(_("%(name)s asked %(address)s, who is outside: %(text)s") % given, "forward")


def _time(data: Data, who: str) -> Words:
    minutes = int(data.get("minutes", 0))
    text = ngettext("%(name)s worked %(number)s minute", "%(name)s worked %(number)s minutes", minutes)
    return Words(text % {"name": _name(who), "number": filters.number(minutes)}, "timer")


def _undone(data: Data, who: str) -> Words:
    return Words(_("%(name)s undid a change of many tickets") % {"name": _name(who)}, "undo-2")


def _moment(text: Any) -> str:
    try:
        return filters.short_due(datetime.fromisoformat(str(text)))
    except ValueError:
        return str(text)


EVENTS: dict[str, Callable[[Data, str], Words]] = {
    "merged": _merged,
    "merged_here": _merged_here,
    "unmerged": _unmerged,
    "unmerged_here": _unmerged_here,
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
