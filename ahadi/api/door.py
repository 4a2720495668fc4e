"""The door every call of the API passes: who asks, how much, in which form, and what they read on a fault."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Never, cast
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from ahadi.api import idempotency, quota, tokens
from ahadi.api.models import Token
from ahadi.api.problems import Fault, Problem, missing, wrong
from ahadi.lib import piece

log = logging.getLogger("ahadi.api")

View = Callable[..., HttpResponse]

# Twenty megabytes of files, and the third that base64 adds.
LARGEST_BODY = 30 * 1024 * 1024
JSON_TYPES = ("application/json", "application/merge-patch+json")


class Call(HttpRequest):
    """A request that passed the door."""

    token: Token
    request_id: str
    json: Any


def guard(view: View) -> View:
    """Let a view answer only whom it knows, and turn every fault into problem+json."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        call = cast(Call, request)
        call.request_id = uuid4().hex
        try:
            with piece.of_work():
                headers = _admit(call)
                response = idempotency.once(call, call.token, lambda: _answer(view, call, args, kwargs))
            for name, value in headers.items():
                response[name] = value
        except Problem as problem:
            response = problem.answer(request)
        except Exception:
            log.exception("%s %s failed as request %s", request.method, request.path, call.request_id)
            detail = "The fault is ours; give the request_id to the administrator."
            response = Problem(500, "internal", detail).answer(request)
        response["X-Request-Id"] = call.request_id
        response["Cache-Control"] = response.get("Cache-Control", "private, no-cache")
        return response

    return guarded


def nothing(request: HttpRequest, **_rest: str) -> HttpResponse:
    """What an address that does not exist answers."""
    raise missing()


def _answer(view: View, call: Call, args: Any, kwargs: Any) -> HttpResponse:
    response = view(call, *args, **kwargs)
    if response.status_code == 405:
        allowed = {"Allow": response["Allow"]}
        raise Problem(405, "method_not_allowed", f"Here you can use {response['Allow']}.", headers=allowed)
    return response


def _admit(call: Call) -> dict[str, str]:
    token = tokens.shown(call)
    if token is None:
        detail = "Show a valid token as `Authorization: Bearer ahadi_pat_…`."
        raise Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="ahadi"'})
    call.token = token
    headers = dict(quota.take(token))
    tokens.touch(token)
    if any("\0" in value for values in call.GET.lists() for value in (values[0], *values[1])):
        raise wrong("", "nul", "A parameter holds the character NUL, which cannot be stored.")
    _read_body(call)
    return headers


def _read_body(call: Call) -> None:
    content = call.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        detail = f"A request may have {LARGEST_BODY // 1024 // 1024} megabytes."
        raise Problem(413, "too_large", detail)
    # Django refuses to keep a body above its limit for forms; files travel inside JSON here.
    call._body = content
    if not content:
        return
    if call.content_type not in JSON_TYPES:
        raise Problem(415, "not_json", "Send the body as application/json.")
    call.json = _parse(content)


def _parse(content: bytes) -> Any:
    try:
        value = json.loads(content.decode(), parse_constant=_refuse_constant)
        faults = list(_unstorable(value, ""))
    except (ValueError, RecursionError) as error:
        raise Problem(400, "malformed", "The body is not JSON in UTF-8.") from error
    if faults:
        raise Problem(422, "invalid", faults[0]["detail"], faults)
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON.")


def _unstorable(value: Any, pointer: str) -> Iterator[Fault]:
    """Every text that no database could give back as it was."""
    if isinstance(value, str):
        if "\0" in value:
            detail = "The text holds the character NUL (U+0000), which cannot be stored."
            yield {"pointer": pointer, "code": "nul", "detail": detail}
        elif not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            detail = "The text holds half of a surrogate pair, which is no character."
            yield {"pointer": pointer, "code": "surrogate", "detail": detail}
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _unstorable(key, pointer)
            yield from _unstorable(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unstorable(inner, f"{pointer}/{number}")
