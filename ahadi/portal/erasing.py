"""What the portal keeps of somebody: browsers that see their requests, with words not yet sent."""

from __future__ import annotations

from collections.abc import Iterator

from ahadi.people.models import Session
from ahadi.people.sessions import SessionStore
from ahadi.portal.access import KEY, PAPER
from ahadi.portal.following import DRAFT
from ahadi.tickets.erasure import Matter, Part


def parts(matter: Matter) -> Iterator[Part]:
    """Sessions of guests that name one of the requests; an agent who is signed in stays so."""
    numbers = set(matter.tickets.values_list("number", flat=True))
    found = [key for key, data in _sessions() if numbers & _named(data)]
    sessions = Session.objects.filter(pk__in=found)
    yield Part("people.Session", len(found), sessions.delete)


def _sessions() -> Iterator[tuple[str, dict[str, object]]]:
    store = SessionStore()
    rows = Session.objects.filter(agent=None).values_list("session_key", "session_data")
    for key, data in rows.iterator():
        yield key, store.decode(data)


def _named(data: dict[str, object]) -> set[str]:
    kept = (data.get(name) for name in (KEY, PAPER, DRAFT))
    return {str(number) for numbers in kept if isinstance(numbers, dict) for number in numbers}
