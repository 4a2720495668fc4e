"""Sending twice does it once (rule R-04)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import blake2b, sha256

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from ahadi.api.models import IdempotencyKey, Token
from ahadi.api.problems import Problem
from ahadi.lib import clock
from ahadi.lib.question import Question
from ahadi.lib.statement import insert, remove

HEADER = "Idempotency-Key"
SAFE = ("GET", "HEAD", "OPTIONS")
KEPT = timedelta(hours=24)

_KNOWN = Question(lambda token, route, key: IdempotencyKey.objects.filter(token=token, route=route, key=key))

_lock = threading.Lock()
_running: set[str] = set()


def once(request: HttpRequest, token: Token, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a request with a key once; later ones get the stored answer, other bodies are refused."""
    key = request.headers.get(HEADER)
    if request.method in SAFE:
        return answer()
    if request.method != "POST" or key is None:
        return _whole(answer)
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Problem(400, "idempotency_key", f"{HEADER} must be 1 to 255 printable ASCII characters.")
    row = IdempotencyKey(
        token=token, route=request.path[:200], key=key, body_hash=sha256(request.body).hexdigest()
    )
    with _alone(f"{token.pk} {request.path} {key}"):
        known = _find(row)
        return _replay(known, row.body_hash) if known else _remember(row, answer)


def _whole(answer: Callable[[], HttpResponse]) -> HttpResponse:
    """What is refused half-way leaves nothing behind."""
    with transaction.atomic():
        response = answer()
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response


def _find(row: IdempotencyKey) -> IdempotencyKey | None:
    for known in _KNOWN.objects(row.token_id, row.route, row.key):
        if known.created >= clock.now() - KEPT:
            return known  # type: ignore[no-any-return]
        remove(known)
    return None


def _remember(row: IdempotencyKey, answer: Callable[[], HttpResponse]) -> HttpResponse:
    # The answer is stored in the transaction of the work: after a crash there are both or neither.
    response = answer()
    if response.status_code < 400:
        row.status, row.body = response.status_code, response.content.decode()
        insert(row)
    else:
        transaction.set_rollback(True)
    return response


def _replay(row: IdempotencyKey, digest: str) -> HttpResponse:
    if row.body_hash != digest:
        detail = f"This {HEADER} was used for another body; take a new one."
        raise Problem(422, "idempotency_key_reused", detail)
    return HttpResponse(
        row.body,
        "application/json; charset=utf-8",
        row.status or 200,
        headers={"Idempotent-Replayed": "true"},
    )


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold a key for the time of the request; raises Problem when another one holds it."""
    with _lock:
        is_free = name not in _running
        _running.add(name)
    if not is_free:
        raise _still_running()
    try:
        with transaction.atomic():
            _hold_elsewhere(name)
            yield
    finally:
        with _lock:
            _running.discard(name)


def _hold_elsewhere(name: str) -> None:
    # Other processes see a lock of PostgreSQL; on SQLite they wait for the one writer and find the answer.
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise _still_running()


def _still_running() -> Problem:
    return Problem(409, "idempotency_key_running", f"The first request with this {HEADER} is still running.")
