"""What was held back: let in, let in with its writer, made a ticket of its own, or left."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ahadi.channels import holding, participants
from ahadi.desk.views.access import AgentRequest, for_agents, ticket_or_404
from ahadi.desk.views.tickets import back
from ahadi.people.models import Agent
from ahadi.tickets.models import Entry, Ticket


def _release(ticket: Ticket, seq: int, by: Agent) -> Entry | None:
    return holding.release(ticket, seq, by=by)


def _admit(ticket: Ticket, seq: int, by: Agent) -> Entry | None:
    return holding.admit(ticket, seq, by=by)


def _separate(ticket: Ticket, seq: int, by: Agent) -> Entry | None:
    return holding.separate(ticket, seq, by=by)


def _leave(ticket: Ticket, seq: int, by: Agent) -> Entry | None:
    holding.leave(ticket, seq, by=by)
    return None


def _door(verb: Callable[[Ticket, int, Agent], Entry | None]) -> Callable[..., HttpResponse]:
    @require_POST
    @for_agents
    def door(request: AgentRequest, search: str, number: str, seq: int) -> HttpResponse:
        ticket = ticket_or_404(request, number)
        try:
            entry = verb(ticket, seq, request.user)
        except holding.NotHeld:
            raise Http404 from None
        except (participants.Full, participants.NotPossible):
            messages.error(request, _("This person cannot take part. The words still wait."))
            return back(request, search, number, f"e{seq}")
        if entry is None or entry.ticket_id != ticket.pk:
            return back(request, search, number if entry is None else entry.ticket.number, f"e{seq}")
        return back(request, search, number, f"e{entry.seq}")

    return door


releases = _door(_release)
admissions = _door(_admit)
separations = _door(_separate)
leavings = _door(_leave)
