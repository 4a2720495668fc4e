"""The form: a request comes in without an account, and its confirmation can be kept."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.channels.form.channel import receive_form
from ahadi.portal import access, contact, lasting, pages, progress, taking
from ahadi.portal.following import add
from ahadi.portal.forms import AskForm
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.number import read_number


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """One page that asks nothing twice; whatever was typed or attached stays until it is sent."""
    known = access.known(request)
    if request.method != "POST":
        first = {"language": translation.get_language(), "about": ""}
        return _page(request, AskForm(initial=first, known=known))
    entry = taking.take(
        request,
        partial(AskForm, known=known),
        partial(_receive, request),
        lambda form, status: _page(request, form, status),
    )
    if isinstance(entry, HttpResponse):
        return entry
    return redirect("portal:asked" if entry.seq == 1 else "portal:follow", entry.ticket.number)


@require_safe
def asked(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation: code, what happens next and when, who, how to add something, how to keep it."""
    code = read_number(number)
    ticket = (
        Ticket.objects.select_related("team", "assignee", "address", "requester").filter(number=code).first()
    )
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None or not access.owns(ticket, guest):
        return pages.private(redirect("portal:follow", code or number))
    entries = access.entries_of(ticket, guest).select_related("words")
    context = {
        "ticket": ticket,
        "guest": guest,
        "key": access.key_of(request, ticket),
        "entry": entries.filter(kind=Entry.Kind.MESSAGE).first(),
        "told": entries.filter(code="acknowledgement").first(),
        "next": progress.next_step(ticket),
        "is_late": progress.is_late(ticket),
        "usual": lasting.of_answer(ticket),
    }
    return pages.private(pages.show(request, "asked", context))


def _receive(request: HttpRequest, form: AskForm) -> Entry:
    ticket = form.ticket
    guest = access.guest_of(request, ticket) if ticket else None
    filled = form.fill()
    if ticket is not None and guest is not None:
        return add(ticket, guest, "\n\n".join(filled.statement.values()), filled.files)
    return receive_form(filled).entry


def _page(request: HttpRequest, form: AskForm, status: int = 200) -> HttpResponse:
    response = pages.show(request, "ask", {"form": form, "due": contact.answer_due()}, status)
    response["Cache-Control"] = "no-store, private"
    return response
