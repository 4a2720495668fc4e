"""Pieces of pages that are drawn already, kept under everything they were drawn from.

Nothing kept is ever wrong: whoever sees other values, reads another language or lives in another zone has
another key. What belongs to one request alone (the token against forged forms) is put in at the very end.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any
from uuid import UUID

from django.contrib.messages import get_messages
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.functional import LazyObject, Promise, empty
from django.utils.translation import gettext_lazy
from jinja2 import Undefined
from jinja2.runtime import Macro
from markupsafe import Markup

# Characters in one process: some thousand lines of talks and some hundred lists.
ROOM = 8_000_000
# Stands in kept pieces for what belongs to one request; nobody outside this process can write it.
CSRF = Markup("<!--{}-->").format(secrets.token_hex(16))


class Unkept(Exception):
    """A value that says nothing about what will be drawn from it."""


class Drawn:
    """The pieces of one process; what nobody asked for longest makes room."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._left = room, room
        self._pieces: OrderedDict[Hashable, tuple[Hashable, Any, int]] = OrderedDict()

    def keep(self, key: Hashable, mark: Hashable, draw: Callable[[], Any]) -> Any:
        """What was drawn under this key, drawn anew unless the mark is the same."""
        found = self.find(key, mark)
        if found is None:
            found = draw()
            self.put(key, mark, found)
        return found

    def find(self, key: Hashable, mark: Hashable) -> Any:
        """What was drawn under this key and mark, or None."""
        found = self._pieces.get(key)
        if found is None or found[0] != mark:
            return None
        with suppress(KeyError):
            self._pieces.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, mark: Hashable, piece: Any) -> None:
        """Remember a piece in place of what was drawn under this key before."""
        # Threads may count past each other by a piece: the room is a measure, not a promise.
        size = len(piece) if isinstance(piece, str) else 1_000
        before = self._pieces.pop(key, None)
        self._pieces[key] = mark, piece, size
        self._left += (before[2] if before else 0) - size
        with suppress(KeyError):
            while self._left < 0:
                self._left += self._pieces.popitem(last=False)[1][2]

    def forget(self) -> None:
        """Begin anew."""
        self._pieces.clear()
        self._left = self._room


kept = Drawn()


def page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Draw a page whose pieces may be kept; its own token comes into it last."""
    template: Any = get_template(name)
    # A page that brings itself up to date leaves what is said once to the next one that is opened.
    said = () if "X-Live" in request.headers else get_messages(request)
    given = {"request": request, "messages": said, "csrf_input": CSRF, **context}
    drawn = template.template.render(given)
    if CSRF in drawn:
        own = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
        drawn = drawn.replace(CSRF, own)
    return HttpResponse(drawn, status=status)


def trace(value: Any) -> Hashable:
    """All of a value that can be seen in what is drawn from it; raises Unkept where that is unknown."""
    kind = type(value)
    if kind in PLAIN:
        return value  # type: ignore[no-any-return]
    read = READERS.get(kind) or _reader(kind)
    return read(value)


def _reader(kind: type) -> Callable[[Any], Hashable]:
    read = next((read for base, read in BASES if issubclass(kind, base)), None)
    if read is None and is_dataclass(kind):
        read = _dataclass
    if read is None:
        raise Unkept(kind)
    READERS[kind] = read
    return read


def _moment(value: datetime) -> Hashable:
    # Moments are equal wherever they are, and look different.
    return value if value.tzinfo is UTC else (value, str(value.tzinfo))


def _model(value: Model, above: tuple[Model, ...] = ()) -> Hashable:
    derived = _derived(type(value))
    seen = [trace(held) for name, held in value.__dict__.items() if name[0] != "_" and name not in derived]
    # A relation may lead back to where it came from.
    beside = [
        (name, _model(held, (*above, value)) if isinstance(held, Model) else trace(held))
        for name, held in value._state.fields_cache.items()
        if not any(held is each for each in above)
    ]
    return type(value), tuple(seen), tuple(beside)


@cache
def _derived(kind: type) -> frozenset[str]:
    # What a property keeps beside the fields says nothing that they do not say.
    return frozenset(name for name in dir(kind) if isinstance(getattr(kind, name, None), cached_property))


def _dataclass(value: Any) -> Hashable:
    return type(value), tuple(trace(getattr(value, each.name)) for each in fields(value))


def _lazy(value: Any) -> Hashable:
    if value._wrapped is empty:
        value._setup()
    return trace(value._wrapped)


@dataclass(frozen=True, eq=False)
class _Same:
    """A thing that is equal to itself only."""

    thing: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _form(value: BaseForm) -> Hashable:
    if value.is_bound or value.initial:
        raise Unkept(type(value))
    return type(value).__qualname__


def _builtin(value: Any) -> Hashable:
    owner = value.__self__
    return value if owner is None or isinstance(owner, ModuleType) else (value.__name__, trace(owner))


def _itself(value: Any) -> Hashable:
    # Macros that were given a context are others for every page, so nothing drawn with them is found again.
    return value  # type: ignore[no-any-return]


PLAIN = frozenset({str, int, bool, float, bytes, type(None), date, time, timedelta, UUID})
READERS: dict[type, Callable[[Any], Hashable]] = {
    tuple: lambda value: tuple(map(trace, value)),
    list: lambda value: (list, *map(trace, value)),
    dict: lambda value: (dict, *((key, trace(held)) for key, held in value.items())),
    datetime: _moment,
    # The same letters are drawn in two ways: as they are, and escaped.
    Markup: lambda value: (Markup, str(value)),
    FunctionType: _itself,
    BuiltinFunctionType: _builtin,
    MethodType: lambda value: (value.__func__, trace(value.__self__)),
    Macro: _itself,
    # What they say depends on the language alone, which is part of every key.
    type(gettext_lazy("Open")): _Same,
}
BASES: tuple[tuple[type, Callable[[Any], Hashable]], ...] = (
    (Undefined, lambda value: Undefined),
    (Model, _model),
    (LazyObject, _lazy),
    (Promise, lambda value: str(value)),
    (BaseForm, _form),
    (tuple, lambda value: (type(value), *map(trace, value))),
    (dict, lambda value: (type(value), *((key, trace(held)) for key, held in dict.items(value)))),
    (str, lambda value: (type(value), str(value))),
    (int, lambda value: (type(value), int(value))),
)
