"""Words that have not been sent: kept within seconds, for each agent, ticket and kind of entry."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import transaction

from ahadi.desk.models import Sketch
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.tickets.models import Ticket


class Kept(NamedTuple):
    """The newest version, and the words of another tab or device where those must be asked about first."""

    version: int
    other: Sketch | None = None


@transaction.atomic
def keep(
    ticket: Ticket, agent: Agent, kind: str, text: str, *, seen: int, fields: dict[str, Any] | None = None
) -> Kept:
    """Keep the words as they are now; `seen` is the version they go on from, empty words are forgotten.

    What was written elsewhere since is never overwritten: it comes back, and its reader decides.
    """
    found = Sketch.objects.select_for_update().filter(ticket=ticket, agent=agent, kind=kind).first()
    if found is not None and found.version != seen and found.text != text:
        return Kept(found.version, found)
    if not text.strip():
        if found is not None:
            found.delete()
        return Kept(seen)
    version = max(seen, found.version if found else 0) + 1
    Sketch.objects.update_or_create(
        ticket=ticket,
        agent=agent,
        kind=kind,
        defaults={"text": text, "fields": fields or {}, "version": version, "written": clock.now()},
    )
    return Kept(version)


def of(ticket: Ticket, agent: Agent) -> dict[str, dict[str, Any]]:
    """What this agent has begun to write here, by kind of entry."""
    if not getattr(ticket, "has_sketches", True):
        return {}
    return {sketch.kind: sketch.plain for sketch in Sketch.objects.filter(ticket=ticket, agent=agent)}


def forget(ticket: Ticket, agent: Agent, kind: str) -> None:
    """The words were sent."""
    if getattr(ticket, "has_sketches", True):
        Sketch.objects.filter(ticket=ticket, agent=agent, kind=kind).delete()


def numbers(agent: Agent) -> list[str]:
    """The tracking codes of the tickets where this agent has begun to write."""
    seen = Ticket.objects.visible_to(agent)
    own = Sketch.objects.filter(seen.named_by("ticket"), agent=agent)
    return sorted(set(own.values_list("ticket__number", flat=True)))
