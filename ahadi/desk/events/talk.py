"""What happens to the talk and its owner: promised, given, solved, let in, held back, understood."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ahadi.channels.email import failures
from ahadi.desk.events.sentence import Data, Sentence, Write, ltr, moment
from ahadi.tickets.models import Ticket
from ahadi.ui import filters


def _promised(data: Data, who: str) -> Sentence:
    given = {
        "name": who,
        "step": data.get("step", ""),
        "time": moment(data.get("due")),
        "reason": data.get("reason", ""),
    }
    if given["reason"] and given["step"]:
        text = _("%(name)s moved the promise to %(time)s: %(step)s. Reason: %(reason)s") % given
    elif given["reason"]:
        text = _("%(name)s moved the promise to %(time)s. Reason: %(reason)s") % given
    elif given["step"]:
        text = _("%(name)s promised by %(time)s: %(step)s") % given
    else:
        text = _("%(name)s promised an answer by %(time)s") % given
    return Sentence(text, icon="calendar-clock")


def _solved(data: Data, who: str) -> Sentence:
    return Sentence(
        _("%(name)s solved the ticket") % {"name": who} if who else pgettext("event", "Solved"), "ok"
    )


def _reopened(data: Data, who: str) -> Sentence:
    given = {"name": who, "reason": data.get("reason", "")}
    if who:
        return Sentence(_("%(name)s opened the ticket again") % given, icon="rotate-ccw")
    if given["reason"] == "held":
        return Sentence(
            _("Opened again: words that were held back wait for your decision"), icon="rotate-ccw"
        )
    if given["reason"]:
        why = failures.read(given["reason"])
        text = _("The answer did not arrive, so the ticket is open again. %(reason)s")
        return Sentence(text % {"reason": why.what}, "bad")
    return Sentence(_("Opened again"), icon="rotate-ccw")


def _waiting(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s waits for the customer") % {"name": who}, icon="hourglass")


def _tags(data: Data, who: str) -> Sentence:
    given = {"name": who, "tags": ", ".join(str(tag) for tag in data.get("tags", ()))}
    text = _("%(name)s set the tags: %(tags)s") if given["tags"] else _("%(name)s removed the tags")
    return Sentence(text % given, icon="tag")


def _priority(data: Data, who: str) -> Sentence:
    names = dict(Ticket.Priority.choices)
    given = {"name": who, "priority": names.get(data.get("priority", 0), "")}
    return Sentence(_("%(name)s set the priority: %(priority)s") % given, icon="signal")


def _subject(data: Data, who: str) -> Sentence:
    given = {"name": who, "was": data.get("was", "")}
    return Sentence(_("%(name)s changed the subject; it was “%(was)s”") % given, icon="pencil")


def _call_code(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s gave the customer a code by phone") % {"name": who}, icon="key-round")


def _other_way(data: Data, who: str) -> Sentence:
    given = {"name": who, "address": ltr(data.get("to"))}
    text = _("%(name)s sent the answer to %(address)s; the next ones go there too") % given
    return Sentence(text, icon="mail")


def _joined(data: Data, who: str) -> Sentence:
    given = {"name": who, "person": data.get("name") or data.get("address", "")}
    return Sentence(_("%(name)s let %(person)s take part from here on") % given, icon="users")


def _left(data: Data, who: str) -> Sentence:
    given = {"name": who, "person": data.get("name") or data.get("address", "")}
    return Sentence(_("%(name)s took %(person)s off") % given, icon="users")


def _shown(data: Data, who: str) -> Sentence:
    given = {"team": data.get("name", "")}
    text = _("The same mail went to the team %(team)s, who see the ticket too")
    return Sentence(text % given, icon="users")


def _separated(data: Data, who: str) -> Sentence:
    code = ltr(data.get("number"))
    given = {"name": who, "number": filters.number(data.get("released", 0)), "code": code}
    return Sentence(_("%(name)s made the ticket %(code)s of entry %(number)s") % given, icon="arrow-right")


def _held_left(data: Data, who: str) -> Sentence:
    given = {"name": who, "number": filters.number(data.get("released", 0))}
    return Sentence(_("%(name)s left entry %(number)s held back") % given, icon="check")


def _written(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s wrote down what the customer said") % {"name": who}, icon="ear")


def _understood(data: Data, who: str) -> Sentence:
    given = {"number": filters.number(data.get("summary", 0))}
    return Sentence(_("The customer confirmed what was understood (entry %(number)s)") % given, "ok")


def _works(data: Data, who: str) -> Sentence:
    return Sentence(_("The customer says that it works"), "ok")


def _returned(data: Data, who: str) -> Sentence:
    given = {"number": filters.number(data.get("times", 2)), "person": data.get("name", "")}
    if not given["person"]:
        return Sentence(_("Not solved for the customer, %(number)s times now") % given, "bad")
    return Sentence(_("Not solved for the customer, %(number)s times now; %(person)s is told") % given, "bad")


def _wishes(data: Data, who: str) -> Sentence:
    if "phone" in data.get("avoided", ()):
        return Sentence(_("The customer wishes no calls"), icon="phone-off")
    if data.get("only_late"):
        return Sentence(_("The customer wants automatic mail only when a promise is late"), icon="bell-off")
    return Sentence(_("The customer said how they want to be reached"), icon="contact")


def _erased(data: Data, who: str) -> Sentence:
    count = int(data.get("count", 0))
    said = ngettext(
        "%(count)s entry was erased as the law asks", "%(count)s entries were erased as the law asks", count
    )
    return Sentence(said % {"count": count}, icon="eraser")


def _held_by_law(data: Data, who: str) -> Sentence:
    given = {"name": who, "reason": data.get("reason", "")}
    return Sentence(_("%(name)s set a hold: nothing may be destroyed. %(reason)s") % given, icon="lock")


def _let_go(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s lifted the hold") % {"name": who}, icon="lock-open")


EVENTS: dict[str, Write] = {
    "promised": _promised,
    "solved": _solved,
    "reopened": _reopened,
    "waiting": _waiting,
    "tags": _tags,
    "priority": _priority,
    "subject": _subject,
    "participant_added": _joined,
    "participant_removed": _left,
    "shown": _shown,
    "held_separated": _separated,
    "held_left": _held_left,
    "other_way": _other_way,
    "call_code": _call_code,
    "statement": _written,
    "understood": _understood,
    "works": _works,
    "returned": _returned,
    "wishes": _wishes,
    "erased": _erased,
    "hold": _held_by_law,
    "hold_lifted": _let_go,
}
