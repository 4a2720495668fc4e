"""Calls about messages exactly as they came in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from ninja import Query, Router

from ahadi.api import asked, given, ids, shown
from ahadi.api.access import Bearer
from ahadi.api.door import Call
from ahadi.api.entries import as_file
from ahadi.api.pages import page
from ahadi.api.problems import missing
from ahadi.channels.models import RawMessage

router = Router(tags=["Raw messages"])
READ = Bearer("admin:read")


@router.get("/raw", auth=READ, response=given.Page[given.Raw], summary="List raw messages")
def list_raw(request: Call, response: HttpResponse, filters: Query[asked.Filters]) -> dict[str, Any]:
    """Every message ever taken in, and what became of it."""
    rows = RawMessage.objects.select_related("inbox", "entry__ticket")
    return page(request, response, rows, filters, shown.raw)


@router.get("/raw/{id}", auth=READ, response={200: bytes}, summary="Get a raw message")
def read_raw(request: Call, id: str) -> HttpResponseBase:
    """The message, byte for byte."""
    key = ids.read("raw", id)
    found = RawMessage.objects.filter(pk=key).first() if key is not None else None
    if found is None:
        raise missing("There is no such message")
    try:
        return as_file(found.sha256, f"{id}.eml")
    except FileNotFoundError:
        # Past its term, or erased: nothing of it is kept but that it came.
        raise missing("This message is not kept any more") from None
