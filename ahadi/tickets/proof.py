"""The event that a ledger leaf commits to: enough to prove an entry, no name and no word of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ahadi.ledger import commitment
from ahadi.people.models import Address, Agent, Customer
from ahadi.tickets.said import PUBLIC, File, Said

if TYPE_CHECKING:
    from ahadi.tickets.models import Entry


class Before(NamedTuple):
    """The leaves that an entry is chained to: of the last entry, and of the last one that both sides read."""

    entry: bytes | memoryview = b""
    public: bytes | memoryview = b""

    def after(self, leaf: bytes | memoryview, kind: str) -> Before:
        """What the entry after this leaf is chained to."""
        return Before(leaf, leaf if kind in PUBLIC else self.public)


def event(
    number: str, before: Before, said: Said, seq: int, at: datetime, files: Sequence[str]
) -> commitment.Event:
    """The canonical event of one entry, chained to the leaves before it (rule T-20).

    The second chain leaves out what only agents read, so that a customer can be given a proof of every word
    that was said to each other, and of nothing else.
    """
    return {
        "v": 1,
        "case": number,
        "seq": seq,
        "type": f"{said.kind}.{said.code}" if said.code else said.kind,
        "at": at.isoformat(timespec="microseconds"),
        "actor": said.role,
        "automatic": said.automatic,
        "channel": said.channel,
        "lang": said.language,
        "body": _digest(said.text),
        "files": list(files),
        "rest": commitment.digest(commitment.canonical(_rest(said))),
        "previous": bytes(before.entry).hex(),
        "public": bytes(before.public).hex(),
    }


def of(entry: Entry, before: Before) -> bytes:
    """The canonical event of a kept entry, from its rows as they are now; nothing is asked of the opening."""
    words = entry.words
    by = Agent(pk=entry.agent_id) if entry.agent_id else None
    files = list(entry.attachments.all())
    said = Said(
        kind=entry.kind,
        text=words.text,
        new_text=words.new_text,
        html=words.html,
        code=entry.code,
        data=words.data,
        by=by or (Customer(pk=entry.customer_id) if entry.customer_id else None),
        address=Address(pk=entry.address_id) if entry.address_id else None,
        channel=entry.channel,
        language=entry.language,
        automatic=entry.automatic,
        files=[File(file.name, file.content_type, b"", file.content_id, file.is_inline) for file in files],
    )
    return commitment.canonical(
        event(entry.ticket.number, before, said, entry.seq, entry.at, [file.sha256 for file in files])
    )


def _rest(said: Said) -> dict[str, Any]:
    """Everything else that an entry holds, in the form in which it is kept."""
    return {
        "by": said.by.pk if said.by else None,
        "address": said.address.pk if said.address else None,
        "new": _digest(said.new_text) if said.new_text != said.text else _digest(""),
        "html": _digest(said.html),
        "data": dict(said.data),
        "files": [
            [file.name[:200], file.content_type[:120], file.content_id[:250], file.is_inline]
            for file in said.files
        ],
    }


def _digest(text: str) -> str:
    return commitment.digest(text.encode(errors="surrogatepass"))
