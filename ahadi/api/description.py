"""The description of the API: as OpenAPI for programs, as a page for people."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ahadi.api import idempotency, tokens
from ahadi.api.v1 import ROOT, api

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "What is wrong (RFC 9457); `code` stays the same in every version.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
        "request_id": {"type": "string"},
    },
}
KEY: dict[str, Any] = {
    "in": "header",
    "name": idempotency.HEADER,
    "required": False,
    "description": "The same key with the same body gets the same answer, and happens once; kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}


@cache
def schema() -> dict[str, Any]:
    """OpenAPI 3.1, generated from the calls themselves."""
    made: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=ROOT)))
    made["components"]["schemas"]["Problem"] = PROBLEM
    fault = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for calls in made["paths"].values():
        for verb, call in calls.items():
            _tell_bytes(call["responses"])
            call["responses"]["4XX"] = {
                "description": "Refused",
                "content": {"application/problem+json": fault},
            }
            if verb == "post":
                call["parameters"] = [*call.get("parameters", []), KEY]
    return made


def text() -> str:
    """The description as it is served and kept in docs/reference/openapi.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description for programs."""
    return HttpResponse(text(), "application/json; charset=utf-8")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The description for people."""
    facts = {"groups": _groups(), "schemas": schema()["components"]["schemas"], "scopes": tokens.SCOPES}
    return render(request, "api/docs.html", facts)


def _tell_bytes(responses: dict[str, Any]) -> None:
    for answer in responses.values():
        content = answer.get("content", {}).get("application/json", {})
        if content.get("schema", {}).get("format") == "binary":
            answer["content"] = {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            }


def _groups() -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, calls in schema()["paths"].items():
        for verb, call in calls.items():
            groups.setdefault(call["tags"][0], []).append({"path": path, "verb": verb.upper(), **call})
    return groups
