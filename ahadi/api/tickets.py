"""Calls about tickets: open, list, read, change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import translation
from ninja import Query, Router, Status

from ahadi.api import asked, given, shown, work
from ahadi.api.access import Bearer, asked_by, find_agent, find_team, find_ticket, visible
from ahadi.api.door import Call
from ahadi.api.pages import page
from ahadi.api.problems import Problem, wrong
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Team
from ahadi.tickets import asking, handing
from ahadi.tickets.intake import Inbound, receive
from ahadi.tickets.models import Statement, Tag, Ticket

router = Router(tags=["Tickets"])
READ, WRITE = Bearer("tickets:read"), Bearer("tickets:write")


@router.post("/tickets", auth=WRITE, response={201: given.Ticket}, summary="Open a ticket")
def open_ticket(request: Call, response: HttpResponse, body: asked.NewTicket) -> Status[Any]:
    """Take in what a customer asked; the ticket is born with a next step and a time."""
    sender = body.requester
    try:
        address = identify.find_or_create(
            Address.Kind.EMAIL, sender.email, sender.name, sender.language or ""
        )
    except identify.Unreadable as error:
        raise wrong("/requester/email", "email", "This is no mail address.") from error
    inbound = Inbound(
        channel=body.channel,
        address=address,
        text=body.words,
        subject=body.subject,
        language=sender.language or "",
        is_language_certain=sender.language is not None,
        statement=body.statement.model_dump() if body.statement else {},
    )
    ticket = receive(inbound).ticket
    tags = _tags(body.tags)
    if tags:
        ticket.retag(tags, by=request.token.agent)
    response["Location"] = f"{request.path}/{ticket.number}"
    statement = Statement(**inbound.statement) if any(inbound.statement.values()) else None
    return Status(201, shown.newest(ticket, statement, [tag.name for tag in tags]))


@router.get("/tickets", auth=READ, response=given.Page[given.Ticket], summary="List tickets")
def list_tickets(
    request: Call, response: HttpResponse, filters: Query[asked.TicketFilters]
) -> dict[str, Any]:
    """The newest first; only what the token's agent may see."""
    rows = shown.with_everything(_select(visible(request), filters, request.token.agent))
    return page(request, response, rows, filters, shown.ticket, newest_first=True)


@router.get("/tickets/{number}", auth=READ, response=given.Ticket, summary="Read a ticket")
def read_ticket(request: Call, response: HttpResponse, number: str) -> Any:
    """One ticket by its tracking code, with an ETag that changes with every entry."""
    ticket = find_ticket(request, number)
    response["ETag"] = tag = _etag(ticket)
    if tag in _tags_in(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": tag})
    return shown.ticket(ticket)


@router.patch("/tickets/{number}", auth=WRITE, response=given.Ticket, summary="Change a ticket")
def change_ticket(request: Call, response: HttpResponse, number: str, body: asked.Change) -> dict[str, Any]:
    """Every field that differs becomes an entry; with If-Match only when nobody was faster."""
    ticket = find_ticket(request, number)
    wanted = request.headers.get("If-Match", "")
    if wanted and wanted.strip() != "*" and _etag(ticket) not in _tags_in(wanted):
        raise Problem(412, "changed_meanwhile", "The ticket has changed since it was read; read it again.")
    if "merged_into" in body.model_fields_set:
        work.merge(request, ticket, body.merged_into)
    if body.model_fields_set - {"merged_into"}:
        work.refuse_merged(ticket)
    for name, change in CHANGES.items():
        if name in body.model_fields_set:
            # Whoever takes over has to know why.
            more = (body.sentence,) if name in HANDED else ()
            change(ticket, getattr(body, name), request.token.agent, *more)
    found = shown.with_everything(Ticket.objects.all()).get(pk=ticket.pk)
    response["ETag"] = _etag(found)
    return shown.ticket(found)


def _select(tickets: QuerySet[Ticket], filters: asked.TicketFilters, agent: Agent) -> QuerySet[Ticket]:
    if filters.status:
        tickets = tickets.filter(status=filters.status)
    if filters.assignee == "none":
        tickets = tickets.filter(assignee=None)
    elif filters.assignee:
        tickets = tickets.filter(assignee=find_agent(filters.assignee, "/assignee"))
    if filters.team:
        tickets = tickets.filter(team=find_team(filters.team, "/team"))
    if filters.requester:
        tickets = asked_by(tickets, filters.requester)
    if filters.tag:
        tickets = tickets.filter(tags__name=filters.tag)
    if filters.q:
        meant = asking.ask(filters.q, agent, clock.now())
        if meant.wrong:
            raise wrong("/q", "not_understood", " ".join(meant.wrong))
        tickets = tickets.filter(meant.where)
    return tickets


def _etag(ticket: Ticket) -> str:
    # The words of the next step are in the reader's language.
    return f'W/"{ticket.last_seq}-{ticket.updated.timestamp():.6f}-{translation.get_language()}"'


def _tags_in(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",")]


def _tags(names: list[str]) -> list[Tag]:
    return [Tag.objects.get_or_create(name=name)[0] for name in dict.fromkeys(names)]


def _rename(ticket: Ticket, subject: str, by: Agent) -> None:
    if subject != ticket.subject:
        ticket.rename(subject, by=by)


def _hand(ticket: Ticket, team: str, by: Agent, sentence: str) -> None:
    found = find_team(team, "/team")
    if found != ticket.team:
        _give(ticket, found, sentence, by)


def _assign(ticket: Ticket, agent: str | None, by: Agent, sentence: str) -> None:
    found = find_agent(agent, "/assignee") if agent is not None else None
    if found is not None and not found.is_active:
        raise wrong("/assignee", "inactive_agent", "This agent is no longer active.")
    if found != ticket.assignee:
        _give(ticket, found, sentence, by)


def _give(ticket: Ticket, to: Agent | Team | None, sentence: str, by: Agent) -> None:
    try:
        handing.hand(ticket, to, sentence, by=by)
    except handing.NoSentence as error:
        said = "Say in one sentence what the next one has to know."
        raise wrong("/sentence", "sentence_missing", said) from error


def _prioritise(ticket: Ticket, priority: str, by: Agent) -> None:
    if asked.PRIORITIES[priority] != ticket.priority:
        ticket.prioritise(asked.PRIORITIES[priority], by=by)


def _retag(ticket: Ticket, names: list[str], by: Agent) -> None:
    if set(names) != {tag.name for tag in ticket.tags.all()}:
        ticket.retag(_tags(names), by=by)


def _set_status(ticket: Ticket, status: str, by: Agent) -> None:
    if status == "solved" and not ticket.is_solved:
        work.check_solvable(ticket)
    verbs = {"open": ticket.reopen, "waiting": ticket.wait, "solved": ticket.solve}
    if status != ticket.status:
        verbs[status](by=by)


# In the order in which they are written down.
CHANGES: dict[str, Callable[..., None]] = {
    "subject": _rename,
    "team": _hand,
    "assignee": _assign,
    "priority": _prioritise,
    "tags": _retag,
    "fields": work.fill,
    "snoozed_until": work.snooze,
    "status": _set_status,
}
HANDED = ("team", "assignee")
