"""Targets counted from entries: for one ticket at once, for all of them in the background.

Nothing is added to the writing of entries. A round follows them as they become visible, and when a policy
or working hours change, it counts every open ticket again and says how far it has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from ahadi.lib import clock
from ahadi.promises import segments
from ahadi.promises.history import Fact, History, Span, facts_of
from ahadi.promises.models import Policy, Progress, Promise, Target
from ahadi.promises.rules import Rules
from ahadi.promises.segments import Clock, Rule, Segment, count
from ahadi.tickets import order
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import Kind

AT_ONCE = 200
ENTRIES = 1_000
# Working time for which the customer's silence stops the solution's clock: five days of eight hours.
LONGEST_REST = timedelta(hours=40)
NEWS, ALL = "entries", "tickets"


def follow() -> None:
    """Count what has happened since the last round, and go on counting again where rules have changed."""
    rules = Rules()
    progress, _is_new = Progress.objects.get_or_create(name=ALL)
    if not rules.policies:
        return
    if progress.mark != rules.mark:
        _begin(progress, rules.mark)
    _follow_entries(rules)
    _go_on(progress, rules)


def count_again(tickets: Sequence[Ticket], rules: Rules | None = None) -> list[Target]:
    """Count every clock of some tickets and write down what came out."""
    rules = rules or Rules()
    made = [target for ticket, history in histories(tickets) for target in targets_of(ticket, history, rules)]
    with transaction.atomic():
        known = {(target.ticket_id, target.metric, target.place) for target in made}
        for target in Target.objects.filter(ticket__in=[ticket.pk for ticket in tickets]):
            if (target.ticket_id, target.metric, target.place) not in known:
                target.delete()
        Target.objects.bulk_create(
            made,
            update_conflicts=True,
            unique_fields=["ticket", "metric", "place"],
            update_fields=["policy", "began", "due", "ended", "missed", "segments"],
        )
    return made


def targets_of(ticket: Ticket, history: History, rules: Rules) -> list[Target]:
    """The clocks of a ticket that some policy measures."""
    found = []
    for span, counted in clocks(ticket, history, rules):
        if counted.policy:
            found.append(_target(ticket, span, counted))
    return found


def clocks(ticket: Ticket, history: History, rules: Rules) -> Iterable[tuple[Span, Clock]]:
    """Every clock of a ticket, counted by the rules of each time."""
    changes = history.changes(facts_of(ticket))
    now = clock.now()
    for span in history.spans():
        found = rules.of(span.metric, changes)
        rests = history.rests(partial(_patience, found)) if span.metric == Policy.Metric.SOLUTION else []
        yield span, count(span.began, span.ended, found, rests, now)


def histories(tickets: Sequence[Ticket]) -> list[tuple[Ticket, History]]:
    """The histories of some tickets in two queries."""
    keys = [ticket.pk for ticket in tickets]
    facts: dict[int, list[Fact]] = {key: [] for key in keys}
    for key, *row in _facts(keys):
        facts[key].append(Fact(*row))
    waits: dict[int, list[tuple[datetime, datetime | None]]] = {key: [] for key in keys}
    asked = Promise.objects.filter(ticket__in=keys, step_code=Ticket.Step.CUSTOMER).order_by("pk")
    for key, made, ended in asked.values_list("ticket", "made", "ended"):
        waits[key].append((made, ended))
    return [(ticket, History(ticket.opened, facts[ticket.pk], waits[ticket.pk])) for ticket in tickets]


def _facts(keys: list[int]) -> Iterable[tuple[Any, ...]]:
    rows = Entry.objects.filter(ticket__in=keys).exclude(kind=Kind.NOTE).order_by("ticket", "seq")
    return rows.values_list(
        "ticket", "at", "kind", "code", "automatic", "words__data", "words__text"
    ).iterator()


def _patience(rules: Sequence[Rule], start: datetime) -> datetime:
    calendar = segments.rule_at(rules, start).calendar
    return calendar.add(start, LONGEST_REST.total_seconds())


def _target(ticket: Ticket, span: Span, counted: Clock) -> Target:
    return Target(
        ticket=ticket,
        metric=span.metric,
        place=span.place,
        policy_id=counted.policy,
        began=counted.began,
        due=counted.due,
        ended=counted.ended,
        missed=counted.missed,
        segments=[_written(segment) for segment in counted.segments],
    )


def _written(segment: Segment) -> list[Any]:
    end = segment.end.isoformat() if segment.end else None
    state = "running" if segment.is_running else "paused"
    # What still runs has no length yet.
    seconds = segment.seconds if segment.end else 0
    return [segment.start.isoformat(), end, state, segment.reason, seconds]


def _begin(progress: Progress, mark: str) -> None:
    progress.mark, progress.reached, progress.finished = mark, 0, 0
    progress.total, progress.began = Ticket.objects.open().count(), clock.now()
    progress.save()


def _follow_entries(rules: Rules) -> None:
    newest, is_new = Progress.objects.get_or_create(name=NEWS)
    if is_new:
        # What was there before is counted with all open tickets.
        newest.reached = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        newest.save()
    fresh = Entry.objects.filter(pk__gt=newest.reached, pk__lte=order.end()).order_by("pk")
    rows = list(fresh.values_list("pk", "ticket")[:ENTRIES])
    if not rows:
        return
    changed = list(_tickets().filter(pk__in={ticket for _key, ticket in rows}))
    for start in range(0, len(changed), AT_ONCE):
        count_again(changed[start : start + AT_ONCE], rules)
    Progress.objects.filter(pk=newest.pk).update(reached=rows[-1][0])


def _go_on(progress: Progress, rules: Rules) -> None:
    if progress.total <= progress.finished and progress.reached:
        return
    # Keys first: asked for with their customers, SQLite begins with every customer there is.
    coming = Ticket.objects.filter(pk__gt=progress.reached).exclude(status="solved").order_by("pk")
    keys = list(coming.values_list("pk", flat=True)[:AT_ONCE])
    batch = list(_tickets().filter(pk__in=keys).order_by("pk"))
    if not batch:
        Progress.objects.filter(pk=progress.pk).update(finished=F("total"), reached=2**62)
        return
    count_again(batch, rules)
    Progress.objects.filter(pk=progress.pk).update(reached=batch[-1].pk, finished=F("finished") + len(batch))


def _tickets() -> Any:
    return Ticket.objects.select_related("requester__organization")
