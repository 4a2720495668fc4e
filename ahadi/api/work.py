"""What programs change about the work on a ticket: where it goes on, until when it is away, its fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ahadi.api.access import find_to_write
from ahadi.api.door import Call
from ahadi.api.problems import Problem, wrong
from ahadi.channels import merging
from ahadi.people.models import Agent
from ahadi.tickets import fields, snoozing
from ahadi.tickets.models import Ticket

_IMPOSSIBLE = {
    "itself": "This is the same ticket, or it goes on in this one.",
    "merged": "One of the two goes on in another ticket already.",
    "other_customer": "The other ticket is of another customer; people are let in at the desk.",
}


def refuse_merged(ticket: Ticket) -> None:
    """Nothing is said or changed in a ticket that goes on in another one; raises Problem."""
    if ticket.merged_into is not None:
        raise Problem(409, "merged", f"This ticket goes on in {ticket.living.number}; change that one.")


def merge(request: Call, ticket: Ticket, number: str | None) -> None:
    """Let a ticket go on in another one, or take it apart; raises Problem."""
    agent = request.token.agent
    if number is None:
        merging.unmerge(ticket, by=agent)
        return
    into = find_to_write(request, number)
    if ticket.merged_into_id == into.pk:
        return
    try:
        merging.merge(ticket, into, by=agent)
    except merging.NotPossible as error:
        raise wrong("/merged_into", str(error), _IMPOSSIBLE.get(str(error), str(error))) from error


def snooze(ticket: Ticket, until: datetime | None, by: Agent) -> None:
    """Put a ticket away until a time before its promise, or bring it back; raises Problem."""
    if until is None:
        snoozing.wake(ticket, by=by)
    elif until != ticket.snoozed_until:
        try:
            snoozing.snooze(ticket, until, by=by)
        except snoozing.NotPossible as error:
            sentence = "The promise is due before that, or the ticket is solved."
            raise wrong("/snoozed_until", error.code, sentence) from error


def fill(ticket: Ticket, values: Mapping[str, str | None], by: Agent) -> None:
    """Write down what is known, by the codes of the fields; null forgets; raises Problem."""
    known = {field.code: field for field in fields.of(ticket)}
    for code, value in values.items():
        if code not in known:
            raise wrong(f"/fields/{code}", "unknown_field", "This ticket has no such field.")
        try:
            fields.fill(ticket, known[code], value or "", by=by)
        except fields.Wrong as error:
            raise wrong(f"/fields/{code}", error.code, f"This is no {error.code} of this field.") from error


def check_solvable(ticket: Ticket) -> None:
    """A ticket is solved when every field that it needs is filled; raises Problem."""
    if missing := [field.code for field in fields.missing(ticket)]:
        raise wrong("/fields", "missing_fields", f"Fill in first: {', '.join(missing)}.")
