"""What the desk says about a ticket: its next step, why words wait, what cannot be promised."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from ahadi.promises import rhythm
from ahadi.tickets.models import Ticket
from ahadi.ui import filters


def step(ticket: Ticket) -> str:
    """The next step in words: the person's own, else the words of its code."""
    if ticket.step_text:
        return ticket.step_text
    return {
        "first_answer": _("Read the request and answer"),
        "answer": _("Answer the latest message"),
        "news": _("Write with news"),
        "customer": _("The customer answers; then it goes on"),
        "delivery": _("The answer did not arrive: find another way"),
        "call": _("Call the customer"),
    }.get(ticket.step_code, "")


def held(reason: str) -> str:
    """Why somebody's words wait for an agent's yes."""
    return {
        "outside": _("An answer to what was forwarded; the customer does not see it."),
        "stranger": _("It came from an address that does not belong to this ticket."),
        "unknown": _("It came from an address that does not belong to this ticket."),
        "agent": _("It came from the address of a colleague, not from the customer."),
        "unproven": _("The sender has not shown that this address is theirs."),
        "failed": _("It names somebody of this ticket as its sender, but the check of the sender failed."),
    }.get(reason, _("Nobody has proven that this comes from the customer."))


def too_long(ticket: Ticket, due: datetime | None, said: datetime) -> str:
    """Why a promise lets the customer wait too long; empty where it does not."""
    if due is None:
        return ""
    try:
        rhythm.check(ticket, due, said)
    except rhythm.TooLong as error:
        text = _(
            "The customer would wait too long without news. Promise news by %(time)s; the rest can follow."
        )
        return text % {"time": filters.medium_when(error.latest)}
    return ""
