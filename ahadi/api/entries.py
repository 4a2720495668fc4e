"""Calls about what was said: the history, answers, notes, messages, files, and the feed over all tickets."""

from __future__ import annotations

from typing import Any, TypeVar

from django.http import FileResponse, HttpResponse, HttpResponseBase
from ninja import Query, Router, Status

from ahadi.api import asked, given, ids, shown, work
from ahadi.api.access import Bearer, find_ticket, find_to_write, visible
from ahadi.api.door import Call
from ahadi.api.pages import page
from ahadi.api.problems import Problem, missing
from ahadi.api.targets import check_rhythm
from ahadi.lib import clock, store
from ahadi.people.models import Agent
from ahadi.tickets import order, papers, sequencing, targets
from ahadi.tickets.models import Attachment, Entry, Ticket
from ahadi.tickets.said import Kind, Said

router = Router(tags=["Entries"])
READ, WRITE = Bearer("tickets:read"), Bearer("tickets:write")
SEND = Bearer("tickets:write", "messages:send")
PROVE = Bearer("tickets:read", "ledger:read")

Found = TypeVar("Found", str, bytes)


@router.get(
    "/tickets/{number}/entries",
    auth=READ,
    response=given.Page[given.Entry],
    summary="List the entries of a ticket",
)
def list_entries(
    request: Call, response: HttpResponse, number: str, filters: Query[asked.Filters]
) -> dict[str, Any]:
    """Everything that happened, in order; `after` may be a `seq`."""
    rows = shown.with_words(Entry.objects.filter(ticket=find_ticket(request, number)))
    return page(request, response, rows, filters, shown.entry, by="seq")


@router.post(
    "/tickets/{number}/replies", auth=SEND, response={201: given.Entry}, summary="Answer the customer"
)
def reply(request: Call, number: str, body: asked.Answer) -> Status[Any]:
    """Send an answer; say what comes next, or solve."""
    ticket, step = find_to_write(request, number), body.next_step
    work.refuse_merged(ticket)
    if body.solve:
        work.check_solvable(ticket)
    check_rhythm(ticket, step.due if step else None, clock.now(), "/next_step/due")
    entry = ticket.reply(
        body.body,
        by=request.token.agent,
        step=step.text if step else "",
        due=step.due if step else None,
        solve=body.solve,
        files=body.files,
    )
    return Status(201, shown.appended(entry, bool(body.files)))


@router.post(
    "/tickets/{number}/notes", auth=WRITE, response={201: given.Entry}, summary="Write a note for colleagues"
)
def note(request: Call, number: str, body: asked.Answer) -> Status[Any]:
    """No way leads from a note to the customer; a next step or the end of the matter may go with it."""
    ticket, agent = find_to_write(request, number), request.token.agent
    work.refuse_merged(ticket)
    entry = ticket.note(body.body, by=agent, files=body.files)
    if body.next_step:
        _promise(ticket, body.next_step, agent)
    elif body.solve and not ticket.is_solved:
        work.check_solvable(ticket)
        ticket.solve(by=agent)
    return Status(201, shown.appended(entry, bool(body.files)))


@router.post(
    "/tickets/{number}/messages",
    auth=WRITE,
    response={201: given.Entry},
    summary="Add a message of the requester",
)
def add_message(request: Call, number: str, body: asked.Message) -> Status[Any]:
    """On behalf of a channel: what the customer said there; it opens a solved ticket again."""
    ticket = find_to_write(request, number)
    work.refuse_merged(ticket)
    said = Said(
        kind=Kind.MESSAGE,
        text=body.body,
        by=ticket.requester,
        address=ticket.address,
        channel=body.channel,
        language=ticket.language,
        files=body.files,
    )
    return Status(201, shown.appended(ticket.receive(said), bool(body.files)))


@router.get(
    "/tickets/{number}/receipt", auth=PROVE, response={200: bytes}, summary="Get the receipt of a ticket"
)
def read_receipt(request: Call, number: str, up_to: int | None = None) -> HttpResponse:
    """A tlog-proof of all said so far, or up to an entry, chained; it is checked without this server."""
    ticket = find_ticket(request, number)
    text = _proven(sequencing.receipt(ticket, up_to))
    headers = {"Content-Disposition": f'attachment; filename="{ticket.number}.tlog-proof"'}
    return HttpResponse(text, "application/octet-stream", headers=headers)


@router.get(
    "/tickets/{number}/paper", auth=PROVE, response={200: bytes}, summary="Get the receipt as a PDF to print"
)
def read_paper(request: Call, number: str, up_to: int | None = None) -> HttpResponse:
    """What the customer can keep: the words, the promise, and the tlog-proof inside the file."""
    ticket = find_ticket(request, number)
    content = _proven(papers.receipt(ticket, ticket.language, up_to))
    headers = {"Content-Disposition": f'attachment; filename="{ticket.number}.pdf"'}
    # Programs save it; the name says what it is.
    return HttpResponse(content, "application/octet-stream", headers=headers)


def _proven(found: Found | None) -> Found:
    if found is None:
        raise Problem(
            404,
            "receipt_not_ready",
            "There is no receipt yet; everything is kept, ask again in a few seconds.",
            headers={"Retry-After": "2"},
        )
    return found


@router.get("/attachments/{id}", auth=READ, response={200: bytes}, summary="Get the bytes of an attachment")
def read_attachment(request: Call, id: str) -> HttpResponseBase:
    """The file as it came; it may be anything, so never open it unasked."""
    key = ids.read("attachment", id)
    seen = visible(request).named_by("entry__ticket")
    found = Attachment.objects.filter(seen, pk=key).first() if key else None
    if found is None:
        raise missing("There is no such attachment")
    return as_file(found.sha256, found.name)


@router.get(
    "/events",
    auth=Bearer("admin:read"),
    response=given.Page[given.Event],
    summary="Follow everything",
    tags=["Events"],
)
def list_events(request: Call, response: HttpResponse, filters: Query[asked.Filters]) -> dict[str, Any]:
    """Every entry of every ticket in one order without gaps; `after` may be a `seq`."""
    end = order.end()
    rows = shown.with_words(Entry.objects.filter(pk__lte=end)).select_related("ticket")
    return page(request, response, rows, filters, shown.event)


def as_file(sha256: str, name: str) -> FileResponse:
    """A stored file to be saved, never to be shown."""
    return FileResponse(
        store.open_file(sha256),
        content_type="application/octet-stream",
        as_attachment=True,
        filename=name,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _promise(ticket: Ticket, step: asked.Step, agent: Agent) -> None:
    due = step.due or targets.news_due(ticket.team, clock.now())
    check_rhythm(ticket, due, clock.now(), "/next_step/due")
    if ticket.is_solved:
        ticket.reopen(by=agent)
    ticket.promise(step.text, due, by=agent)
