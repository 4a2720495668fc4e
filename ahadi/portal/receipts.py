"""Receipts that nobody has to take on trust: given to the customer, checked by anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.ledger import log, verify
from ahadi.portal import access, pages, quota
from ahadi.portal.following import find_ticket
from ahadi.portal.forms import ReceiptForm
from ahadi.tickets import papers, sequencing
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import read_number


@require_safe
def receipt(request: HttpRequest, number: str, seq: int | None = None) -> HttpResponse:
    """The receipt of a request, or of all up to one entry, as a file for programs; for its customer only."""
    ticket = _own(request, number, seq)
    text = sequencing.receipt(ticket, seq)
    name = ticket.number if seq is None else f"{ticket.number}-{seq}"
    return _file(request, ticket, text, f"{name}.tlog-proof", "application/octet-stream")


@require_safe
def paper(request: HttpRequest, number: str, seq: int | None = None) -> HttpResponse:
    """The same to print and to keep, with the file inside."""
    ticket = _own(request, number, seq)
    content = papers.receipt(ticket, translation.get_language() or ticket.language, seq)
    name = ticket.number if seq is None else f"{ticket.number}-{seq}"
    return _file(request, ticket, content, f"{name}.pdf", "application/pdf")


def _own(request: HttpRequest, number: str, seq: int | None) -> Ticket:
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None or not access.owns(ticket, guest):
        raise Http404("There is no such receipt for this browser.")
    if seq is not None:
        get_object_or_404(access.entries_of(ticket, guest), seq=seq)
    return ticket


def _file(
    request: HttpRequest, ticket: Ticket, content: str | bytes | None, name: str, kind: str
) -> HttpResponse:
    if content is None:
        late = pages.show(request, "receipt_late", {"number": ticket.number}, 503)
        late["Retry-After"] = "5"
        return pages.private(late)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return pages.private(HttpResponse(content, kind, headers=headers))


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Check a receipt: in the browser where it can, else here; nothing of it is kept."""
    vkeys = log.vkeys()
    form = ReceiptForm(request.POST or None, request.FILES or None, initial={"keys": "\n".join(vkeys)})
    context: dict[str, Any] = {"form": form, "ledger": vkeys}
    if request.method != "POST":
        return pages.show(request, "verify", context)
    if not quota.take(request, quota.PROOFS):
        return pages.private(pages.show(request, "busy", {}, 429))
    if form.is_valid():
        try:
            given = form.cleaned_data
            context["proven"] = proven = verify.receipt(given["receipt"], given["keys"].split())
            context["events"] = list(map(_shown, proven.events))
        except verify.Unreadable:
            form.add_error("receipt", _("This cannot be read as a receipt, or the key is not a whole key."))
        except verify.Refused:
            context["is_refused"] = True
    status = 422 if form.errors or context.get("is_refused") else 200
    return pages.private(pages.show(request, "verify", context, status))


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    kind = "automatic" if event.get("automatic") else str(event.get("type", "")).partition(".")[0]
    try:
        at = datetime.fromisoformat(str(event.get("at")))
    except ValueError:
        at = None
    # A moment without its zone would be somebody's guess.
    return {"kind": kind, "at": at if at and at.tzinfo else None, "body": event.get("body") or ""}
