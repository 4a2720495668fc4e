"""Everything an agent changes about a ticket without a word to the customer."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.desk import sentences, work
from ahadi.desk.forms.ticket import (
    AssignmentForm,
    PriorityForm,
    PromiseForm,
    SolutionForm,
    SubjectForm,
    TagsForm,
)
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show, to_list
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets import handing
from ahadi.tickets.models import Ticket

Verb = Callable[[Ticket, forms.Form, Agent], None]


def _assign(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    owner, sentence = form.cleaned_data["owner"], form.cleaned_data["sentence"]
    if owner is None:
        ticket.assign(None, by=by)
    elif isinstance(owner, Team) or owner != ticket.assignee:
        try:
            handing.hand(ticket, owner, sentence, by=by)
        except handing.NoSentence:
            form.add_error("sentence", _("Say in one sentence what the next one has to know."))


def _retag(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    if isinstance(form, TagsForm):
        ticket.retag(form.save(), by=by)


def _prioritise(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    if form.cleaned_data["priority"] != ticket.priority:
        ticket.prioritise(form.cleaned_data["priority"], by=by)


def _rename(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    if form.cleaned_data["subject"] != ticket.subject:
        ticket.rename(form.cleaned_data["subject"], by=by)


def _promise(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    given = form.cleaned_data
    if too_long := sentences.too_long(ticket, given["due"], clock.now()):
        form.add_error("due", too_long)
        return
    if ticket.is_solved:
        ticket.reopen(by=by)
    ticket.promise(given["step"] or ticket.step_text, given["due"], by=by, reason=given["reason"])


def _settle(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    status = form.cleaned_data["status"]
    if status == ticket.status:
        return
    if status == Ticket.Status.SOLVED:
        if missing := work.missing(ticket):
            form.add_error("status", missing)
        else:
            ticket.solve(by=by)
    elif status == Ticket.Status.WAITING:
        ticket.wait(by=by)
    else:
        ticket.reopen(by=by)


def _door(form_class: type[forms.Form], verb: Verb) -> Callable[..., HttpResponse]:
    @require_POST
    @for_agents
    def door(request: AgentRequest, search: str, number: str) -> HttpResponse:
        ticket = ticket_or_404(request, number)
        form = form_class(request.POST)
        if not form.is_valid():
            return show(request, search, ticket, 422, change=form, changed=form_class.__name__)
        verb(ticket, form, request.user)
        if form.errors:
            return show(request, search, ticket, 422, change=form, changed=form_class.__name__)
        if not Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
            messages.success(request, _("The ticket is with its new owner; you do not see it any more."))
            return to_list(request, search)
        return back(request, search, number)

    return door


assignment = _door(AssignmentForm, _assign)
tags = _door(TagsForm, _retag)
priority = _door(PriorityForm, _prioritise)
subject = _door(SubjectForm, _rename)
promise = _door(PromiseForm, _promise)
solution = _door(SolutionForm, _settle)
