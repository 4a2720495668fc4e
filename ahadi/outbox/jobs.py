"""Putting work down and getting it done: claimed by one worker, retried with patience, never forgotten."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.module_loading import import_string

from ahadi.lib import clock, piece
from ahadi.lib.fresh import make
from ahadi.lib.statement import insert, insert_all
from ahadi.outbox import NotNow, life
from ahadi.outbox.handful import AT_ONCE, Handful
from ahadi.outbox.models import Job

log = logging.getLogger("ahadi.outbox")

# A worker that has not finished by then is taken for dead; jobs bound their own network time below this.
LEASE = timedelta(minutes=5)
# At once for what a busy machine or database refused, then 5 min and hourly for a day (rule E-73).
PATIENCE = [timedelta(seconds=seconds) for seconds in (1, 5, 30, 300)] + [timedelta(hours=1)] * 24

# Exactly one worker gets a job; that of a dead one is due again when its death is noticed, at the latest
# when its lease has run out.
_CLAIM = """
WITH due AS (
  SELECT id FROM outbox_job job WHERE state <> 'failed' AND next_try <= %s
    AND (order_by = '' OR NOT EXISTS (
      SELECT 1 FROM outbox_job earlier
      WHERE earlier.order_by = job.order_by AND earlier.id < job.id AND earlier.state <> 'failed'))
  ORDER BY wanted, id LIMIT %s {locking}
)
UPDATE outbox_job SET state = 'running', next_try = %s, attempts = attempts + 1, worker = %s
WHERE id IN (SELECT id FROM due) RETURNING wanted, id, name, CAST(payload AS text), attempts
"""


# What the workers of this process are at.
_in_hand: set[Handful] = set()


class Hopeless(Exception):
    """Raised by a job when trying again cannot help; the message is for the administrator."""


def put(name: str, payload: dict[str, Any], order_by: str = "", delay: float = 0, can_wait: float = 0) -> Job:
    """Write a job into the current transaction and wake a worker after its commit.

    It is due after `delay` seconds, and lets pass by what is wanted within `can_wait` seconds from then.
    """
    next_try = clock.now() + timedelta(seconds=delay)
    job = insert(_job(name, payload, order_by, next_try, next_try + timedelta(seconds=can_wait)))
    if not delay:
        transaction.on_commit(_wake)
    return job


def put_all(name: str, wanted: Sequence[tuple[dict[str, Any], str]]) -> None:
    """Write jobs that are due at once, in this order, by their payloads and what they are ordered by."""
    now = clock.now()
    if wanted:
        insert_all([_job(name, payload, order_by, now, now) for payload, order_by in wanted])
        transaction.on_commit(_wake)


def _job(name: str, payload: dict[str, Any], order_by: str, next_try: datetime, wanted: datetime) -> Job:
    if name not in settings.JOBS:
        raise ValueError(f"Unknown job {name!r}; add it to settings.JOBS.")
    return make(Job, name=name, payload=payload, order_by=order_by, next_try=next_try, wanted=wanted)


def run_due(limit: int = 1000) -> int:
    """Run what is due until nothing is left or the limit is reached; returns how many ran."""
    count = 0
    while count < limit and (taken := claim(min(AT_ONCE, limit - count))):
        count += _work(taken)
    return count


def are_held_up() -> bool:
    """All who are at work in this process wait for something."""
    at_work = list(_in_hand)
    return bool(at_work) and all(handful.is_held_up for handful in at_work)


def relieve() -> int:
    """Let others have what waits behind a slow job; returns how many workers here are at one."""
    slow = [handful for handful in list(_in_hand) if handful.is_slow]
    for handful in slow:
        _put_down(handful)
    return len(slow)


def _work(taken: list[Job]) -> int:
    """Run what was claimed together, as long as it is quick; what is done goes away together at the end."""
    handful, begun = Handful(taken), 0
    _in_hand.add(handful)
    try:
        with piece.of_work():
            while job := handful.take():
                begun += (
                    _run_together(handful, job) if job.name in settings.JOBS_TOGETHER else _run(handful, job)
                )
    finally:
        _in_hand.discard(handful)
        _put_down(handful)
    return begun


def _run(handful: Handful, job: Job) -> int:
    if run(job):
        handful.finish(job)
    return 1


def _run_together(handful: Handful, first: Job) -> int:
    """Let a job and those alike behind it be done as far as they can be together; returns how many.

    The handler takes one after the other, and knows which may come, to ask about them in one question.
    """
    some = [first]
    ahead = [job.payload for job in (first, *handful.coming(first.name))]

    def payloads() -> Iterator[dict[str, Any]]:
        yield first.payload
        while job := handful.take(first.name):
            some.append(job)
            yield job.payload

    handler: Callable[..., None] = import_string(settings.JOBS_TOGETHER[first.name])
    try:
        handler(payloads(), ahead)
    except Exception:
        # Each is tried alone, where it is seen which of them it was; one that is done already does nothing.
        log.exception("Jobs %s could not be done together", first.name)
        return sum(_run(handful, job) for job in some)
    for job in some:
        handful.finish(job)
    return len(some)


def _put_down(handful: Handful) -> None:
    done, rest = handful.empty()
    try:
        if done:
            Job.objects.filter(pk__in=done).delete()
    finally:
        give_back(rest)


def claim(limit: int = 1) -> list[Job]:
    """Take what is due and wanted first, as far as no earlier job of its key holds it back."""
    now = clock.now()
    times = [connection.ops.adapt_datetimefield_value(moment) for moment in (now, now + LEASE)]
    locking = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(locking=locking), [times[0], limit, times[1], life.own.number])
        rows = cursor.fetchall()
    return [
        Job(key, name, json.loads(payload), attempts=attempts, state=Job.State.RUNNING, next_try=now + LEASE)
        for _wanted, key, name, payload, attempts in sorted(rows, key=lambda row: row[:2])
    ]


def give_back(taken: list[Job]) -> None:
    """Let others have what was claimed and not begun: one slow job must not hold up the rest."""
    if taken:
        Job.objects.filter(pk__in=[job.pk for job in taken], state=Job.State.RUNNING).update(
            state=Job.State.WAITING, next_try=clock.now(), attempts=F("attempts") - 1
        )


def run(job: Job) -> bool:
    """Run a claimed job; says whether it is done, so that its row can go."""
    handler: Callable[..., None] = import_string(settings.JOBS[job.name])
    try:
        handler(**job.payload)
    except Hopeless as error:
        _give_up(job, str(error))
    except NotNow as error:
        log.warning("Job %s %s waits after attempt %s: %s", job.name, job.pk, job.attempts, error)
        _try_later(job, str(error))
    except Exception as error:
        log.exception("Job %s %s failed at attempt %s", job.name, job.pk, job.attempts)
        _try_later(job, f"{type(error).__name__}: {error}")
    else:
        return True
    return False


def reclaim() -> int:
    """Let what a dead worker held run now instead of at the end of its lease; only while no worker lives."""
    return Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.WAITING, next_try=clock.now())


def try_again(job: Job) -> None:
    """Let a failed or waiting job run now; the administrator's button."""
    Job.objects.filter(pk=job.pk).exclude(state=Job.State.RUNNING).update(
        state=Job.State.WAITING, next_try=clock.now(), attempts=0
    )
    transaction.on_commit(_wake)


def _try_later(job: Job, error: str) -> None:
    if job.attempts > len(PATIENCE):
        _give_up(job, error)
        return
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.WAITING,
        next_try=clock.now() + PATIENCE[job.attempts - 1],
        last_error=error[:2000],
    )


def _give_up(job: Job, error: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, last_error=error[:2000])


def _wake() -> None:
    from ahadi.outbox import worker

    worker.wake()
