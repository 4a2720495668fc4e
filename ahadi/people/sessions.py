"""Sessions that know their agent: both are read in one question, which every page of the desk begins with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.middleware import get_user as read_user
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from ahadi.lib.question import Question
from ahadi.people.models import Agent, Session


class SessionStore(db.SessionStore):
    """Django's sessions in the database, with the agent beside them."""

    # Who was signed in when this session was read; nothing is believed because of it.
    agent: Agent | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        found = _SESSION.objects(self.session_key) if self.session_key else []
        # Django counts a session's hours by its own clock.
        if not found or found[0].expire_date <= timezone.now():
            self._session_key = None
            return {}
        self.agent = found[0].agent
        return self.decode(found[0].session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.agent_id = data.get(SESSION_KEY)
        return row


class AgentMiddleware(AuthenticationMiddleware):
    """Django's own, which is asked only where the agent beside the session is not the whole truth."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _agent(request) or read_user(request))  # type: ignore[assignment]


def agent_of(key: str) -> Agent | None:
    """Who is signed in with this session, for doors that are no pages."""
    if not (key.isascii() and key.isalnum()):
        return None
    request = HttpRequest()
    request.session = SessionStore(key)
    found = _agent(request) or read_user(request)
    return found if isinstance(found, Agent) and found.is_active else None


def _agent(request: HttpRequest) -> Agent | None:
    session: Any = request.session
    number, path = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    agent: Agent | None = session.agent
    if agent is None or str(agent.pk) != number or not agent.is_active:
        return None
    if path not in settings.AUTHENTICATION_BACKENDS:
        return None
    is_same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), agent.get_session_auth_hash())
    return agent if is_same else None


_SESSION = Question(lambda key: Session.objects.filter(session_key=key).select_related("agent"))
