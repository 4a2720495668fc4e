"""What letters say about a summary and a solution: how to say yes, and how to say no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ahadi.channels.email import letters
from ahadi.channels.email.letters import Letter
from ahadi.tickets.models import Ticket


def asked_after(made: Letter, ticket: Ticket, data: Mapping[str, Any]) -> None:
    """Some days after the solution: does it still work?"""
    made.title = _("Does it still work?")
    said = _("some days ago we solved your request about “%(subject)s”. Does it still work?")
    made.opening.append(said % {"subject": letters.apart(ticket.subject)})
    made.closing = [
        _("If it does, you need do nothing."),
        _("If not, press “Still not solved” on the page of your request, or just answer this mail."),
    ]
    made.small = [_("This question was sent by itself; your answer is read by a person.")]
