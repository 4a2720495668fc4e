"""Words: replies, notes, and what was held back until an agent said yes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.channels import leaving
from ahadi.channels.models import Delivery, Draft
from ahadi.desk import calling, drafts, pasting, presence, sketches, work
from ahadi.desk.forms.ticket import NoteForm, ReplyForm
from ahadi.desk.views import promises
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back, show
from ahadi.lib import clock, markup
from ahadi.outbox import jobs
from ahadi.people.models import Agent
from ahadi.tickets import pictures
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import File

# What was said, and what is about to be said, since somebody opened the page.
Missed = dict[str, list[Any]]


@require_POST
@for_agents
def replies(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Let an answer leave in some seconds; what was said since the page was opened is shown first (409)."""
    if request.POST.get("kind") == "note":
        # The tab says note: whatever button was reached, no word of it may leave the house.
        return notes(request, search, number)
    ticket = ticket_or_404(request, number)
    form = ReplyForm(request.POST, request.FILES)
    form.promised = ticket.due
    if form.is_valid() and form.cleaned_data["then"] == "solve" and (missing := work.missing(ticket)):
        form.add_error(None, missing)
    promises.check(ticket, form, request.POST.get("against", ""), request.user)
    if not form.is_valid():
        return show(request, search, ticket, 422, reply=form)
    draft, missed = answer(ticket, form, request.user, request.POST.getlist("kept"))
    if draft is None:
        return show(request, search, ticket, 409, reply=form, **missed)
    sketches.forget(ticket, request.user, "reply")
    presence.touch(ticket.number)
    if leaving.is_live(ticket) and (gone := leaving.release(ticket)):
        return back(request, search, number, f"e{gone[-1].seq}")
    return back(request, search, number, f"draft-{draft.pk}")


@require_POST
@for_agents
def notes(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """Write for colleagues only."""
    ticket = ticket_or_404(request, number)
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, search, ticket, 422, reply=form, mode="note")
    called, how = calling.read(ticket, form.cleaned_data["text"]), request.POST.get("called", "")
    if called.far and how not in (calling.SHOW, calling.SILENT):
        return show(request, search, ticket, 422, reply=form, mode="note", called=called)
    with transaction.atomic():
        # Whoever is told of notes looks at them as soon as they are there.
        text = form.cleaned_data["text"]
        files = _files(ticket, request.user, text, form.cleaned_data["files"])
        entry = ticket.note(text, by=request.user, files=files)
        calling.tell(entry, called, how)
    sketches.forget(ticket, request.user, "note")
    return back(request, search, number, f"e{entry.seq}")


@require_POST
@for_agents
def retries(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Send once more what did not arrive, or perhaps did not."""
    ticket = ticket_or_404(request, number)
    delivery = get_object_or_404(Delivery, pk=pk, entry__ticket=ticket)
    if retry(delivery):
        messages.success(request, _("It is on its way again."))
    return back(request, search, number, f"e{delivery.entry.seq}")


@require_POST
@for_agents
def confirmations(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Say that what was in doubt has arrived: the customer said so, or answered it."""
    ticket = ticket_or_404(request, number)
    delivery = get_object_or_404(Delivery, pk=pk, entry__ticket=ticket)
    if delivery.state == Delivery.State.UNKNOWN:
        delivery.confirm()
    return back(request, search, number, f"e{delivery.entry.seq}")


@transaction.atomic
def answer(ticket: Ticket, form: ReplyForm, by: Agent, kept: list[str]) -> tuple[Draft | None, Missed]:
    """The answer on its way, or what its writer has not seen; nobody can write in between."""
    ticket.lock()
    given = form.cleaned_data
    on_their_way = list(Draft.objects.leaving().filter(ticket=ticket).select_related("agent"))
    for twin in on_their_way:
        if twin.agent_id == by.pk and twin.text == given["text"]:
            # The button was pressed twice.
            return twin, {}
    seq = ticket.last_seq if given["seq"] is None else given["seq"]
    if missed := _missed(ticket, form, by, seq, on_their_way):
        return None, missed
    draft = leaving.put(
        ticket,
        given["text"],
        by=by,
        files=_files(ticket, by, given["text"], [*_kept(ticket, given, by, kept), *given["files"]]),
        at=given["leaves"],
        undo=drafts.undo(by),
        step=given["step"],
        due=given.get("due"),
        then=given["then"] or "open",
        seq=seq,
    )
    return draft, {}


def _missed(ticket: Ticket, form: ReplyForm, by: Agent, seq: int, on_their_way: list[Draft]) -> Missed:
    given = form.cleaned_data
    missed: Missed = {}
    if newer := leaving.said_since(ticket, seq, by, given["text"]):
        missed["newer"] = newer
    beside = given["beside"]
    if beside is not None:
        rivals = [draft for draft in on_their_way if draft.agent_id != by.pk and draft.pk not in beside]
        missed |= {"rivals": rivals} if rivals else {}
    return missed


def _files(ticket: Ticket, by: Agent, text: str, files: list[File]) -> list[File]:
    """All files of these words; the pictures that the words name stand between them."""
    return pictures.placed(text, [*files, *pasting.taken(ticket, by, text)])


def _kept(ticket: Ticket, given: dict[str, Any], by: Agent, wanted: list[str]) -> list[File]:
    """The files of the answer that was written anew, of which nothing else remains."""
    earlier = Draft.objects.resting().filter(pk=given["draft"] or 0, ticket=ticket, agent=by).first()
    if earlier is None:
        return []
    # A picture between the words goes when its name is taken out of them.
    named = markup.pictured(given["text"])
    files = [
        file
        for place, file in enumerate(earlier.attachments())
        if (file.name in named if file.is_inline else str(place) in wanted)
    ]
    earlier.delete()
    return files


@transaction.atomic
def retry(delivery: Delivery) -> bool:
    """Put an ended delivery on its way again; false where another press was faster."""
    again = Delivery.objects.filter(pk=delivery.pk, state__in=(Delivery.State.FAILED, Delivery.State.UNKNOWN))
    if not again.update(state=Delivery.State.QUEUED, created=clock.now(), last_error=""):
        return False
    jobs.put("channels.send", {"delivery_id": delivery.pk}, order_by=delivery.entry.ticket.number)
    return True
