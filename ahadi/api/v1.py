"""Version 1 of the API: its calls, its faults and its description."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser

from ahadi.api import entries, people, raw, targets, tickets
from ahadi.api.door import guard, nothing
from ahadi.api.problems import Problem, invalid

ROOT = "/api/v1/"


class ReadAlready(Parser):
    """Hands out the body that the door has parsed and checked."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.json  # type: ignore[attr-defined]


class Api(NinjaAPI):
    """The calls under /api/v1/, named in the description after their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Ahadi",
    version="1",
    description=__doc__,
    parser=ReadAlready(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
for router in (tickets.router, entries.router, targets.router, people.router, raw.router):
    api.add_router("", router)


@api.exception_handler(Problem)
def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A fault that a call found."""
    return problem.answer(request)


@api.exception_handler(ValidationError)
def refuse_values(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Values that do not fit the description."""
    return invalid(error.errors).answer(request)


@api.exception_handler(HttpError)
def refuse_plainly(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Whatever else ninja refuses."""
    return Problem(error.status_code, "refused", str(error)).answer(request)


@api.exception_handler(PermissionDenied)
def forbid(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    """A rule of the house, in its own sentence."""
    return Problem(403, "not_allowed", str(error) or "This is not allowed.").answer(request)


@api.exception_handler(Exception)
def fail(request: HttpRequest, error: Exception) -> HttpResponse:
    """Our own faults go to the door, which tells nothing of them but logs them."""
    raise error


def patterns() -> list[URLPattern]:
    """Every address of version 1, behind the door."""
    guarded = [
        path(f"{pattern.pattern}", guard(pattern.callback), name=pattern.name)
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    return [*guarded, re_path("^(?P<rest>.*)$", guard(nothing))]
