"""The panel of work beside a ticket, and what agents do in it."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels import forwarding, leaving
from ahadi.channels import merging as channel_merging
from ahadi.desk import work
from ahadi.desk.forms.work import (
    FollowForm,
    ForwardForm,
    LinkForm,
    MergeForm,
    OtherTicketForm,
    PartsForm,
    SnoozeForm,
    SplitForm,
    TaskForm,
    TimeForm,
    ValuesForm,
)
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show
from ahadi.people.models import Agent
from ahadi.tickets import chores, fields, followers, linking, snoozing
from ahadi.tickets.models import Link, Task, Ticket
from ahadi.ui import drawn

Verb = Callable[[Ticket, forms.Form, Agent], None]
IMPOSSIBLE = (
    linking.NotPossible,
    snoozing.NotPossible,
    channel_merging.NotPossible,
    forwarding.NotPossible,
)
PANEL = "work"


@require_safe
@for_agents
def panel(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Everything around a ticket: fields, links, checklist, time, followers."""
    ticket = ticket_or_404(request, number)
    context = {"search": search, "ticket": ticket, "work": work.around(request.user, ticket)}
    return drawn.page(request, "desk/_work.html", context)


@require_POST
@for_agents
def merging(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Let this ticket go on in another one, which is shown then."""
    ticket = ticket_or_404(request, number)
    form = MergeForm(request.POST)
    form.agent = request.user
    if form.is_valid():
        try:
            into = form.cleaned_data["number"].living
            channel_merging.merge(ticket, into, by=request.user, let_in=form.cleaned_data["let_in"])
        except channel_merging.NotPossible as error:
            form.add_error("number", work.obstacle(str(error)))
    if form.errors:
        return show(request, search, ticket, 422, change=form, changed="MergeForm")
    if not followers.may_see(into, request.user):
        return back(request, search, number)
    messages.success(request, _("The two are one now; you can take them apart at any time."))
    return redirect("desk:ticket", "open", into.number)


@require_POST
@for_agents
def unmerging(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Take a ticket out of the one it goes on in."""
    ticket = ticket_or_404(request, number, may_be_merged=True)
    if channel_merging.unmerge(ticket, by=request.user):
        messages.success(request, _("It is a ticket of its own again, with a promise of its own."))
    return back(request, search, number)


@require_POST
@for_agents
def splits(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Make a ticket of messages that are about something else."""
    ticket = ticket_or_404(request, number)
    form = SplitForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data
            made = linking.split(ticket, given["seq"], given["subject"], by=request.user)
        except linking.NotPossible as error:
            form.add_error("seq", work.obstacle(error.code))
    if form.errors:
        return show(request, search, ticket, 422, change=form, changed="SplitForm")
    return redirect("desk:ticket", "open", made.number)


@require_POST
@for_agents
def link_removals(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Untie two tickets."""
    ticket = ticket_or_404(request, number)
    for linked in linking.links_of(ticket, request.user):
        if linked.pk == pk:
            linking.unlink(Link.objects.select_related("ticket", "other").get(pk=pk), by=request.user)
    return back(request, search, number, PANEL)


@require_POST
@for_agents
def values(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Write down what is known in the fields; what did not change stays."""
    ticket = ticket_or_404(request, number)
    form = ValuesForm(request.POST, fields.of(ticket))
    if not form.is_valid():
        return show(request, search, ticket, 422, change=form, changed="ValuesForm")
    for name, field in form.asked.items():
        fields.fill(ticket, field, form.cleaned_data[name], by=request.user)
    return back(request, search, number, PANEL)


@require_POST
@for_agents
def ticks(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """A line of the checklist is done, or not after all."""
    ticket = ticket_or_404(request, number)
    task = get_object_or_404(Task, pk=pk, ticket=ticket, removed=None)
    task.ticket = ticket
    chores.tick(task, "done" in request.POST, by=request.user)
    return back(request, search, number, PANEL)


@require_POST
@for_agents
def task_removals(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Take a line off the checklist."""
    ticket = ticket_or_404(request, number)
    task = get_object_or_404(Task, pk=pk, ticket=ticket, removed=None)
    task.ticket = ticket
    chores.drop(task, by=request.user)
    return back(request, search, number, PANEL)


def _door(form_class: type[forms.Form], verb: Verb, anchor: str = PANEL) -> Callable[..., HttpResponse]:
    @require_POST
    @for_agents
    def door(request: AgentRequest, search: str, number: str) -> HttpResponse:
        ticket = ticket_or_404(request, number)
        form = form_class(request.POST)
        if isinstance(form, OtherTicketForm):
            form.agent = request.user
        if form.is_valid():
            try:
                verb(ticket, form, request.user)
            except IMPOSSIBLE as error:
                form.add_error(None, work.obstacle(str(error)))
            except chores.Full:
                form.add_error(None, _("This checklist is full; take off what is done."))
        if form.errors:
            return show(request, search, ticket, 422, change=form, changed=form_class.__name__)
        return back(request, search, number, anchor)

    return door


def _snooze(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    snoozing.snooze(ticket, form.cleaned_data["until"], by=by, awaits=form.cleaned_data["awaits"])


def _wake(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    snoozing.wake(ticket, by=by)


def _link(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    other, kind = form.cleaned_data["number"], form.cleaned_data["kind"]
    if kind == "parent":
        linking.link(other, ticket, Link.Kind.CHILD, by=by)
    else:
        linking.link(ticket, other, kind, by=by)


def _add_task(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    chores.add(ticket, form.cleaned_data["text"], by=by)


def _spend(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    chores.spend(ticket, form.cleaned_data["minutes"], by=by)


def _forward(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    given = form.cleaned_data
    forwarding.forward(ticket, given["email"], given["seq"], given["text"], by=by, files=given["file"])


def _answer_parts(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    given = form.cleaned_data
    for part in linking.children(ticket, by):
        if given["solve"] and fields.missing(part):
            continue
        then = "solve" if given["solve"] else "open"
        leaving.put(part, given["text"], by=by, then=then, seq=part.last_seq)


def _follow(ticket: Ticket, form: forms.Form, by: Agent) -> None:
    if form.cleaned_data["follow"]:
        followers.follow(ticket, by)
    else:
        followers.unfollow(ticket, by)


snooze = _door(SnoozeForm, _snooze, "")
waking = _door(forms.Form, _wake, "")
links = _door(LinkForm, _link)
tasks = _door(TaskForm, _add_task)
time = _door(TimeForm, _spend)
part_answers = _door(PartsForm, _answer_parts)
forwards = _door(ForwardForm, _forward)
following = _door(FollowForm, _follow)
