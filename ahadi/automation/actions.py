"""What a macro does to a ticket: each action a sentence that is read before, and a verb of the ticket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ahadi.automation.models import Macro
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets import handing, targets
from ahadi.tickets.models import Tag, Ticket

MYSELF, NOBODY = "me", "nobody"


class Action(ABC):
    """One thing a macro does; the value is what was chosen when the macro was made."""

    code: ClassVar[str]
    # What the next owner reads: the name that somebody gave to the macro.
    sentence = ""

    def __init__(self, value: Any) -> None:
        self.value = value

    @abstractmethod
    def describe(self) -> str | Promise:
        """What it will do, for the person who is about to do it; empty where it can do nothing any more."""

    @abstractmethod
    def run(self, ticket: Ticket, by: Agent) -> None:
        """Do it, unless it is so already."""


class HandOver(Action):
    """To another team."""

    code = "team"

    @property
    def team(self) -> Team | None:
        return Team.objects.filter(pk=self.value).first()

    def describe(self) -> str:
        return _("Hand it to %(team)s") % {"team": self.team.name} if self.team else ""

    def run(self, ticket: Ticket, by: Agent) -> None:
        team = self.team
        if team is not None and team.pk != ticket.team_id:
            handing.hand(ticket, team, self.sentence, by=by)


class Assign(Action):
    """To a person, to whoever runs the macro, or back to the team."""

    code = "assign"

    def _agent(self, by: Agent | None) -> Agent | None:
        if self.value == MYSELF:
            return by
        return Agent.objects.filter(pk=self.value, is_active=True).first() if self.value != NOBODY else None

    def describe(self) -> str:
        if self.value == MYSELF:
            return _("Assign it to you")
        if self.value == NOBODY:
            return _("Give it back to its team")
        agent = self._agent(None)
        return _("Assign it to %(name)s") % {"name": agent.name} if agent else ""

    def run(self, ticket: Ticket, by: Agent) -> None:
        agent = self._agent(by)
        is_possible = agent is not None or self.value == NOBODY
        if is_possible and agent != ticket.assignee:
            handing.hand(ticket, agent, self.sentence, by=by)


class AddTags(Action):
    """Some tags beside those it has."""

    code = "tags"

    def describe(self) -> str:
        return _("Add the tags %(tags)s") % {"tags": ", ".join(self.value)}

    def run(self, ticket: Ticket, by: Agent) -> None:
        now = list(ticket.tags.all())
        names = {tag.name for tag in now}
        more = [Tag.objects.get_or_create(name=name)[0] for name in self.value if name not in names]
        if more:
            ticket.retag([*now, *more], by=by)


class Prioritise(Action):
    """How urgent it is from now on."""

    code = "priority"

    def describe(self) -> str:
        return _("Set the priority to %(priority)s") % {"priority": Ticket.Priority(self.value).label}

    def run(self, ticket: Ticket, by: Agent) -> None:
        if ticket.priority != self.value:
            ticket.prioritise(self.value, by=by)


class Undertake(Action):
    """A next step, and how many hours of working time it may take."""

    code = "promise"

    def describe(self) -> str:
        words = {"step": self.value["step"], "time": _length(self.value["minutes"])}
        return _("Promise “%(step)s” within %(time)s hours of working time") % words

    def run(self, ticket: Ticket, by: Agent) -> None:
        due = targets.hours_of(ticket.team).add(clock.now(), self.value["minutes"] * 60)
        if ticket.is_solved:
            ticket.reopen(by=by)
        ticket.promise(self.value["step"], due, by=by)


class Settle(Action):
    """Open, waiting for the customer or solved."""

    code = "status"

    def describe(self) -> str:
        return {
            Ticket.Status.OPEN: _("Open it again"),
            Ticket.Status.WAITING: _("Let it wait for the customer"),
            Ticket.Status.SOLVED: _("Solve it"),
        }[Ticket.Status(self.value)]

    def run(self, ticket: Ticket, by: Agent) -> None:
        if ticket.status == self.value:
            return
        if self.value == Ticket.Status.SOLVED:
            ticket.solve(by=by)
        elif self.value == Ticket.Status.WAITING:
            ticket.wait(by=by)
        else:
            ticket.reopen(by=by)


# In the order in which they are done: the promise after the owner, the status last.
ACTIONS: dict[str, type[Action]] = {
    kind.code: kind for kind in (HandOver, Assign, AddTags, Prioritise, Undertake, Settle)
}


def of(macro: Macro) -> list[Action]:
    """What a macro does, in order; what has become impossible is left out."""
    known = [ACTIONS[code](value) for code, value in macro.actions if code in ACTIONS]
    return [action for action in known if action.describe()]


def describe(macro: Macro) -> list[str]:
    """The sentences that are read before a macro runs."""
    return [str(action.describe()) for action in of(macro)]


@transaction.atomic
def run(macro: Macro, ticket: Ticket, *, by: Agent) -> Sequence[Action]:
    """Do all of a macro or nothing; each step is an entry of the ticket as if it had been done by hand."""
    ticket.lock()
    done = of(macro)
    for action in done:
        action.sentence = macro.name
        action.run(ticket, by)
    macro.count_use()
    return done


def _length(minutes: int) -> str:
    length = timedelta(minutes=minutes)
    hours, rest = divmod(int(length.total_seconds()) // 60, 60)
    return f"{hours}:{rest:02}"
