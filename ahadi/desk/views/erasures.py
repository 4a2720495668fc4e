"""To forget somebody: find, look at what would go, ask; a second administrator confirms."""

from __future__ import annotations

import tempfile
from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ahadi.channels import person as known
from ahadi.desk.forms.erasures import ErasureForm, HoldForm, TermsForm
from ahadi.desk.names import of_tables
from ahadi.desk.views.access import AgentRequest, Door, Rest, for_admins
from ahadi.lib import clock
from ahadi.people.models import Agent, Customer
from ahadi.tickets import erasure
from ahadi.tickets.models import Erasure, Hold, Ticket
from ahadi.tickets.number import read_number

MOST = 20


def for_sure(view: Door[Rest]) -> Door[Rest]:
    """Only for somebody who has shown within the last minutes who they are."""
    guarded: Door[Rest] = reauthentication_required(view)
    return guarded


@require_safe
@for_admins
def erasures(request: AgentRequest) -> HttpResponse:
    """Who is to be forgotten, who was, and a way to find somebody."""
    asked = request.GET.get("q", "").strip()
    context = {
        "asked": asked,
        "found": _find(asked)[:MOST] if asked else [],
        "waiting": Erasure.objects.filter(confirmed=None, withdrawn=None).select_related("asked_by"),
        "done": Erasure.objects.exclude(confirmed=None).select_related("asked_by", "confirmed_by")[:50],
    }
    return render(request, "desk/settings/erasures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def person(request: AgentRequest, pk: int) -> HttpResponse:
    """All that is known of a person, counted, and the request to forget them."""
    customer = get_object_or_404(Customer, pk=pk)
    waiting = Erasure.objects.filter(customer=customer, confirmed=None, withdrawn=None).first()
    form = ErasureForm(request.POST or None)
    if form.is_bound and form.is_valid() and waiting is None:
        form.instance.customer, form.instance.asked_by = customer, request.user
        form.save()
        messages.success(request, _("Another administrator has to confirm it now."))
        return redirect("desk:erasures")
    matter = erasure.Matter.of(customer)
    context = {
        "customer": customer,
        "addresses": list(matter.addresses),
        "counts": of_tables(erasure.preview(matter)),
        "numbers": matter.tickets.order_by("-pk").values_list("number", flat=True)[:MOST],
        "hold": Hold.objects.filter(customer=customer, lifted=None).select_related("set_by").first(),
        "waiting": waiting,
        "form": form,
        "hold_form": HoldForm(),
    }
    return render(request, "desk/settings/person_known.html", context, status=422 if form.errors else 200)


@require_POST
@for_admins
@for_sure
def file(request: AgentRequest, pk: int) -> HttpResponse:
    """Everything about a person to take elsewhere."""
    customer = get_object_or_404(Customer, pk=pk)
    # Closed, and gone, with the answer.
    made = tempfile.TemporaryFile()  # noqa: SIM115
    known.export(customer, made)
    made.seek(0)
    answer = FileResponse(made, as_attachment=True, filename=f"person-{customer.pk}.zip")
    return cast(HttpResponse, answer)


@require_POST
@for_admins
@transaction.atomic
def hold(request: AgentRequest, pk: int) -> HttpResponse:
    """Forbid to destroy anything about a person; each of their requests says so."""
    customer = get_object_or_404(Customer, pk=pk)
    form = HoldForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it must be kept."))
    elif not Hold.objects.filter(customer=customer, lifted=None).exists():
        form.instance.customer, form.instance.set_by = customer, request.user
        held = form.save()
        _log(customer, "hold", request.user, held.reason)
        messages.success(request, _("Nothing about this person is destroyed while the hold stands."))
    return redirect("desk:person_known", pk)


@require_POST
@for_admins
@for_sure
@transaction.atomic
def release(request: AgentRequest, pk: int) -> HttpResponse:
    """Lift the hold; each of their requests says so."""
    customer = get_object_or_404(Customer, pk=pk)
    standing = Hold.objects.filter(customer=customer, lifted=None)
    if standing.update(lifted=clock.now(), lifted_by=request.user):
        _log(customer, "hold_lifted", request.user, "")
        messages.success(request, _("The hold is lifted."))
    return redirect("desk:person_known", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@for_sure
def confirmation(request: AgentRequest, pk: int) -> HttpResponse:
    """The second look at all that goes, by somebody else; then it is gone."""
    wanted = get_object_or_404(Erasure.objects.select_related("customer", "asked_by"), pk=pk, confirmed=None)
    if wanted.withdrawn is not None:
        return redirect("desk:erasures")
    if wanted.asked_by_id == request.user.pk:
        raise PermissionDenied(_("Whoever asked for it does not confirm it."))
    matter = erasure.Matter.of(wanted.customer)
    holds = erasure.holds_on(matter)
    if request.method == "POST":
        try:
            erasure.confirm(wanted, request.user)
        except erasure.Held:
            messages.error(request, _("A hold stands: nothing was destroyed."))
            return redirect("desk:person_known", wanted.customer_id)
        messages.success(request, _("It is destroyed. Back-ups lose it when their term is over."))
        return redirect("desk:erasures")
    context = {
        "wanted": wanted,
        "counts": of_tables(erasure.preview(matter)),
        "numbers": matter.tickets.order_by("-pk").values_list("number", flat=True)[:MOST],
        "holds": holds,
    }
    return render(request, "desk/settings/erasure_confirmation.html", context)


@require_POST
@for_admins
def withdrawal(request: AgentRequest, pk: int) -> HttpResponse:
    """Let it be; nothing was touched."""
    Erasure.objects.filter(pk=pk, confirmed=None, withdrawn=None).update(withdrawn=clock.now())
    messages.success(request, _("Nobody is forgotten; nothing was touched."))
    return redirect("desk:erasures")


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def terms(request: AgentRequest) -> HttpResponse:
    """How long each kind of thing is kept; first it is shown what would go."""
    form = TermsForm(request.POST or None)
    counts: dict[str, int] | None = None
    if form.is_bound and form.is_valid():
        if "keep" in request.POST:
            form.keep(request.user)
            messages.success(request, _("These terms count from tonight."))
            return redirect("desk:terms")
        counts = form.counts()
    context = {"form": form, "counts": counts}
    return render(request, "desk/settings/terms.html", context, status=422 if form.errors else 200)


def _find(asked: str) -> QuerySet[Customer]:
    by_address = Q(addresses__value__iexact=asked) | Q(addresses__shown__iexact=asked)
    found = Customer.objects.filter(by_address | Q(name__icontains=asked))
    if number := read_number(asked):
        found = Customer.objects.filter(tickets__number=number)
    return found.distinct().prefetch_related("addresses").order_by("name", "pk")


def _log(customer: Customer, code: str, by: Agent, reason: str) -> None:
    for ticket in Ticket.objects.filter(requester=customer):
        ticket.change(code, {"reason": reason}, by)
