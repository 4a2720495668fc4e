"""A change of many tickets in words: what happens, to how many, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Batch, Ticket
from ahadi.ui import filters


def acts(batch: Batch) -> list[str]:
    """What happens to each ticket, in sentences."""
    asked: Mapping[str, Any] = batch.acts
    found = []
    if asked.get("tags"):
        found.append(_("Add the tags: %(tags)s") % {"tags": ", ".join(asked["tags"])})
    if asked.get("priority"):
        names = dict(Ticket.Priority.choices)
        found.append(_("Set the priority: %(priority)s") % {"priority": names[asked["priority"]]})
    if asked.get("snooze"):
        moment = filters.short_due(datetime.fromisoformat(asked["snooze"]))
        found.append(_("Put away until %(time)s") % {"time": moment})
    if asked.get("status"):
        state = Ticket.Status(asked["status"]).label
        found.append(_("Set the state: %(state)s") % {"state": state})
    if asked.get("merge"):
        found.append(_("Merge into #%(code)s") % {"code": f"\u2066{asked['merge']}\u2069"})
    if asked.get("owner"):
        found.append(_owner(str(asked["owner"])))
    return found


def left(counts: Mapping[str, int]) -> list[str]:
    """How many were left out, and why."""
    return [
        f"{filters.number(number)} – {_why(code, number)}" for code, number in sorted(counts.items()) if code
    ]


def _owner(owner: str) -> str:
    kind, _colon, key = owner.partition(":")
    if kind == "agent":
        name = Agent.objects.filter(pk=key).values_list("name", flat=True).first() or ""
        return _("Give to %(person)s") % {"person": name}
    if kind == "team":
        name = Team.objects.filter(pk=key).values_list("name", flat=True).first() or ""
        return _("Hand to the team %(team)s") % {"team": name}
    return _("Give back to the team")


def _why(code: str, number: int) -> str:
    return {
        "forbidden": ngettext(
            "a formal complaint, or a talk that was ended",
            "formal complaints, or talks that were ended",
            number,
        ),
        "unseen": ngettext("you may not see it", "you may not see them", number),
        "merged": ngettext("it goes on in another ticket", "they go on in other tickets", number),
        "same": ngettext("it is so already", "they are so already", number),
        "other_customer": ngettext(
            "another customer asked it: merge it by itself",
            "other customers asked them: merge them one by one",
            number,
        ),
        "late": ngettext(
            "its promise is due before, or it is solved",
            "their promises are due before, or they are solved",
            number,
        ),
        "fields": ngettext("a field that it needs is empty", "fields that they need are empty", number),
        "changed": ngettext(
            "something else happened to it since", "something else happened to them since", number
        ),
        "sentence": ngettext(
            "somebody has it, and nothing says why it is handed over",
            "somebody has them, and nothing says why they are handed over",
            number,
        ),
        "gone": ngettext("its new owner is not active", "their new owner is not active", number),
    }.get(code, code)
