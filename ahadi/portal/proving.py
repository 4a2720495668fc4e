"""How a customer shows who they are: a link from a mail, or a code that was mailed a minute ago."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ahadi.channels import keys as channel_keys
from ahadi.channels import links
from ahadi.people.models import Address
from ahadi.portal import access, pages, quota
from ahadi.portal.following import find_ticket, show_state, unknown
from ahadi.portal.forms import AddressForm, CodeForm, KeyForm
from ahadi.portal.repair import masked
from ahadi.tickets.number import read_number

BROWSER = "guest_browser"
ASKED = "guest_asked"


@require_POST
def codes(request: HttpRequest, number: str) -> HttpResponse:
    """Mail a code; the answer is the same whether the address belongs to the request or not."""
    ticket = find_ticket(read_number(number))
    if not quota.take(request, quota.PROOFS):
        return pages.private(pages.show(request, "busy", {}, 429))
    if ticket is None:
        quota.tell_wrong()
        return unknown(request, number)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return show_state(request, ticket, 422, mail_form=form)
    browser = request.session.setdefault(BROWSER, secrets.token_urlsafe(24))
    request.session[ASKED] = {ticket.number: form.cleaned_data["email"]}
    links.send_code(ticket, form.cleaned_data["email"], browser)
    return pages.private(redirect("portal:proof", ticket.number))


@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest, number: str) -> HttpResponse:
    """Take the code from the mail, in the browser that asked for it."""
    ticket = find_ticket(read_number(number))
    email = request.session.get(ASKED, {}).get(ticket.number) if ticket else None
    if ticket is None or not email:
        return pages.private(redirect("portal:follow", number))
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        if not quota.take(request, quota.PROOFS):
            return pages.private(pages.show(request, "busy", {}, 429))
        if form.is_valid():
            given = form.cleaned_data["code"]
            address = links.check_code(ticket, email, request.session.get(BROWSER, ""), given)
            if address is not None:
                del request.session[ASKED]
                access.grant(request, ticket, address)
                return pages.private(redirect("portal:follow", ticket.number))
            form.add_error(
                "code", _("This code does not fit, or its ten minutes are over. You can ask for a new one.")
            )
    context = {"form": form, "number": ticket.number, "email": email}
    return pages.private(pages.show(request, "proof", context, 422 if form.errors else 200))


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """A link from a mail shows a button first: programs that open every link must not use it up."""
    found = links.find(number, token)
    if found is None:
        return pages.private(pages.show(request, "link_over", {"number": read_number(number) or ""}, 404))
    if request.method != "POST":
        customer = found.address.customer
        context = {"number": number, "name": customer.name, "address": masked(found.address)}
        return pages.private(pages.show(request, "link", context))
    used = links.redeem(number, token)
    if used is None:
        return pages.private(redirect("portal:follow", number))
    access.grant(request, used.ticket, used.address)
    return pages.private(redirect("portal:follow", number))


@require_POST
def key(request: HttpRequest, number: str) -> HttpResponse:
    """Take a key from paper, or a code from the phone; neither needs a mail address."""
    ticket = find_ticket(read_number(number))
    if not quota.take(request, quota.PROOFS):
        return pages.private(pages.show(request, "busy", {}, 429))
    if ticket is None:
        quota.tell_wrong()
        return unknown(request, number)
    form = KeyForm(request.POST)
    if form.is_valid():
        address = channel_keys.redeem(ticket, form.cleaned_data["key"])
        if address is not None:
            access.grant(request, ticket, address)
            return pages.private(redirect("portal:follow", ticket.number))
        form.add_error(
            "key", _("This does not fit, or its time is over. Please look once more, or call us for a code.")
        )
    return show_state(request, ticket, 422, key_form=form)


@require_POST
def keys(request: HttpRequest, number: str) -> HttpResponse:
    """A new key to keep, for somebody whom no mail reaches; the one before ends."""
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None or guest.kind != Address.Kind.PHONE:
        return pages.private(redirect("portal:follow", number))
    access.give_key(request, ticket, guest)
    return pages.private(redirect("portal:asked", ticket.number))


@require_POST
def leaving(request: HttpRequest, number: str) -> HttpResponse:
    """Close a request in this browser."""
    access.withdraw(request, read_number(number) or "")
    return pages.private(redirect("portal:follow", number))
