"""Rows in bulk, past the models: for databases of millions of rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, models

# What a filling process may keep in memory while it builds.
_SQLITE = {"synchronous": "OFF", "cache_size": "-400000"}
_POSTGRESQL = {"maintenance_work_mem": "'400MB'", "synchronous_commit": "off"}


class Sheet:
    """A table with the columns that differ from row to row; all others hold what its model gives them."""

    def __init__(self, model: type[models.Model], *given: str) -> None:
        blank, meta = model(), model._meta
        self.table = meta.db_table
        rest = [
            field
            for field in meta.concrete_fields
            if field.attname not in given and not isinstance(field, models.AutoField)
        ]
        columns = {field.attname: str(field.column) for field in meta.concrete_fields}
        self._columns = [columns[name] for name in (*given, *(field.attname for field in rest))]
        self._rest = tuple(
            field.get_db_prep_save(getattr(blank, field.attname), connection) for field in rest
        )

    def write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows of the given columns."""
        whole = ((*row, *self._rest) for row in rows)
        put(f"{self.table} ({', '.join(self._columns)})", len(self._columns), whole)

    def next_key(self) -> int:
        """The first key that no row has."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max({self._key}) FROM {self.table}")
            return int(cursor.fetchone()[0] or 0) + 1

    def follow(self) -> None:
        """Let PostgreSQL's own counter go on behind the keys that rows brought along."""
        if is_postgresql():
            with connection.cursor() as cursor:
                highest = f"(SELECT max({self._key}) FROM {self.table})"
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence(%s, %s), {highest})", [self.table, "id"]
                )

    @property
    def _key(self) -> str:
        return self._columns[0]


def put(into: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows to "table (columns)" in the way that is quickest on this database."""
    connection.ensure_connection()
    if is_postgresql():
        with connection.connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * width)
        plain = (tuple(_plain(value) for value in row) for row in rows)
        connection.connection.executemany(f"INSERT INTO {into} VALUES ({marks})", plain)


def indexes(cursor: Any) -> list[tuple[str, str, str]]:
    """Every index that no key or constraint brought along: its name, its table and what makes it."""
    cursor.execute(_INDEXES_POSTGRESQL if is_postgresql() else _INDEXES_SQLITE)
    return list(cursor.fetchall())


@contextmanager
def without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """Build the indexes of tables once at the end; keys and other uniqueness stay."""
    with connection.cursor() as cursor:
        known = [(name, words) for name, table, words in indexes(cursor) if table in tables]
        try:
            for name, _words in known:
                cursor.execute(f'DROP INDEX "{name}"')
            yield
        finally:
            if connection.in_atomic_block:
                # No index is built while references wait to be looked up.
                connection.check_constraints()
            for _name, words in known:
                cursor.execute(words)


@contextmanager
def in_haste() -> Iterator[None]:
    """Nothing waits for the disk, and references that are right by their making are not looked up again."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        if is_postgresql():
            for name, value in _POSTGRESQL.items():
                cursor.execute(f"SET {name} = {value}")
            # Only a superuser may; without it everything is checked, and takes its time.
            with suppress(DatabaseError):
                cursor.execute("SET session_replication_role = replica")
        else:
            for name, value in _SQLITE.items():
                cursor.execute(f"PRAGMA {name} = {value}")
            cursor.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            # The next one opens with the settings of every day.
            connection.close()


def is_postgresql() -> bool:
    """Which of the two databases it is."""
    return connection.vendor == "postgresql"


def _plain(value: Any) -> Any:
    # As Django writes moments for SQLite: in UTC, without saying so.
    return str(value.replace(tzinfo=None)) if type(value) is datetime else value


_INDEXES_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_INDEXES_POSTGRESQL = (
    "SELECT indexname, tablename, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)
