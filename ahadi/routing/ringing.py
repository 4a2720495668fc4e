"""Ringing at the desks of everybody who is free, until one accepts: for talks and for call-backs.

A ring stays open until somebody accepts it, or it is withdrawn. While nobody is free it waits in line, and a
round of the worker rings as soon as somebody is.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q

from ahadi.lib import clock
from ahadi.lib.board import Note, board
from ahadi.people.models import Agent, Team
from ahadi.routing import waiting
from ahadi.routing.choice import Candidates, Choice, speaks
from ahadi.routing.models import Ring
from ahadi.routing.reactions import give
from ahadi.tickets import targets
from ahadi.tickets.models import Ticket

# Topics of the board that are no tracking codes.
HERE, RINGS, CALLERS = "~desk", "~ring", "~caller"
# A process that serves desks says so more often than this.
LIFE = 40.0
# The note of a ring is written again by the round, should the board be lost.
NOTED = 30.0
# Whoever said "not now" is asked again after a while, if nobody else came.
REST = timedelta(minutes=3)
# What an agent chose: no ring at their desk.
QUIET = "no_rings"
# Talks that somebody leads at once; of calls it is one.
MOST_TALKS = 3
# Somebody in a call is not rung; a call whose end nobody wrote down is over after this.
LONGEST_CALL = timedelta(hours=1)
# A promise is not made for sooner than this, however fast the desks usually are.
SOONEST = timedelta(minutes=5)
# The web servers of a machine are forked from one process, which has given them this.
_MACHINE = uuid.uuid4().hex


class Taken(Exception):
    """Somebody else was faster, or the customer no longer waits."""


class Desks(NamedTuple):
    """Whose desk is open now."""

    agents: frozenset[int]


def sit(agents: Iterable[int]) -> None:
    """These agents have the desk open at this process; said again every few seconds."""
    board().put(HERE, f"{_MACHINE}/{os.getpid()}", sorted(set(agents)), LIFE)


def desks(notes: Iterable[Note] | None = None) -> Desks:
    """Everybody whose desk is open at any process."""
    found = board().read() if notes is None else notes
    return Desks(frozenset(pk for note in found if note.topic == HERE for pk in note.what))


def told(notes: Iterable[Note]) -> dict[int, list[str]]:
    """What rings at the desk of each agent, as the board has it: rings, and calls that come in."""
    found: dict[int, list[str]] = {}
    for note in notes:
        if note.topic in (RINGS, CALLERS):
            for agent in note.what:
                found.setdefault(agent, []).append(f"{note.topic}/{note.who}"[1:])
    return {agent: sorted(rings) for agent, rings in found.items()}


def show_caller(call: int, agents: list[int], seconds: float) -> None:
    """A call comes in at these desks; at none any more where there are none."""
    if agents:
        # The same agents may have to look once more: the call is another one by now.
        board().put(CALLERS, f"{call}/{int(clock.now().timestamp() * 1000)}", agents, seconds)
    for note in board().read():
        if note.topic == CALLERS and note.who.startswith(f"{call}/") and (not agents or note.what != agents):
            board().take(CALLERS, note.who)


@transaction.atomic
def ring(ticket: Ticket, cause: str = Ring.Cause.CALL, *, asked: datetime | None = None) -> Ring:
    """Ring at every free agent's desk; a ticket that rings already goes on doing so."""
    standing = Ring.objects.open().filter(ticket=ticket).first()
    if standing is not None:
        return standing
    made = Ring(ticket=ticket, cause=cause, team=ticket.team, asked=asked or clock.now())
    found = free(made)
    made.rings_at, made.was_free = found, bool(found)
    made.begun = clock.now() if found else None
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        # Asked for twice in the same moment.
        return Ring.objects.open().get(ticket=ticket)
    transaction.on_commit(lambda: _note(made))
    return made


def free(asked: Ring, here: Desks | None = None) -> list[int]:
    """Who may be rung now: in the team, at the desk, speaking the language, with room and not refusing."""
    ticket = asked.ticket
    here = desks() if here is None else here
    if not here.agents:
        return []
    known = Candidates.of(asked.team, ticket)
    speaking = [member for member in known.members if speaks(member, ticket.language)]
    busy = _busy(asked.cause)
    return [
        member.pk
        # Where nobody of the team speaks it, anybody is better than nobody.
        for member in speaking or known.members
        if member.pk in here.agents
        and member.pk not in known.away
        and member.pk not in busy
        and not member.preferences.get(QUIET)
        and (ticket.assignee_id == member.pk or known.has_room(member))
        and not _rests(asked, member.pk)
    ]


def accept(asked: Ring, agent: Agent) -> Ring:
    """The first one gets it, and with it the ticket; raises Taken for everybody after."""
    with transaction.atomic():
        ticket = asked.ticket
        # The ticket first, as everybody else who writes to both.
        ticket.lock()
        now = clock.now()
        won = Ring.objects.filter(pk=asked.pk, ended=None).update(
            accepted_by=agent, accepted=now, ended=now, why=Ring.Why.ACCEPTED, rings_at=[]
        )
        asked.refresh_from_db()
        if not won:
            if asked.accepted_by_id == agent.pk:
                return asked
            raise Taken
        # Who calls back for a colleague does not take their ticket away; who takes a talk leads it.
        is_talk = asked.cause == Ring.Cause.TALK
        if ticket.assignee_id is None or (is_talk and ticket.assignee_id != agent.pk):
            give(ticket, Choice(agent, "rang"))
        transaction.on_commit(lambda: _take_down(asked))
    return asked


def decline(asked: Ring, agent: Agent) -> None:
    """Not now: this desk is silent for a while, the others go on ringing."""
    with transaction.atomic():
        found = Ring.objects.select_for_update().filter(pk=asked.pk, ended=None).first()
        if found is None:
            return
        found.refused = {**found.refused, str(agent.pk): clock.now().isoformat()}
        found.rings_at = [pk for pk in found.rings_at if pk != agent.pk]
        found.save(update_fields=["refused", "rings_at"])
        transaction.on_commit(lambda: _note(found))


def finish(asked: Ring) -> None:
    """What it led to is over: whoever accepted it is free again."""
    Ring.objects.filter(pk=asked.pk, finished=None).update(finished=clock.now())


def end(asked: Ring, why: str = Ring.Why.WITHDRAWN) -> bool:
    """Nobody has to come any more; False where somebody has come already."""
    ended = Ring.objects.filter(pk=asked.pk, ended=None).update(ended=clock.now(), why=why, rings_at=[])
    transaction.on_commit(lambda: _take_down(asked))
    return bool(ended)


def attend() -> int:
    """Ring at desks that have become free, and no more at others; returns how many rings changed."""
    standing = list(Ring.objects.open().select_related("ticket", "team"))
    if not standing:
        return 0
    notes = board().read()
    here, noted = desks(notes), {int(note.who) for note in notes if note.topic == RINGS}
    return sum(_follow(each, here, is_noted=each.pk in noted) for each in standing)


def place(asked: Ring) -> int:
    """The place in the line of a team, from 1."""
    earlier = Q(asked__lt=asked.asked)
    if asked.pk is not None:
        earlier |= Q(asked=asked.asked, pk__lt=asked.pk)
    return Ring.objects.open().filter(earlier, team=asked.team).count() + 1


def lines(cause: str, team: Team | None = None) -> dict[int, dict[int, int]]:
    """Who waits while no desk rings, by team: the tickets, and the place of each in the team's line."""
    standing = Ring.objects.open().order_by("asked", "pk")
    if team is not None:
        standing = standing.filter(team=team)
    found: dict[int, dict[int, int]] = {}
    before: Counter[int] = Counter()
    for of_team, ticket, its_cause, begun in standing.values_list("team", "ticket", "cause", "begun"):
        before[of_team] += 1
        if its_cause == cause and begun is None:
            found.setdefault(of_team, {})[ticket] = before[of_team]
    return found


def promised(asked: Ring) -> datetime:
    """By when somebody has come: from what was measured, by the place in line, within the team's hours."""
    now = clock.now()
    calendar = targets.hours_of(asked.team)
    known = waiting.measured(asked.cause, is_free=asked.begun is not None)
    if asked.begun is None:
        at_work = max(len(desks().agents), 1)
        length = known.long * -(-place(asked) // at_work) if known else None
    else:
        length = known.long if known else SOONEST
    if length is None:
        return targets.answer_due(asked.team, now)
    return calendar.add(now, int(max(length, SOONEST).total_seconds()))


def rings_of(agent: Agent) -> list[Ring]:
    """What rings at somebody's desk now, first come first."""
    seen = Ticket.objects.visible_to(agent)
    found = Ring.objects.open().filter(seen.named_by("ticket")).select_related("ticket__requester", "team")
    return [each for each in found if agent.pk in each.rings_at]


def _follow(asked: Ring, here: Desks, *, is_noted: bool) -> bool:
    if asked.ticket.is_solved:
        return end(asked, Ring.Why.ANSWERED)
    now = free(asked, here)
    if now == asked.rings_at:
        if now and not is_noted:
            _note(asked)
        return False
    with transaction.atomic():
        found = Ring.objects.select_for_update().filter(pk=asked.pk, ended=None).first()
        if found is None:
            return False
        # Somebody may have said "not now" meanwhile.
        found.rings_at = [pk for pk in now if not _rests(found, pk)]
        found.begun = found.begun or (clock.now() if found.rings_at else None)
        found.save(update_fields=["rings_at", "begun"])
        transaction.on_commit(lambda: _note(found))
    return True


def _busy(cause: str) -> set[int]:
    """Who speaks with somebody already; a talk is written, so there may be several of them."""
    since = clock.now() - LONGEST_CALL
    calls = Ring.objects.filter(cause=Ring.Cause.CALL, accepted__gt=since, finished=None)
    busy = set(calls.values_list("accepted_by", flat=True))
    if cause == Ring.Cause.TALK:
        talks = Ring.objects.filter(cause=Ring.Cause.TALK, accepted__gt=since, finished=None)
        theirs = talks.exclude(ticket__status=Ticket.Status.SOLVED).values_list("accepted_by", flat=True)
        busy |= {pk for pk, count in Counter(theirs).items() if count >= MOST_TALKS}
    return {pk for pk in busy if pk is not None}


def _rests(asked: Ring, agent: int) -> bool:
    said = asked.refused.get(str(agent))
    return bool(said) and clock.now() - datetime.fromisoformat(said) < REST


def _note(asked: Ring) -> None:
    if asked.rings_at:
        board().put(RINGS, str(asked.pk), asked.rings_at, NOTED)
    else:
        _take_down(asked)


def _take_down(asked: Ring) -> None:
    board().take(RINGS, str(asked.pk))
