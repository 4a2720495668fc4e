"""Receipts that nobody has to take on trust: given to the customer, checked by anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.ledger import log, verify
from ahadi.portal import access, pages, quota
from ahadi.portal.following import find_ticket
from ahadi.portal.forms import ReceiptForm
from ahadi.tickets import sequencing
from ahadi.tickets.number import read_number


@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt of a request as a file, for the customer whose request it is."""
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None or not access.owns(ticket, guest):
        raise Http404("There is no such receipt for this browser.")
    text = sequencing.receipt(ticket)
    if text is None:
        late = pages.show(request, "receipt_late", {"number": ticket.number}, 503)
        late["Retry-After"] = "5"
        return pages.private(late)
    headers = {"Content-Disposition": f'attachment; filename="{ticket.number}.tlog-proof"'}
    return pages.private(HttpResponse(text, "application/octet-stream", headers=headers))


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
