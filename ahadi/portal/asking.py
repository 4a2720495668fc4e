"""The form: a request comes in without an account, and its confirmation can be kept."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.channels.form.channel import receive_form
from ahadi.people.models import Address
from ahadi.portal import access, contact, lasting, pages, progress, quota, sending
from ahadi.portal.following import add
from ahadi.portal.forms import AskForm
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.number import read_number

log = logging.getLogger("ahadi.portal")


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """One page that asks nothing twice; whatever was typed or attached stays until it is sent."""
    known = access.known(request)
    if request.method != "POST":
        first = {"language": translation.get_language(), "about": ""}
        return _page(request, AskForm(initial=first, known=known))
    if not quota.take(request, quota.ATTEMPTS):
        return _busy(request, AskForm(request.POST, known=known))
    try:
        form = AskForm(request.POST, request.FILES, known=known)
        if not form.is_valid():
            return _page(request, form, 422)
        if not quota.take(request, quota.REQUESTS):
            return _busy(request, form)
        entry = sending.once(form.one_time_key, lambda: _receive(request, form))
    except sending.NO_ROOM as error:
        log.error("A request was not stored: %s: %s", type(error).__name__, error)
        return _refuse(request, AskForm(request.POST, known=known))
    if entry.seq != 1:
        return redirect("portal:follow", entry.ticket.number)
    if entry.address is not None:
        access.grant(request, entry.ticket, entry.address)
        if entry.address.kind == Address.Kind.PHONE:
            access.give_key(request, entry.ticket, entry.address)
    return redirect("portal:asked", entry.ticket.number)


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


def _refuse(request: HttpRequest, form: AskForm) -> HttpResponse:
    form.refuse()
    return _page(request, form, 503)


def _busy(request: HttpRequest, form: AskForm) -> HttpResponse:
    form.is_valid()
    form.add_error(
        None, _("Many messages came from your network in the last hour. Please send it again later.")
    )
    return _page(request, form, 429)
