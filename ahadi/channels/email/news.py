"""Letters about a promise: it will not hold, it has broken, it was moved, somebody else looks after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ahadi.channels.email import complaints, letters, signature, solutions
from ahadi.channels.email.letters import Letter
from ahadi.channels.models import Delivery
from ahadi.tickets.models import Ticket

Data = Mapping[str, Any]


def letter(ticket: Ticket, code: str, data: Data) -> Letter:
    """The letter of one of CODES, in the language that is active."""
    made = letters.blank("letter", ticket)
    made.opening = [_greeting(ticket)]
    LETTERS[code](made, ticket, data)
    if made.time:
        made.preview = f"{made.label} {made.time}"
    return made


def compose(delivery: Delivery, link: str) -> Letter | None:
    """The letter that brings such an entry to its reader; None for every other entry."""
    entry = delivery.entry
    if not entry.automatic or entry.code not in LETTERS:
        return None
    made = letter(entry.ticket, entry.code, entry.words.data)
    made.link = link
    made.marker = signature.marker(entry.ticket.number, entry.seq)
    return made


def _announced(made: Letter, ticket: Ticket, data: Data) -> None:
    made.title = _("It takes longer than we said")
    made.opening.append(_("you were to hear from us by %(time)s. It is not ready.") % _was(ticket, data))
    _promise(made, ticket, data)
    made.closing = [_("If something has changed on your side, just answer this mail.")]
    made.small = [_by_itself()]


def _explained(made: Letter, ticket: Ticket, data: Data) -> None:
    made.title = _("We did not keep our word")
    said = _("you were to hear from us by %(time)s, and you did not. We are sorry.")
    made.opening.append(said % _was(ticket, data))
    _promise(made, ticket, data)
    made.small = [_by_itself()]


def _broken(made: Letter, ticket: Ticket, data: Data) -> None:
    made.title = _("We did not keep our word")
    said = _("you were to hear from us by %(time)s, and you did not. We are sorry.")
    made.opening.append(said % _was(ticket, data))
    made.opening.append(_looks_after(data))
    made.closing = [_("Whatever you add to this mail is read together with your request.")]
    made.small = [_by_itself()]


def _nudged(made: Letter, ticket: Ticket, data: Data) -> None:
    made.title = _("We wait for your answer")
    made.opening.append(_("we asked you something and cannot go on without your answer."))
    made.opening.append(
        _("Just answer this mail. If you need more time, say so; nothing is closed by itself.")
    )
    made.small = [_by_itself()]


def _promised(made: Letter, ticket: Ticket, data: Data) -> None:
    made.title = _("You hear from us at another time")
    made.opening.append(_said_by(data))
    _promise(made, ticket, data)
    if data.get("step"):
        made.step = letters.apart(str(data["step"]))
    made.closing = [_("To answer, just answer this mail.")]


def _handed(made: Letter, ticket: Ticket, data: Data) -> None:
    made.title = _("%(name)s looks after your request now") % {"name": data.get("owner", "")}
    made.opening.append(
        _("%(name)s looks after your request from now on and knows all that was said.")
        % {"name": letters.apart(str(data.get("owner", "")))}
    )
    if ticket.due is not None:
        _promise(made, ticket, {**data, "due": ticket.due.isoformat()})
        made.step = _("What was promised to you stays promised.")
    made.closing = [_("To answer, just answer this mail.")]


LETTERS: dict[str, Callable[[Letter, Ticket, Data], None]] = {
    "announced": _announced,
    "explained": _explained,
    "broken": _broken,
    "nudged": _nudged,
    "promised": _promised,
    "handed": _handed,
    "complaint_registered": complaints.registered,
    "talk_over": complaints.over,
    "asked_after": solutions.asked_after,
}


def _greeting(ticket: Ticket) -> str:
    is_proven = ticket.address is not None and ticket.address.proven is not None
    if is_proven and ticket.requester.name:
        return _("Hello %(name)s,") % {"name": letters.apart(ticket.requester.name)}
    return _("Hello,")


def _promise(made: Letter, ticket: Ticket, data: Data) -> None:
    made.label = _("You hear from us again by")
    made.time = letters.when(ticket, datetime.fromisoformat(str(data["due"])))
    made.step = _looks_after(data)


def _looks_after(data: Data) -> str:
    if data.get("owner"):
        return _("%(name)s looks after your request.") % {"name": letters.apart(str(data["owner"]))}
    return _("Team %(team)s looks after your request.") % {"team": letters.apart(str(data.get("team", "")))}


def _said_by(data: Data) -> str:
    given = {
        "name": letters.apart(str(data.get("owner", ""))),
        "reason": letters.apart(str(data.get("reason", ""))),
    }
    return _("%(name)s needs another time for your request. The reason: %(reason)s") % given


def _was(ticket: Ticket, data: Data) -> dict[str, str]:
    return {"time": letters.when(ticket, datetime.fromisoformat(str(data["was"])))}


def _by_itself() -> str:
    return _("This message was sent by itself, so that you know; the answer is written by a person.")
