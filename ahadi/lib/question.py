"""Questions that every page asks: put into SQL once, then only asked again with other values."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

# Stands for a value while the SQL is made; no row has such a key.
FIRST_MARK = -880_000_001


class Question:
    """A query with gaps: building it by the ORM often costs more than the database's answer."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self.build = build
        self.gaps = len(inspect.signature(build).parameters)
        # By the kind of database, because tests and settings may change it.
        self.made: dict[str, tuple[Any, str, list[tuple[int, Any]]]] = {}

    def rows(self, *values: int | str) -> list[tuple[Any, ...]]:
        """The answer as tuples, for what was built with `values_list`."""
        compiler, answer = self._ask(values)
        return list(compiler.results_iter([answer], tuple_expected=True))

    def objects(self, *values: int | str) -> list[Any]:
        """The answer as objects, with all that `select_related` and `annotate` named."""
        compiler, answer = self._ask(values)
        known, alias = compiler.klass_info, connection.alias
        places = known["select_fields"]
        start, end = places[0], places[-1] + 1
        names = [column[0].target.attname for column in compiler.select[start:end]]
        others = get_related_populators(known, compiler.select, alias)  # type: ignore[call-arg]
        found = []
        for row in compiler.results_iter([answer]):
            thing: Model = known["model"].from_db(alias, names, row[start:end])
            for other in others:
                other.populate(row, thing)
            for name, place in (compiler.annotation_col_map or {}).items():
                setattr(thing, name, row[place])
            found.append(thing)
        return found

    def _ask(self, values: tuple[int | str, ...]) -> tuple[Any, list[tuple[Any, ...]]]:
        known = self.made.get(connection.vendor)
        if known is None:
            known = self.made[connection.vendor] = self._make()
        kept, sql, parts = known
        compiler = copy(kept)
        compiler.connection = connection
        with connection.cursor() as cursor:
            cursor.execute(sql, [part if gap < 0 else values[gap] for gap, part in parts])
            return compiler, cursor.fetchall()

    def _make(self) -> tuple[Any, str, list[tuple[int, Any]]]:
        marks = [FIRST_MARK - gap for gap in range(self.gaps)]
        compiler = self.build(*marks).query.get_compiler(connection.alias)
        sql, parts = compiler.as_sql()
        # A column of text has made a text of its mark.
        gaps = {str(mark): gap for gap, mark in enumerate(marks)}
        return compiler, sql, [(gaps.get(str(part), -1), part) for part in parts]
