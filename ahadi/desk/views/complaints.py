"""Formal complaints at the desk: the register, one complaint to its end, and the rules for all of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ahadi.channels import chronology
from ahadi.complaints import handling, letters, papers
from ahadi.complaints.models import Complaint, Rules
from ahadi.desk.forms.complaints import DecisionForm, ExclusionForm, HandlerForm, HoldingForm, RulesForm
from ahadi.desk.views.access import AgentRequest, for_admins, for_agents
from ahadi.tickets.models import Ticket

PER_PAGE = 50


@require_safe
@for_agents
def complaints(request: AgentRequest) -> HttpResponse:
    """The register: what is not decided first, by its deadline; then the rest, newest first."""
    if not handling.management(request.user):
        raise Http404
    found = handling.register_of(request.user)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/complaints.html", {"page": page, "rules": Rules.current()})


@require_safe
@for_agents
def complaint(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """One complaint: its time limits, the customer's words, and every step management can take."""
    return _show(request, _find(request, year, serial))


@require_POST
@for_agents
def handler(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """Give it to somebody else of management."""
    found = _find(request, year, serial)
    form = HandlerForm(request.POST, complaint=found)
    if not form.is_valid():
        return _show(request, found, handler_form=form)
    handling.hand_to(found, form.cleaned_data["handler"], by=request.user)
    return _back(request, found, _("It has a new handler, and the customer sees the name."))


@require_POST
@for_agents
def exclusion(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """Keep somebody out of it whom it is about."""
    found = _find(request, year, serial)
    form = ExclusionForm(request.POST, complaint=found)
    if not form.is_valid():
        return _show(request, found, exclusion_form=form)
    handling.keep_out(found, form.cleaned_data["person"], by=request.user)
    if form.cleaned_data["person"] == request.user:
        messages.success(request, _("You take no part in this complaint any more."))
        return redirect("desk:complaints")
    return _back(request, found, _("This person sees nothing of it from now on."))


@require_POST
@for_agents
def letter(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """Say why it takes longer."""
    found = _find(request, year, serial)
    form = HoldingForm(request.POST)
    if not form.is_valid():
        return _show(request, found, holding_form=form)
    handling.hold(found, form.cleaned_data["letter"], by=request.user)
    return _back(request, found, _("The letter is on its way."))


@require_POST
@for_agents
def decision(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """Decide, and bring the complaint to its end."""
    found = _find(request, year, serial)
    form = DecisionForm(request.POST)
    if found.decided is not None:
        return _back(request, found, _("It was decided already; nothing was sent again."))
    if not form.is_valid():
        return _show(request, found, decision_form=form)
    handling.decide(found, form.cleaned_data["outcome"], form.cleaned_data["letter"], by=request.user)
    return _back(request, found, _("The decision is on its way to the customer."))


@require_safe
@for_agents
def copy(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """The company's stamped copy, the same file that the customer has."""
    found = _find(request, year, serial)
    return _paper(papers.copy(found), found.number)


@require_safe
@for_agents
def history(request: AgentRequest, year: int, serial: int) -> HttpResponse:
    """The whole matter in order, to print."""
    found = _find(request, year, serial)
    content = chronology.paper(found, None, request.user.language or found.ticket.language)
    return _paper(content, f"{found.number}-chronology")


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def rules(request: AgentRequest) -> HttpResponse:
    """Which deadlines hold, how the years count, who is management."""
    form = RulesForm(request.POST or None, instance=Rules.current())
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("desk:complaint_rules")
    return render(
        request, "desk/settings/complaint_rules.html", {"form": form}, status=422 if form.errors else 200
    )


def _find(request: AgentRequest, year: int, serial: int) -> Complaint:
    wanted = Complaint.objects.visible_to(request.user).filter(year=year, serial=serial)
    found = wanted.select_related(
        "ticket__requester", "ticket__address", "ticket__team", "handler", "about"
    ).first()
    # To whom it is about, and to everybody else, it does not exist.
    if found is None or not handling.eligible(found).filter(pk=request.user.pk).exists():
        raise Http404
    return found


def _show(request: AgentRequest, found: Complaint, **forms: BaseForm) -> HttpResponse:
    entry = found.ticket.entries.select_related("words").prefetch_related("attachments").get(seq=1)
    seen = Ticket.objects.visible_to(request.user)
    about = seen.filter(pk=found.about_id).first() if found.about_id else None
    context: dict[str, Any] = {
        "complaint": found,
        "entry": entry,
        "about": about,
        "deadlines": list(found.deadlines.all()),
        "barred": list(found.ticket.barred.order_by("name")),
        "decision": handling.decision_due(found),
        "longest": handling.longest(found),
        "letters": [(letters.title_of(letter), letter) for letter in letters.sent(found)],
        "handler_form": HandlerForm(complaint=found),
        "exclusion_form": ExclusionForm(complaint=found),
        "holding_form": HoldingForm(),
        "decision_form": DecisionForm(),
    }
    return render(request, "desk/complaint.html", {**context, **forms}, status=422 if forms else 200)


def _back(request: AgentRequest, found: Complaint, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("desk:complaint", found.year, found.serial)


def _paper(content: bytes | None, name: str) -> HttpResponse:
    if content is None:
        return HttpResponse(_("The receipt is not signed yet. Try again in a minute."), status=503)
    headers = {"Content-Disposition": f'attachment; filename="{name.replace("/", "-")}.pdf"'}
    return HttpResponse(content, "application/pdf", headers=headers)
