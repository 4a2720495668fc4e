"""What the customer says to what we say: that we understood, that it works, that it does not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.people.models import Address
from ahadi.portal import access, pages, quota
from ahadi.portal.answers import CorrectionForm, SolutionForm
from ahadi.portal.following import DRAFT, find_ticket, show
from ahadi.portal.forms import MessageForm
from ahadi.promises import returning
from ahadi.tickets import hearing
from ahadi.tickets.models import Ticket
from ahadi.tickets.number import read_number


def own(request: HttpRequest, number: str) -> tuple[Ticket, Address] | None:
    """The request and its own customer, where this browser has proven to be theirs."""
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None or not access.owns(ticket, guest):
        return None
    return ticket, guest


@require_POST
def understanding(request: HttpRequest, number: str) -> HttpResponse:
    """Yes, that is it."""
    found = own(request, number)
    if found is None:
        return pages.private(redirect("portal:follow", number))
    if hearing.confirm(*found) is None:
        return show(request, *found, MessageForm())
    return pages.private(redirect(_place(number, "heard")))


@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, number: str) -> HttpResponse:
    """The four parts as they were understood, to be put right."""
    found = own(request, number)
    if found is None:
        return pages.private(redirect("portal:follow", number))
    ticket, guest = found
    statement = hearing.read(ticket).statement
    first = {part: getattr(statement, part) for part in hearing.PARTS} if statement else {}
    form = CorrectionForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        if quota.take(request, quota.MESSAGES):
            hearing.correct(ticket, guest, form.cleaned_data)
            return pages.private(redirect(_place(ticket.number, "heard")))
        return pages.private(pages.show(request, "busy", {}, 429))
    context = {"form": form, "ticket": ticket}
    return pages.private(pages.show(request, "correction", context, 422 if form.errors else 200))


@require_POST
def solution(request: HttpRequest, number: str) -> HttpResponse:
    """It works, or it is still not solved; words typed with it outlive a proof that has run out."""
    found = own(request, number)
    form = SolutionForm(request.POST)
    form.is_valid()
    text = form.cleaned_data.get("text", "")
    if found is None:
        request.session[DRAFT] = {number: text}
        return pages.private(redirect("portal:follow", number))
    ticket, guest = found
    if form.cleaned_data.get("works"):
        returning.say_works(ticket, guest)
        return pages.private(redirect(_place(ticket.number, "solved")))
    if not quota.take(request, quota.MESSAGES):
        return pages.private(pages.show(request, "busy", {}, 429))
    # Pressed twice, it is said once; words that came with it are still there to be sent.
    if not ticket.is_solved:
        return show(request, ticket, guest, MessageForm(initial={"text": text}))
    returning.say_not_solved(ticket, guest, text)
    return pages.private(redirect("portal:follow", ticket.number))


def _place(number: str, anchor: str) -> str:
    return f"/r/{read_number(number) or number}/#{anchor}"
