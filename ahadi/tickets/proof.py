"""The event that a ledger leaf commits to: enough to prove an entry, no name and no word of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ahadi.ledger import commitment
from ahadi.tickets.said import Said

if TYPE_CHECKING:
    from ahadi.tickets.models import Ticket


def event(ticket: Ticket, said: Said, seq: int, at: datetime, files: Sequence[str]) -> commitment.Event:
    """The canonical event of one entry, chained to the leaf of the entry before it (rule T-20)."""
    return {
        "v": 1,
        "case": ticket.number,
        "seq": seq,
        "type": f"{said.kind}.{said.code}" if said.code else said.kind,
        "at": at.isoformat(timespec="microseconds"),
        "actor": said.role,
        "automatic": said.automatic,
        "channel": said.channel,
        "lang": said.language,
        "body": commitment.digest(said.text.encode(errors="surrogatepass")),
        "data": commitment.digest(commitment.canonical(said.data)) if said.data else None,
        "files": list(files),
        "previous": bytes(ticket.last_leaf).hex(),
    }
