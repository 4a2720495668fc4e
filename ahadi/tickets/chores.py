"""The work in a ticket: a checklist, the time it took, and who read it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Sum

from ahadi.lib import clock
from ahadi.lib.statement import insert_new
from ahadi.tickets.models import Effort, Entry, Reading, Task, Ticket

if TYPE_CHECKING:
    from ahadi.people.models import Agent

MOST = 50
# Nobody works longer than a day without a word; a longer time is a slip of the finger.
LONGEST = 24 * 60

# What this process has written down already, so that a ticket that is open all day costs one row.
MOST_NOTED = 20_000
_noted: dict[tuple[int, int], date] = {}


class Full(Exception):
    """No more lines fit into this checklist."""


class Spent(NamedTuple):
    """How long one person worked on a ticket."""

    name: str
    minutes: int


def tasks(ticket: Ticket) -> list[Task]:
    """The checklist of a ticket."""
    return list(Task.objects.filter(ticket=ticket, removed=None).select_related("done_by"))


@transaction.atomic(savepoint=False)
def add(ticket: Ticket, text: str, *, by: Agent) -> Task:
    """Another line of the checklist."""
    ticket.lock()
    if Task.objects.filter(ticket=ticket, removed=None).count() >= MOST:
        raise Full
    ticket.change("task_added", {"text": text}, by)
    return Task.objects.create(ticket=ticket, text=text[:250], made_by=by)


@transaction.atomic(savepoint=False)
def tick(task: Task, is_done: bool, *, by: Agent) -> Entry | None:
    """Say that a line is done, or not after all; None where that was known."""
    task.ticket.lock()
    task.refresh_from_db(fields=["done", "removed"])
    if task.removed or is_done == (task.done is not None):
        return None
    task.done, task.done_by = (clock.now(), by) if is_done else (None, None)
    task.save(update_fields=["done", "done_by"])
    return task.ticket.change("task_done" if is_done else "task_undone", {"text": task.text}, by)


@transaction.atomic(savepoint=False)
def drop(task: Task, *, by: Agent) -> Entry | None:
    """Take a line off the checklist."""
    task.ticket.lock()
    if not Task.objects.filter(pk=task.pk, removed=None).update(removed=clock.now()):
        return None
    return task.ticket.change("task_removed", {"text": task.text}, by)


@transaction.atomic(savepoint=False)
def spend(ticket: Ticket, minutes: int, *, by: Agent) -> Effort:
    """Write down how long somebody worked."""
    ticket.change("time", {"minutes": minutes}, by)
    return Effort.objects.create(ticket=ticket, agent=by, minutes=minutes)


def spent(ticket: Ticket) -> list[Spent]:
    """How long each person worked, the longest first."""
    sums = Effort.objects.filter(ticket=ticket).values_list("agent__name").annotate(total=Sum("minutes"))
    return [Spent(*row) for row in sums.order_by("-total")]


def note_reading(ticket: Ticket, agent: Agent) -> None:
    """Remember that somebody opened the ticket today; the first time counts."""
    today = clock.now().date()
    key = ticket.pk, agent.pk
    if _noted.get(key) != today:
        insert_new(Reading(ticket=ticket, agent=agent, day=today))
        if len(_noted) > MOST_NOTED:
            _noted.clear()
        _noted[key] = today


def forget_readings() -> None:
    """Let the database say again what has been written down."""
    _noted.clear()


def readings(ticket: Ticket) -> list[tuple[str, date]]:
    """Who opened the ticket, newest day first."""
    found = Reading.objects.filter(ticket=ticket).order_by("-day", "-pk")
    return list(found.values_list("agent__name", "day")[:MOST])
