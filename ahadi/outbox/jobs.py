"""Putting work down and getting it done: claimed by one worker, retried with patience, never forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.module_loading import import_string

from ahadi.lib import clock
from ahadi.outbox.models import Job

log = logging.getLogger("ahadi.outbox")

# A worker that has not finished by then is taken for dead; jobs bound their own network time below this.
LEASE = timedelta(minutes=5)
# 5 s, 30 s, 5 min, then hourly for a day (rule E-73).
PATIENCE = [timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5)] + [timedelta(hours=1)] * 24


class Hopeless(Exception):
    """Raised by a job when trying again cannot help; the message is for the administrator."""


def put(name: str, payload: dict[str, Any], order_by: str = "", delay: float = 0) -> Job:
    """Write a job into the current transaction and wake a worker after its commit."""
    if name not in settings.JOBS:
        raise ValueError(f"Unknown job {name!r}; add it to settings.JOBS.")
    job = Job.objects.create(
        name=name,
        payload=payload,
        order_by=order_by,
        next_try=clock.now() + timedelta(seconds=delay),
    )
    if not delay:
        transaction.on_commit(_wake)
    return job


def run_due(limit: int = 1000) -> int:
    """Run what is due until nothing is left or the limit is reached; returns how many ran."""
    for count in range(limit):
        job = claim()
        if job is None:
            return count
        run(job)
    return limit


def claim() -> Job | None:
    """Take the oldest due job that no earlier job of its key holds back; None when there is none."""
    now = clock.now()
    earlier = Job.objects.filter(order_by=OuterRef("order_by"), pk__lt=OuterRef("pk")).exclude(
        state=Job.State.FAILED
    )
    due = (
        Job.objects.filter(next_try__lte=now)
        .exclude(state=Job.State.FAILED)
        .filter(Q(order_by="") | ~Exists(earlier))
        .order_by("pk")
    )
    for job in due[:8]:
        # The conditional update lets exactly one worker win; a dead worker's lease has run out here.
        taken = Job.objects.filter(pk=job.pk, state=job.state, next_try=job.next_try).update(
            state=Job.State.RUNNING, next_try=now + LEASE, attempts=job.attempts + 1
        )
        if taken:
            job.state, job.attempts, job.next_try = Job.State.RUNNING, job.attempts + 1, now + LEASE
            return job
    return None


def run(job: Job) -> None:
    """Run a claimed job; its row goes away only when it is done."""
    handler: Callable[..., None] = import_string(settings.JOBS[job.name])
    try:
        handler(**job.payload)
    except Hopeless as error:
        _give_up(job, str(error))
    except Exception as error:
        log.exception("Job %s %s failed at attempt %s", job.name, job.pk, job.attempts)
        _try_later(job, f"{type(error).__name__}: {error}")
    else:
        job.delete()


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
