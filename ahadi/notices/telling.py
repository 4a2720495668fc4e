"""Reads the entries of all tickets in their order and tells whom they concern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from ahadi import outbox
from ahadi.lib import clock
from ahadi.notices import wishes
from ahadi.notices.models import Notice, Place
from ahadi.people.models import Agent
from ahadi.tickets import feed, followers
from ahadi.tickets.ending import AFTER
from ahadi.tickets.models import Entry, Follower, Mention, Ticket

Reason = Notice.Reason
# "returned": a solution was none for the second time, and the lead is asked to look.
PROMISES = ("warned", "broken", "escalated", "returned")
# What those who follow a ticket hear of, beside everything that is said.
TURNS = ("solved", "reopened", "broken")
# All that `_concerned` can say anything about: not the request itself, nor what a machine says.
_CONCERNING = Entry.objects.select_related("ticket__team", "words").filter(
    Q(kind=Entry.Kind.NOTE) | Q(code__in=[*PROMISES, *TURNS, "assigned"]) | Q(automatic=False, seq__gt=1)
)


def tell() -> int:
    """Tell of everything that happened since the last round, and say how many entries that was."""
    # Work for every entry would make writing slower; a second later is soon enough, and the place in the
    # order of entries is kept, so that nothing is told twice or missed.
    place = Place.objects.filter(pk=1).first()
    if place is None:
        # What was before the first round is not told.
        Place.objects.get_or_create(pk=1, defaults={"entry": feed.end()})
        return 0
    until = feed.end()
    if until <= place.entry:
        return 0
    with transaction.atomic():
        held = Place.objects.select_for_update().get(pk=1)
        happened = feed.since(held.entry, until)
        entries = _CONCERNING.in_bulk([each.pk for each in happened])
        for each in happened:
            if each.pk in entries:
                _tell_of(entries[each.pk])
        Place.objects.filter(pk=1).update(entry=happened[-1].pk if happened else until)
    return len(happened)


def read(agent: Agent, ticket: Ticket) -> int:
    """Their ticket is open before them: everything about it is read."""
    followers.see(ticket, agent)
    return Notice.objects.filter(agent=agent, ticket=ticket).unread().update(read=clock.now())


def _tell_of(entry: Entry) -> None:
    told: set[int] = {entry.agent_id} if entry.agent_id else set()
    for agent_id, reason in _concerned(entry):
        if agent_id not in told:
            # The strongest reason comes first and is enough.
            told.add(agent_id)
            _give(agent_id, entry, reason)


def _concerned(entry: Entry) -> Iterator[tuple[int, str]]:
    data: dict[str, Any] = entry.words.data if hasattr(entry, "words") else {}
    if entry.kind == Entry.Kind.EVENT and entry.code in PROMISES:
        yield from ((agent, Reason.PROMISE) for agent in _answerable(entry, data))
    if entry.kind == Entry.Kind.EVENT and entry.code == "assigned" and data.get("agent"):
        yield int(data["agent"]), Reason.ASSIGNED
    if entry.kind == Entry.Kind.NOTE:
        called = Mention.objects.filter(entry=entry).values_list("agent", flat=True)
        yield from ((agent, Reason.MENTIONED) for agent in called)
    # The request itself answers nothing: whoever gets it is told that they got it.
    # Nor is anybody called to what comes after the end of a talk.
    is_said = entry.kind != Entry.Kind.EVENT and not entry.automatic and entry.seq > 1
    is_said = is_said and entry.code != AFTER
    if entry.kind == Entry.Kind.MESSAGE and is_said and entry.ticket.assignee_id:
        yield entry.ticket.assignee_id, Reason.ANSWERED
    if is_said or entry.code in TURNS:
        following = Follower.objects.filter(ticket=entry.ticket_id).values_list("agent", flat=True)
        yield from ((agent, Reason.FOLLOWED) for agent in following)


def _answerable(entry: Entry, data: dict[str, Any]) -> Iterable[int]:
    if data.get("agent"):
        return [int(data["agent"])]
    # Nobody in person answers for it: the team does.
    return Agent.objects.filter(teams=entry.ticket.team_id, is_active=True).values_list("pk", flat=True)


def _give(agent_id: int, entry: Entry, reason: str) -> None:
    agent = Agent.objects.filter(pk=agent_id, is_active=True).first()
    if agent is None or not Ticket.objects.visible_to(agent).filter(pk=entry.ticket_id).exists():
        return
    chosen = wishes.ways(agent, reason)
    if not chosen:
        return
    notice, is_new = Notice.objects.unread().get_or_create(
        agent=agent, ticket=entry.ticket, reason=reason, defaults={"entry": entry, "at": entry.at}
    )
    # Whoever did not see the warning is told once more that it broke.
    again = reason == Reason.PROMISE
    if not is_new:
        lost: dict[str, Any] = {"mailed": None, "pushed": None} if again else {}
        Notice.objects.filter(pk=notice.pk).update(entry=entry, at=entry.at, count=F("count") + 1, **lost)
    if (is_new or again) and wishes.PUSH in chosen:
        outbox.put("notices.push", {"notice_id": notice.pk})
