"""The letter that confirms a formal complaint, and the one that answers what comes after a talk's end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ahadi.channels.email import letters
from ahadi.channels.email.letters import Letter
from ahadi.tickets.models import Ticket


def registered(made: Letter, ticket: Ticket, data: Mapping[str, Any]) -> None:
    """Say all that a letter of confirmation owes (ISO 10002, 8.3)."""
    number = letters.isolated(str(data["number"]))
    at = letters.when(ticket, datetime.fromisoformat(str(data["registered"])))
    made.title = _("Your complaint is registered: %(number)s") % {"number": number}
    said = _(
        "your formal complaint reached our management. It has the incoming number %(number)s of %(time)s."
    )
    made.opening.append(said % {"number": number, "time": at})
    made.opening.append(_handler(data))
    made.label = _("You have our decision by")
    made.time = letters.when(ticket, datetime.fromisoformat(str(data["due"])))
    made.step = _("This time follows %(source)s. Nobody here can pause it.") % {
        "source": letters.apart(str(data["source"]))
    }
    if data.get("has_copy"):
        made.closing.append(_("Your stamped copy is attached. We keep the same one."))
    else:
        made.closing.append(_("Your stamped copy waits on the page of the complaint."))
    made.closing.append(_("Is something missing? Just answer this mail; management reads it."))
    if data.get("elsewhere"):
        made.closing.append(str(data["elsewhere"]))
    made.small = [_("This confirmation was sent by itself; the decision is written by a person.")]


def over(made: Letter, ticket: Ticket, data: Mapping[str, Any]) -> None:
    """Say once that nobody answers here any more, and which ways stay open."""
    made.title = _("This talk was ended")
    made.opening.append(_("this talk was ended. What you wrote is kept, but nobody answers it here."))
    made.closing = [str(data["letter"]), str(data["complaint"])]
    made.small = [_("This message was sent by itself, once.")]


def _handler(data: Mapping[str, Any]) -> str:
    if data.get("handler"):
        said = _("%(name)s handles it. Nobody whom it is about takes part in that.")
        return said % {"name": letters.apart(str(data["handler"]))}
    return _("We are choosing somebody to handle it whom it is not about, and tell you the name.")
