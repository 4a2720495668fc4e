"""The people who knock at every door, and a ticket that is foreign to all but those who see everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from ahadi.api import tokens
from ahadi.ledger import keys
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.testing import make
from ahadi.tickets.models import Ticket

SECRET = "Zanzibar pepper mill"
# What a look may leave behind: the session of the visitor, how often they came, when a token was used.
TRACES = {"usersessions_usersession", "people_session", "django_session", "ahadi_cache", "api_token"}
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)', re.IGNORECASE)


@dataclass
class World:
    """A company with one ticket of a team that the agent does not belong to, and everybody who knocks."""

    foreign: Ticket
    own: Ticket
    clients: dict[str, Client] = field(default_factory=dict)

    @classmethod
    def make(cls) -> World:
        make.company()
        workshop = make.team("Workshop")
        asker = make.address("other@post.example", name="Olga Other")
        foreign = make.ticket(SECRET, subject=SECRET, by=asker, team=workshop)
        foreign.note(SECRET, by=make.agent("Wim Works", teams=[workshop]))
        world = cls(foreign, make.ticket(by=make.address("anna@post.example")))
        world.clients = {
            "guest": Client(),
            "code only": Client(),
            "proven guest": world._proven(),
            "agent": signed_in(make.agent()),
            "lead": signed_in(make.lead()),
            "admin": signed_in(make.admin()),
        }
        return world

    def owner(self) -> Client:
        """The browser of the person who asked what is foreign to the others."""
        return proven(self.foreign)

    def program(self, role: str = "agent", scopes: tuple[str, ...] = tokens.SCOPES) -> Client:
        """A program with a token of somebody of this role."""
        text = tokens.issue(make.agent("Pat Program", role=role), list(scopes))
        return Client(headers={"Authorization": f"Bearer {text}"})

    def _proven(self) -> Client:
        return proven(self.own)


def signed_in(agent: Agent) -> Client:
    """The browser of an agent."""
    client = Client()
    client.force_login(agent)
    return client


def proven(ticket: Ticket) -> Client:
    """The browser of a guest who has proven to be the one who asked."""
    client = Client()
    session = client.session
    now = int(clock.now().timestamp())
    session["guest"] = {ticket.number: [ticket.address_id, now, now]}
    session.save()
    return client


def knock(client: Client, method: str, path: str, **more: Any) -> tuple[Any, set[str]]:
    """What a door answers, and the tables that were written; nothing of it stays."""
    written: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITES.match(sql):
            written.add(found[1])
        return execute(sql, params, many, context)

    cache.clear()
    cookies = deepcopy(client.cookies)
    with rolled_back(), connection.execute_wrapper(watch):
        answer = client.generic(method, path, **more)
        answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    client.cookies = cookies
    return answer, written - TRACES


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    # What the log remembers outside the database has been taken back as well.
    (settings.AHADI_DATA / keys.SEEN).unlink(missing_ok=True)


def routes() -> dict[str, str]:
    """Every route of the product by its name; one without a name stands under its own text."""
    return dict(_walk(get_resolver().url_patterns))


def _walk(patterns: Any, inside: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for entry in patterns:
        route = inside + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield (space + entry.name if entry.name else route), route
