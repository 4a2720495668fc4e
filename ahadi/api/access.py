"""What a token lets a program reach: scopes, and only what its agent may see."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security import HttpBearer

from ahadi.api import ids, shown, tokens
from ahadi.api.door import Call
from ahadi.api.problems import Problem, missing, wrong
from ahadi.lib.question import Question
from ahadi.people import identify
from ahadi.people.models import Address, Agent, Team
from ahadi.tickets.models import Ticket
from ahadi.tickets.models.sight import TicketQuerySet
from ahadi.tickets.number import read_number


class Bearer(HttpBearer):
    """A token with one of the named scopes; the door has already found it."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> Any:
        """The token, or the problem that it may not do this."""
        token = request.token  # type: ignore[attr-defined]
        if not tokens.may(token, *self.scopes):
            detail = f"The token needs the scope {' or '.join(self.scopes)}."
            if self.scopes[0].startswith("admin:"):
                detail += " Its agent must be an administrator."
            raise Problem(403, "missing_scope", detail)
        return token

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Not asked: the call itself is replaced."""
        raise NotImplementedError


def visible(request: Call) -> TicketQuerySet:
    """The tickets this token's agent may see."""
    return Ticket.objects.visible_to(request.token.agent)


def find_ticket(request: Call, number: str) -> Ticket:
    """A ticket by its tracking code, however it was typed; raises Problem."""
    code = read_number(number)
    found = shown.with_everything(visible(request)).filter(number=code).first() if code else None
    if found is None:
        raise missing("There is no such ticket")
    return found


def find_to_write(request: Call, number: str) -> Ticket:
    """A ticket that something is added to: no more of it is read than that asks for; raises Problem."""
    code, agent = read_number(number), request.token.agent
    for found in _TICKET[agent.sees_everything].objects(agent.pk, code) if code else ():
        return found  # type: ignore[no-any-return]
    raise missing("There is no such ticket")


def find_agent(text: str, pointer: str) -> Agent:
    """An agent by identifier or mail address; raises Problem."""
    key = ids.read("agent", text)
    found = Agent.objects.filter(**({"pk": key} if key is not None else {"email__iexact": text})).first()
    if found is None:
        raise wrong(pointer, "unknown_agent", "There is no such agent; give an identifier or a mail address.")
    return found


def find_team(text: str, pointer: str) -> Team:
    """A team by identifier or name; raises Problem."""
    key = ids.read("team", text)
    found = (Team.objects.filter(pk=key).first() if key is not None else None) or Team.objects.filter(
        name=text
    ).first()
    if found is None:
        raise wrong(pointer, "unknown_team", "There is no such team; give an identifier or a name.")
    return found


def asked_by(tickets: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """The tickets of one customer, by identifier or mail address."""
    key = ids.read("customer", text)
    if key is not None:
        return tickets.filter(requester=key)
    try:
        value = identify.normalise(Address.Kind.EMAIL, text)
    except identify.Unreadable:
        return tickets.none()
    return tickets.filter(requester__addresses__kind=Address.Kind.EMAIL, requester__addresses__value=value)


def _to_write(role: Agent.Role, agent: int, number: str) -> QuerySet[Ticket]:
    seen = Ticket.objects.visible_to(Agent(pk=agent, role=role)).filter(number=number)
    return seen.select_related("requester", "address", "assignee", "team")


# By whether the agent sees everything.
_TICKET = {
    True: Question(partial(_to_write, Agent.Role.LEAD)),
    False: Question(partial(_to_write, Agent.Role.AGENT)),
}
