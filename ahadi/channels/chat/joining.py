"""A request that came by another way, or went on in another one, is talked about in the panel too."""

from __future__ import annotations

from ahadi.automation import speaking
from ahadi.channels.chat import lines
from ahadi.channels.models import Talk, Visitor
from ahadi.lib import clock
from ahadi.lib.statement import insert, update
from ahadi.tickets import merging
from ahadi.tickets.models import Entry, Ticket


def join(ticket: Ticket, visitor: Visitor) -> Talk:
    """The live side of a request that is held, with everything that its customer may read of it."""
    talk = Talk.objects.filter(pk=ticket.pk).first()
    if talk is None:
        talk = insert(Talk(ticket=ticket, visitor=visitor, begun=clock.now()))
    else:
        talk.left, talk.begun = None, clock.now()
        update(talk, "left", "begun")
    if ticket.channel != speaking.CHANNEL:
        lines.fill(talk)
    return talk


def follow(entry: Entry) -> None:
    """Whoever talks about a request that was merged goes on in the one it was merged into."""
    ticket = entry.ticket
    if ticket.channel != speaking.CHANNEL or entry.code != merging.MERGED:
        return
    talk = Talk.objects.select_related("visitor").filter(pk=ticket.pk, left=None).first()
    living = ticket.merged_into
    # Whoever only takes part there reads nothing of it here.
    if talk is None or living is None or living.requester_id != ticket.requester_id:
        return
    if not Talk.objects.filter(pk=living.pk).exclude(visitor=talk.visitor_id).exists():
        join(living, talk.visitor)
