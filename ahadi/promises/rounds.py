"""What comes due by itself: warnings, words to the customer before a promise breaks, and the chain after it.

Each step is written down once, in the transaction that takes it, so that another worker, a restart or a
moment long past changes nothing about what happens; only when.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import connection, transaction

from ahadi.calendars import Calendar
from ahadi.lib import clock
from ahadi.lib.statement import update
from ahadi.promises import chain, times
from ahadi.promises.models import Alarm, Promise
from ahadi.tickets import targets
from ahadi.tickets.models import Ticket

log = logging.getLogger("ahadi.promises")

AT_ONCE = 200
_PUT_OFF = "UPDATE promises_promise SET look = %s WHERE id = %s AND look = %s"
# What fails is looked at again after this time, behind everything else.
PATIENCE = timedelta(minutes=5)


def attend() -> int:
    """Take every step that is due now; returns how many promises asked for one."""
    count = 0
    while found := list(Promise.objects.asking().select_related("owner_team__working_hours")[:AT_ONCE]):
        idle = _idle(found, clock.now())
        _put_off(idle)
        for promise in found:
            if promise not in idle:
                _attend(promise.pk)
        count += len(found)
        if len(found) < AT_ONCE:
            break
    return count


def _idle(found: list[Promise], now: datetime) -> dict[Promise, datetime]:
    """Those that ask for nothing yet, and when they will: a new promise asks as soon as it is made."""
    calendars: dict[int | None, Calendar] = {}
    idle = {}
    for promise in found:
        # What cannot be reckoned is told by name where each is looked after.
        with suppress(Exception):
            team = promise.owner_team_id
            calendar = calendars.get(team) or targets.hours_of(promise.owner_team)
            calendars[team] = calendar
            moment = _first_moment(promise, calendar)
            if now < moment:
                idle[promise] = moment
    return idle


def _first_moment(promise: Promise, calendar: Calendar) -> datetime:
    if not promise.is_ours:
        return promise.due
    warning = times.warning(calendar, promise.made, promise.due)
    told = promise.due if promise.again else times.announcement(calendar, promise.made, promise.due)
    return min(warning, told, promise.due)


def _put_off(idle: dict[Promise, datetime]) -> None:
    """Look again later, unless somebody changed meanwhile when to look; no ticket has to wait for it."""
    written = connection.ops.adapt_datetimefield_value
    rows = [(written(moment), promise.pk, written(promise.look)) for promise, moment in idle.items()]
    if rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_PUT_OFF, rows)


def _attend(key: int) -> None:
    try:
        with transaction.atomic():
            look_after(key)
    except Exception:
        log.exception("The promise %s could not be looked after", key)
        Promise.objects.filter(pk=key).update(look=clock.now() + PATIENCE)


def look_after(key: int) -> None:
    """Take the steps of one promise that are due, and say when to look again."""
    promise = _held(key)
    now = clock.now()
    if promise is None or promise.look is None or promise.look > now:
        return
    calendar = targets.hours_of(promise.owner_team)
    if not promise.is_ours:
        _wait_for_customer(promise, calendar, now)
        return
    _warn(promise, calendar, now)
    if not promise.again and now >= times.announcement(calendar, promise.made, promise.due):
        _announce(promise, calendar, now)
        return
    if now >= promise.due:
        _escalate(promise, calendar, now)
    promise.look = _next_look(promise, calendar, now)
    update(promise, "look")


def _held(key: int) -> Promise | None:
    """The promise with its ticket locked, so that nobody keeps or moves it in between."""
    found = Promise.objects.open().filter(pk=key).select_related("ticket").first()
    if found is None:
        return None
    found.ticket.lock()
    related = ("ticket__address", "ticket__requester", "ticket__team__lead", "ticket__team__manager")
    wanted = Promise.objects.open().filter(pk=key)
    return wanted.select_related(*related, "owner_agent", "owner_team__working_hours").first()


def _warn(promise: Promise, calendar: Calendar, now: datetime) -> None:
    due = times.warning(calendar, promise.made, promise.due)
    # After its time it is not a warning any more.
    if promise.warned is None and due <= now < promise.due:
        promise.warned = now
        update(promise, "warned")
        chain.tell(promise, Alarm.Level.WARNING, due)


def _announce(promise: Promise, calendar: Calendar, now: datetime) -> None:
    """Move a promise that will not hold, and let the customer know: before its time, or else at once."""
    ticket, was = promise.ticket, promise.due
    if now >= was:
        _escalate(promise, calendar, now)
    due = targets.answer_due(promise.owner_team, max(now, was))
    owner = promise.owner_agent
    data = {
        "was": was.isoformat(),
        "due": due.isoformat(),
        "owner": owner.first_name if owner else "",
        "team": promise.owner_team.name,
        "reason": "not_ready",
    }
    # The reaction ends this promise and makes the next one.
    ticket.change("announced" if now < was else "explained", data, None, due=due)


def _escalate(promise: Promise, calendar: Calendar, now: datetime) -> None:
    if promise.broken is None:
        promise.broken = promise.due
        update(promise, "broken")
    for level in times.CHAIN:
        since = times.escalation(calendar, promise.due, level)
        if since <= now:
            chain.tell(promise, level, since, again=promise.again, **_lead(promise, level))


def _lead(promise: Promise, level: int) -> dict[str, str]:
    """Whom the customer is told of when a promise breaks."""
    lead = chain.lead_of(promise.ticket) if level == Alarm.Level.OWNER else None
    return {"lead": lead.first_name} if lead else {}


def _next_look(promise: Promise, calendar: Calendar, now: datetime) -> datetime | None:
    moments = [times.warning(calendar, promise.made, promise.due), promise.due]
    if not promise.again:
        moments.append(times.announcement(calendar, promise.made, promise.due))
    moments += [times.escalation(calendar, promise.due, level) for level in times.CHAIN]
    return min((moment for moment in moments if moment > now), default=None)


def _wait_for_customer(promise: Promise, calendar: Calendar, now: datetime) -> None:
    """Somebody who does not answer is asked once more; after that a person of ours decides."""
    if now < promise.due:
        promise.look = promise.due
        update(promise, "look")
        return
    ticket = promise.ticket
    data = {"was": promise.due.isoformat()}
    if promise.again:
        due = targets.answer_due(promise.owner_team, now)
        open_again = {"status": Ticket.Status.OPEN, "step_code": Ticket.Step.NEWS, "step_text": ""}
        ticket.change("decision", data, None, due=due, **open_again)
        return
    due = calendar.add(now, times.NUDGE_TO_DECISION.total_seconds())
    ticket.change("nudged", data | {"due": due.isoformat()}, None, due=due)
