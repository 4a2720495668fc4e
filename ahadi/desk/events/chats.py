"""What happens in a live talk beside its words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ahadi.desk.events.sentence import Data, Sentence, Write, ltr


def _ended(data: Data, who: str) -> Sentence:
    if data.get("by") == "gone":
        return Sentence(_("The visitor had left; it goes on by mail"), icon="message-circle-off")
    if data.get("by") == "visitor":
        return Sentence(_("The visitor ended the talk"), icon="message-circle-off")
    return Sentence(_("%(name)s ended the talk") % {"name": who}, icon="message-circle-off")


def _handed_back(data: Data, who: str) -> Sentence:
    return Sentence(_("%(name)s let automatic texts answer again") % {"name": who}, icon="bot")


def _wanted(data: Data, who: str) -> Sentence:
    if data.get("said"):
        return Sentence(_("The customer asked for a person, in words"), icon="hand")
    return Sentence(_("The customer asked for a person"), icon="hand")


def _identified(data: Data, who: str) -> Sentence:
    given = {"person": data.get("name", "")}
    if data.get("proof") == "mail":
        return Sentence(_("Answered from the address that was named: it is %(person)s") % given, "ok")
    return Sentence(_("The website says that this is %(person)s") % given, "ok")


def _way(data: Data, who: str) -> Sentence:
    given = {"address": ltr(data.get("to"))}
    return Sentence(_("The customer can be reached at %(address)s; not proven yet") % given, icon="contact")


EVENTS: dict[str, Write] = {
    "chat_ended": _ended,
    "handed_back": _handed_back,
    "person_wanted": _wanted,
    "identified": _identified,
    "way": _way,
}
