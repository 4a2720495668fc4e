"""Questions that every page asks: put into SQL once, then only asked again with other values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from ahadi.lib import together
from ahadi.lib.twin import twin

Value = TypeVar("Value")

# Where some come together, so many are asked about in one question and written down together.
MANY = 16
# Stands for a value while the SQL is made; no row has such a key.
FIRST_MARK = -880_000_001


def filled(values: Sequence[Value], size: int) -> list[Value]:
    """As many as a question has gaps: the last one again. A few sizes are enough, each planned once."""
    return list(values) + [values[-1]] * (size - len(values))


def lots(values: Sequence[Value], size: int) -> Iterator[list[Value]]:
    """All values, for a question with so many gaps that is asked as often as it takes."""
    for start in range(0, len(values), size):
        yield filled(values[start : start + size], size)


@dataclass
class Made:
    """What the ORM makes of a question, once for each kind of database."""

    compiler: Any
    sql: str
    # A value's place among those that are given, or -1 and the value itself.
    parts: list[tuple[int, Any]]
    converters: dict[int, Any]
    populators: list[Any]

    @cached_property
    def own(self) -> tuple[type[Model], slice, tuple[str, ...]]:
        """What the objects are, which columns are their own, and what those are called."""
        known = self.compiler.klass_info
        own = slice(known["select_fields"][0], known["select_fields"][-1] + 1)
        return known["model"], own, tuple(column[0].target.attname for column in self.compiler.select[own])


class Question:
    """A query with gaps: building it by the ORM often costs more than the database's answer."""

    def __init__(
        self, build: Callable[..., QuerySet[Any, Any]], gaps: int = -1, own: tuple[str, ...] | None = None
    ) -> None:
        self.build = build
        # See `together.ask_of_own`; None where rows of any change may be part of the answer.
        self.own = own
        # Where `build` takes any number of values, it is told how many.
        self.gaps = gaps if gaps >= 0 else len(inspect.signature(build).parameters)
        # By the kind of database, because tests and settings may change it.
        self.made: dict[str, Made] = {}

    def rows(self, *values: int | str) -> list[tuple[Any, ...]]:
        """The answer as tuples, for what was built with `values_list`."""
        return [tuple(row) for row in self._ask(values)[1]]

    def objects(self, *values: int | str) -> list[Any]:
        """The answer as objects, with all that `select_related` and `annotate` named."""
        made, rows = self._ask(values)
        model, own, names = made.own
        annotations = (made.compiler.annotation_col_map or {}).items()
        found = []
        for row in rows:
            thing = model.from_db(connection.alias, names, row[own])
            for other in made.populators:
                other.populate(row, thing)
            for name, place in annotations:
                setattr(thing, name, row[place])
            found.append(thing)
        return found

    def _ask(self, values: tuple[int | str, ...]) -> tuple[Made, Iterable[Sequence[Any]]]:
        made = self.made.get(connection.vendor)
        if made is None:
            made = self.made[connection.vendor] = self._make()
            if self.own is not None:
                together.ask_of_own(made.sql, self.own)
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [part if gap < 0 else values[gap] for gap, part in made.parts])
            rows = cursor.fetchall()
        if not rows or not made.converters:
            return made, rows
        return made, twin(made.compiler, connection=connection).apply_converters(rows, made.converters)

    def _make(self) -> Made:
        marks = [FIRST_MARK - gap for gap in range(self.gaps)]
        compiler = self.build(*marks).query.get_compiler(connection.alias)
        sql, parts = compiler.as_sql()
        # A column of text has made a text of its mark.
        gaps = {str(mark): gap for gap, mark in enumerate(marks)}
        known = compiler.klass_info
        return Made(
            compiler,
            sql,
            [(gaps.get(str(part), -1), part) for part in parts],
            compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]]),
            get_related_populators(known, compiler.select, connection.alias) if known else [],  # type: ignore[call-arg]
        )
