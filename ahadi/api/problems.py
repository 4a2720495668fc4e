"""What a program reads when something is wrong: RFC 9457 with a code that stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

Fault = dict[str, str]

# What pydantic calls it, and what we call it for good.
_CODES = {"missing": "required", "extra_forbidden": "unknown_field"}

# What pydantic says in the words of programmers.
_SENTENCES = {
    "missing": "This value is needed.",
    "extra_forbidden": "There is no value of this name here.",
    "string_type": "This must be a text.",
    "string_too_short": "This must not be empty.",
    "string_pattern_mismatch": "This is not written as it must be; /api/docs/ tells how.",
}
_WRITTEN = {
    "email": "A mail address looks like anna@example.com.",
    "language": "This is not a language that is spoken here; /api/docs/ names them.",
}


class Problem(Exception):
    """A request that cannot be answered as it is; becomes an answer at the door."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = list(errors), dict(headers or {})

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The problem as application/problem+json."""
        body: dict[str, Any] = {
            "type": f"/api/docs/#{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": request.path,
            "code": self.code,
            "errors": self.errors,
            "request_id": getattr(request, "request_id", ""),
        }
        return HttpResponse(
            json.dumps(body), "application/problem+json", status=self.status, headers=self.headers
        )


def wrong(pointer: str, code: str, detail: str) -> Problem:
    """One value that cannot be taken."""
    return Problem(422, "invalid", detail, [{"pointer": pointer, "code": code, "detail": detail}])


def missing(what: str = "Nothing is here") -> Problem:
    """What is not there, or not for this token: both look the same."""
    return Problem(404, "not_found", f"{what}, or this token may not see it.")


def invalid(faults: Iterable[Mapping[str, Any]]) -> Problem:
    """Everything that pydantic found wrong, with a pointer to each place."""
    errors = [
        {
            "pointer": _pointer(fault),
            "code": _CODES.get(fault["type"], fault["type"]),
            "detail": _sentence(fault),
        }
        for fault in faults
    ]
    return Problem(422, "invalid", "Some values cannot be taken; `errors` names each of them.", errors)


def _sentence(fault: Mapping[str, Any]) -> str:
    kind = fault["type"]
    if kind == "string_pattern_mismatch" and fault["loc"][-1] in _WRITTEN:
        return _WRITTEN[fault["loc"][-1]]
    said = _SENTENCES.get(kind) or str(fault["msg"]).removeprefix("Value error, ")
    return said if said.endswith(".") else f"{said}."


def _pointer(fault: Mapping[str, Any]) -> str:
    place: Sequence[str | int] = fault["loc"]
    if fault["type"] == "unknown_parameter":
        # It is found where all parameters are looked at, so that its place has no name.
        place = ("query", fault["ctx"]["name"])
    # The first part is body, query or path; the second the name of the whole body, which the query has not.
    steps = place[2:] if place[0] == "body" and len(place) > 1 else place[1:]
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
