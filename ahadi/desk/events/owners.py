"""Who got a ticket, and why it went to them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ahadi.desk.events.sentence import Data, Sentence, Write
from ahadi.ui import filters


def _assigned(data: Data, who: str) -> Sentence:
    given = {"name": who, "person": data.get("name", ""), "sentence": data.get("sentence", "")}
    if given["sentence"]:
        text = _("%(name)s gave the ticket to %(person)s: %(sentence)s") % given
    elif data.get("why"):
        text = _routed(data)
    elif not data.get("agent"):
        text = _("%(name)s gave the ticket back to the team") % given if who else _("Given back to the team")
    elif who == given["person"]:
        text = _("%(name)s took the ticket") % given
    elif who:
        text = _("%(name)s gave the ticket to %(person)s") % given
    else:
        text = _("Given to %(person)s") % given
    return Sentence(text, icon="user")


def _team(data: Data, who: str) -> Sentence:
    given = {"name": who, "team": data.get("name", ""), "sentence": data.get("sentence", "")}
    if given["sentence"]:
        text = _("%(name)s handed the ticket to the team %(team)s: %(sentence)s")
    else:
        text = (
            _("%(name)s handed the ticket to the team %(team)s") if who else _("Handed to the team %(team)s")
        )
    return Sentence(text % given, icon="users")


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
        "rang": _("%(person)s was free and came first"),
    }.get(str(data["why"]), _("Given to %(person)s"))
    return text % given


def _nobody(data: Data, who: str) -> Sentence:
    text = {
        "absent": _("Nobody in %(team)s is there: the team looks after it together"),
        "full": _("Everybody in %(team)s has as much as they can do: the team looks after it together"),
        "language": _("Nobody in %(team)s speaks this language: the team looks after it together"),
    }.get(str(data.get("why")), _("Nobody in %(team)s could take it: the team looks after it together"))
    return Sentence(text % {"team": data.get("team", "")}, icon="users")


EVENTS: dict[str, Write] = {
    "assigned": _assigned,
    "team": _team,
    "unrouted": _nobody,
}
