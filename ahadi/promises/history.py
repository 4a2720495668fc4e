"""What the entries of a ticket say about its clocks: when it was asked, answered, solved, and at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ahadi.promises.asking import asks
from ahadi.promises.models import Policy
from ahadi.promises.rules import Change
from ahadi.promises.segments import Rest
from ahadi.tickets import ending
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import Kind

Metric = Policy.Metric
LATEST = datetime.max.replace(tzinfo=UTC)


class Fact(NamedTuple):
    """One entry, as far as clocks ask for it."""

    at: datetime
    kind: str
    code: str
    by_machine: bool
    data: Mapping[str, Any]
    text: str

    @property
    def is_question(self) -> bool:
        """The customer wrote."""
        return self.kind == Kind.MESSAGE and not self.by_machine and self.code != ending.AFTER

    @property
    def is_answer(self) -> bool:
        """A person of ours wrote to the customer; notes and machines stop no clock."""
        return self.kind == Kind.REPLY and not self.by_machine and self.code not in ending.LETTERS


class Span(NamedTuple):
    """A clock's life: from what began it to what ended it."""

    metric: str
    place: int
    began: datetime
    ended: datetime | None


@dataclass
class History:
    """The clocks of one ticket before any rule is asked."""

    opened: datetime
    facts: list[Fact]
    # Times in which it was the customer's turn, as promises tell them.
    waits: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def spans(self) -> list[Span]:
        """Every clock that this history started."""
        return [*self._first(), *self._nexts(), *self._updates(), *self._solution()]

    def rests(self, limit: Callable[[datetime], datetime]) -> list[Rest]:
        """When the solution's clock rests: while it was solved, and while a customer owes an answer.

        `limit` says when somebody who was asked at a moment has had enough time.
        """
        found = [Rest(start, end, "solved") for start, end in self._solved()]
        for start, end in self.waits:
            if self._asked_for(start):
                found.append(Rest(start, min(end or LATEST, limit(start)), "customer"))
        return sorted(found, key=lambda rest: rest.start)

    def changes(self, now: Mapping[str, Any]) -> list[Change]:
        """What the ticket was from its opening on; `now` is what it is at the end."""
        events = [
            fact for fact in self.facts if fact.kind == Kind.EVENT and fact.code in ("team", "priority")
        ]
        was = {"priority": Ticket.Priority.NORMAL, "team": now["team"]}
        for fact in reversed(events):
            if fact.code == "team":
                was["team"] = fact.data.get("was", fact.data.get("team"))
        found = [Change(self.opened, {**now, **was})]
        for fact in events:
            found.append(Change(fact.at, {**found[-1].facts, fact.code: fact.data.get(fact.code)}))
        return found

    @property
    def _closing(self) -> datetime | None:
        """When it ended for good; null while it is open."""
        solved = self._solved()
        return solved[-1][0] if solved and solved[-1][1] is None else None

    def _first(self) -> Iterable[Span]:
        if self.facts and not self.facts[0].is_question:
            # Begun by us: nobody waits for a first answer.
            return
        answered = next((fact.at for fact in self.facts if fact.is_answer), self._closing)
        yield Span(Metric.FIRST, 1, self.opened, answered)

    def _nexts(self) -> Iterable[Span]:
        asked: datetime | None = None
        answered_once = not (self.facts and self.facts[0].is_question)
        place = 0
        for fact in self.facts:
            if fact.is_question and answered_once and asked is None:
                asked, place = fact.at, place + 1
            elif asked is not None and (fact.is_answer or _settles(fact)):
                yield Span(Metric.NEXT, place, asked, fact.at)
                asked = None
            answered_once = answered_once or fact.is_answer
        if asked is not None:
            yield Span(Metric.NEXT, place, asked, self._closing)

    def _updates(self) -> Iterable[Span]:
        began: datetime | None = self.opened
        place = 0
        for fact in self.facts:
            if fact.is_answer or _closes(fact):
                if began is not None:
                    place += 1
                    yield Span(Metric.UPDATE, place, began, fact.at)
                began = None if _closes(fact) else fact.at
            elif began is None and _opens(fact):
                began = fact.at
        if began is not None:
            yield Span(Metric.UPDATE, place + 1, began, None)

    def _solution(self) -> Iterable[Span]:
        merged = [
            fact.data["opened"]
            for fact in self.facts
            if fact.code == "merged_here" and fact.data.get("opened")
        ]
        began = min([self.opened, *(datetime.fromisoformat(moment) for moment in merged)])
        yield Span(Metric.SOLUTION, 1, began, self._closing)

    def _solved(self) -> list[tuple[datetime, datetime | None]]:
        found: list[tuple[datetime, datetime | None]] = []
        since: datetime | None = None
        for fact in self.facts:
            if since is None and _closes(fact):
                since = fact.at
            elif since is not None and _opens(fact):
                found.append((since, fact.at))
                since = None
        return [*found, (since, None)] if since is not None else found

    def _asked_for(self, moment: datetime) -> bool:
        said = [fact for fact in self.facts if fact.is_answer and fact.at <= moment]
        return bool(said) and asks(said[-1].text)


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """What conditions and hours of policies ask about a ticket, as it is now."""
    customer = ticket.requester
    organization = customer.organization
    contract = customer.working_hours_id or (organization.working_hours_id if organization else None)
    return {
        "customer": customer.pk,
        "organization": customer.organization_id,
        "team": ticket.team_id,
        "priority": ticket.priority,
        "language": ticket.language,
        "channel": ticket.channel,
        "hours": contract,
    }


def _closes(fact: Fact) -> bool:
    if fact.code == ending.ENDED:
        return True
    if fact.kind == Kind.EVENT:
        return fact.code in ("solved", "merged")
    return fact.is_answer and fact.code == "solution"


def _opens(fact: Fact) -> bool:
    if fact.kind == Kind.EVENT:
        return fact.code in ("reopened", "unmerged", ending.LIFTED)
    return fact.is_question or fact.code == ending.LIFTED or (fact.is_answer and fact.code != "solution")


def _settles(fact: Fact) -> bool:
    """Nobody has to answer any more: it was solved, or a thank-you that needs no answer."""
    return _closes(fact) or (fact.kind == Kind.EVENT and fact.code == "no_answer")
