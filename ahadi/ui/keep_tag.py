"""`{% keep "day" %}…{% endkeep %}` in templates: what stands in it is drawn once for the same values.

The tag finds out by itself which names its body uses, also in what it includes, so none can be forgotten. A
name of which only attributes are used counts with these alone. "day" and "minute" say how long times that are
told in relation to now stay true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone, translation
from jinja2 import TemplateNotFound, Undefined, nodes
from jinja2.environment import Environment
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from ahadi.lib import clock, right_of_way
from ahadi.ui import drawn

WHOLE = ""
Uses = dict[str, set[str]]


class KeepTag(Extension):
    """Draws its body, unless it was drawn before from the same."""

    tags = {"keep"}

    def parse(self, parser: Parser) -> nodes.Node:
        """The tag becomes a call with everything that its body uses."""
        line = next(parser.stream).lineno
        unit = parser.parse_expression()
        body = parser.parse_statements(("name:endkeep",), drop_needle=True)
        names: list[nodes.Expr] = [
            nodes.Tuple([nodes.Name(name, "load"), nodes.Const(tuple(sorted(used)))], "load")
            for name, used in sorted(_uses(self.environment, body).items())
        ]
        place = nodes.Const(f"{parser.name}:{line}")
        call = self.call_method("_keep", [place, unit, nodes.Tuple(names, "load")])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _keep(self, place: str, unit: str, names: Iterable[Any], caller: Callable[[], str]) -> Markup:
        # A long list is many pieces.
        right_of_way.here.give()
        try:
            values = tuple(self._trace(value, used) for value, used in names)
        except drawn.Unkept:
            return Markup(caller())  # noqa: S704 - a template drew it
        now = clock.now()
        zone = timezone.get_current_timezone()
        until = now.astimezone(zone).date() if unit == "day" else now.replace(second=0, microsecond=0)
        key = (place, values, translation.get_language(), str(zone))
        piece = drawn.kept.find(key, until)
        if piece is None:
            asked: list[str] = []
            with connection.execute_wrapper(partial(_note, asked)):
                piece = caller()
            # What was read only while drawing is not part of the key.
            if not asked:
                drawn.kept.put(key, until, piece)
        return Markup(piece)  # noqa: S704 - a template drew it

    def _trace(self, value: Any, used: tuple[str, ...]) -> Any:
        if used == (WHOLE,) or value is None or isinstance(value, Undefined):
            return drawn.trace(value)
        return tuple(drawn.trace(self.environment.getattr(value, name)) for name in used)


def _note(asked: list[str], execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    asked.append(sql)
    return execute(sql, *rest)


def _uses(environment: Environment, body: Iterable[nodes.Node]) -> Uses:
    """The names that are used, each with the attributes that are, or with WHOLE."""
    found: Uses = {}
    for name, attribute in _walk(environment, body):
        if name not in environment.globals and name != "caller":
            found.setdefault(name, set()).add(attribute)
    return {name: {WHOLE} if WHOLE in used else used for name, used in found.items()}


def _walk(environment: Environment, body: Iterable[nodes.Node]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            yield node.node.name, node.attr
        elif isinstance(node, nodes.Name):
            if node.ctx == "load":
                yield node.name, WHOLE
        elif isinstance(node, nodes.For):
            # A loop inside has its own `loop`; that of a loop outside cannot be known and keeps nothing.
            inside = _walk(environment, node.iter_child_nodes())
            yield from (use for use in inside if use[0] != "loop")
        else:
            if isinstance(node, nodes.Include):
                yield from _walk(environment, _included(environment, node))
            yield from _walk(environment, node.iter_child_nodes())


def _included(environment: Environment, node: nodes.Include) -> list[nodes.Template]:
    # Whoever looks for texts to translate has no templates to include, and draws nothing.
    if environment.loader is None or not isinstance(node.template, nodes.Const):
        return []
    name = node.template.value
    try:
        return [environment.parse(environment.loader.get_source(environment, name)[0], name)]
    except TemplateNotFound:
        if node.ignore_missing:
            return []
        raise
