"""Whether the product can serve, part by part, for load balancers and watchers."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ahadi.api import tokens
from ahadi.channels.models import Delivery, MailServer, Pause, RawMessage
from ahadi.lib import clock, memory, store
from ahadi.outbox.models import Job
from ahadi.tickets.models import Ticket

Part = dict[str, Any]

# Below this there is no room for the largest mail and its attachments.
LITTLE_SPACE = 200 * 1024 * 1024
# Work that is due for longer than this is not being done.
LATE = timedelta(minutes=5)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """`ok` when it can serve; with `?full` each part as JSON. Only a dead database is no service at all."""
    if "full" not in request.GET:
        is_alive = _safely(database)["ok"]
        return HttpResponse(
            "ok" if is_alive else "no database", "text/plain", status=200 if is_alive else 503
        )
    parts = {part.__name__: _safely(part) for part in PARTS}
    failing = [name for name, part in parts.items() if not part["ok"]]
    body = {"status": "failing" if failing else "ok", "failing": failing, "parts": parts}
    return JsonResponse(body, status=503 if "database" in failing else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The state in numbers as Prometheus reads it, for the administrator's token."""
    token = tokens.shown(request)
    if token is None:
        return HttpResponse("A token is needed.\n", "text/plain", 401, headers={"WWW-Authenticate": "Bearer"})
    if not tokens.may(token, "admin:read"):
        return HttpResponse("The token needs the scope admin:read.\n", "text/plain", 403)
    lines = [line for name, (purpose, value) in _numbers().items() for line in _lines(name, purpose, value)]
    return HttpResponse("\n".join([*lines, ""]), "text/plain; version=0.0.4; charset=utf-8")


def database() -> Part:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "vendor": connection.vendor}


def disk() -> Part:
    """There is room in the data folder."""
    free = shutil.disk_usage(settings.AHADI_DATA).free
    return {"ok": free >= LITTLE_SPACE, "free_bytes": free}


def files() -> Part:
    """Raw messages and attachments can be written."""
    store.try_out()
    return {"ok": True}


def outbox() -> Part:
    """Work that is due gets done."""
    jobs = Job.objects.exclude(state=Job.State.FAILED)
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    retrying = jobs.filter(attempts__gt=0, state=Job.State.WAITING).count()
    oldest = jobs.aggregate(oldest=Min("next_try"))["oldest"]
    is_late = oldest is not None and clock.now() - oldest > LATE
    is_ok = not (failed or is_late)
    return {"ok": is_ok, "waiting": jobs.count(), "retrying": retrying, "failed": failed, "late": is_late}


def smtp_out() -> Part:
    """The last mail that was tried went out; nothing is sent to find out."""
    if not settings.AHADI_SMTP_OUT:
        return {"ok": True, "kept": True}
    # A server that cannot be reached leaves an error, and no attempt: no text was handed over.
    of_mail = Delivery.objects.filter(channel="email").exclude(state=Delivery.State.KEPT)
    tried = of_mail.exclude(attempts=0, last_error="")
    last = tried.order_by("-pk").values_list("state", "last_error").first()
    # A refused recipient is no trouble of the server: only what will be tried again counts.
    is_stuck = (
        last is not None and last[0] in (Delivery.State.QUEUED, Delivery.State.SENDING) and bool(last[1])
    )
    return {"ok": not is_stuck, "kept": False}


def smtp_in() -> Part:
    """The door for incoming mail is open."""
    if settings.AHADI_SMTP_IN is None:
        return {"ok": True, "closed": True}
    with socket.create_connection(settings.AHADI_SMTP_IN, timeout=1):
        return {"ok": True, "closed": False}


def redis() -> Part:
    """What processes share answers; without it each remembers for itself, and nothing is lost."""
    if not settings.AHADI_REDIS:
        return {"ok": True, "used": False}
    return {"ok": memory.is_shared(), "used": True}


def inboxes() -> Part:
    """Mail is fetched for every inbox that it is to be fetched for."""
    silent = MailServer.objects.silent().count()
    return {"ok": not silent, "fetched": MailServer.objects.fetched().count(), "silent": silent}


def automatic_mail() -> Part:
    """Machines of ours may write; people always may."""
    is_paused = Pause.now() is not None
    return {"ok": not is_paused, "paused": is_paused}


PARTS: list[Callable[[], Part]] = [
    *(database, disk, files, outbox, smtp_out, smtp_in, redis, inboxes, automatic_mail)
]


def _safely(part: Callable[[], Part]) -> Part:
    # The kind of error only: its text may name hosts and users, and everybody may ask.
    try:
        return part()
    except (OSError, DatabaseError) as error:
        return {"ok": False, "error": type(error).__name__}


def _numbers() -> dict[str, tuple[str, dict[str, float]]]:
    now = clock.now()
    unsolved = Ticket.objects.exclude(status=Ticket.Status.SOLVED)
    raw = RawMessage.objects.order_by()
    return {
        "ahadi_part_ok": (
            "Whether a part works",
            {f'part="{part.__name__}"': float(_safely(part)["ok"]) for part in PARTS},
        ),
        "ahadi_tickets_unsolved": ("Tickets that are not solved", {"": unsolved.count()}),
        "ahadi_tickets_overdue": (
            "Unsolved tickets past their due time",
            {"": unsolved.filter(due__lt=now).count()},
        ),
        "ahadi_outbox_jobs": (
            "Jobs that are not done",
            {f'state="{state}"': Job.objects.filter(state=state).count() for state in Job.State.values},
        ),
        "ahadi_deliveries": (
            "Messages to customers by state",
            {
                f'state="{state}"': Delivery.objects.filter(state=state).count()
                for state in Delivery.State.values
            },
        ),
        "ahadi_raw_messages": (
            "Raw messages by outcome",
            {
                f'outcome="{outcome or "pending"}"': raw.filter(outcome=outcome).count()
                for outcome in RawMessage.Outcome.values
            },
        ),
    }


def _lines(name: str, purpose: str, values: dict[str, float]) -> list[str]:
    head = [f"# HELP {name} {purpose}.", f"# TYPE {name} gauge"]
    return head + [
        f"{name}{{{label}}} {value:g}" if label else f"{name} {value:g}" for label, value in values.items()
    ]
