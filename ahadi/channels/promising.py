"""What the customer is told when a promise is moved, will break or is broken; notices tell people of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ahadi.channels import notices
from ahadi.channels.email import news
from ahadi.channels.reactions import can_mail
from ahadi.tickets import wishes
from ahadi.tickets.models import Entry

# Told even to customers who want to hear of machines only when we are late.
BAD_NEWS = ("announced", "explained", "broken")


def inform(entry: Entry) -> None:
    """Tell the customer what became of a promise; restraint may withhold it, their page says it anyway."""
    code = "handed" if entry.code == "assigned" else entry.code
    if entry.kind != Entry.Kind.EVENT or code not in news.LETTERS:
        return
    ticket, data = entry.ticket, _data(entry)
    if data is None or ticket.address is None or not can_mail(ticket.address):
        return
    if code not in BAD_NEWS and wishes.only_if_late(ticket):
        return
    notices.say(ticket, code, lambda: news.letter(ticket, code, data), data)


def _data(entry: Entry) -> Mapping[str, Any] | None:
    """What a letter says about an event; None where the customer is told nothing."""
    data: dict[str, Any] = dict(entry.words.data)
    agent = entry.agent
    if entry.code == "assigned":
        # What the next owner has to know is for colleagues only.
        return {name: data[name] for name in ("owner", "agent")} if data.get("handed") else None
    if entry.code == "promised":
        # A promise that is given, not moved, was said in an answer.
        if agent is None or not data.get("reason"):
            return None
        return data | {"owner": agent.first_name}
    if entry.code == "broken":
        # The first time the customer was told before, or is told by the event beside this one.
        if not data.get("again"):
            return None
        lead = data.get("lead", "")
        return data | {"was": data["due"], "owner": lead}
    return data
