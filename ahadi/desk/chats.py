"""The live side of a ticket at the desk: whether its visitor is here, what they have seen, who may speak."""

from __future__ import annotations

from typing import NamedTuple

from ahadi.automation import speaking
from ahadi.channels.chat import here
from ahadi.channels.models import Talk
from ahadi.tickets.models import Ticket


class Chat(NamedTuple):
    """What the bar above the composer says."""

    is_here: bool
    # Machines are silent, because a person has the word.
    is_silent: bool
    wants_person: bool
    # The newest lines that the visitor has not seen.
    unseen: int
    proof: str
    page: str


def of(ticket: Ticket) -> Chat | None:
    """The live side while there is one."""
    if ticket.channel != speaking.CHANNEL or ticket.is_solved:
        return None
    talk = Talk.objects.select_related("visitor").filter(pk=ticket.pk, ended=None).first()
    if talk is None:
        return None
    floor = speaking.floor_of(ticket)
    visitor = talk.visitor
    return Chat(
        is_here=ticket.number in here.told().present,
        is_silent=floor.with_person,
        wants_person=floor.wants_person and not floor.with_person,
        unseen=max(talk.last_line - talk.seen_line, 0),
        proof=visitor.proof if visitor.is_proven else "",
        page=visitor.page,
    )
