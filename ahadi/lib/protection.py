"""Database triggers that make a table append-only, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION ahadi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH ROW EXECUTE FUNCTION ahadi_append_only()
"""


def restored(table: str, *verbs: str) -> migrations.RunPython:
    """The same protection again, after a step for which SQLite made the table anew and lost its triggers."""
    kept = append_only(table, *verbs)

    def protect(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in verbs:
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            kept.code(apps, editor)

    return migrations.RunPython(protect, migrations.RunPython.noop)


def append_only(table: str, *verbs: str) -> migrations.RunPython:
    """A migration step after which the database refuses these verbs (update, delete) on a table."""

    def protect(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        if vendor == "postgresql":
            # Without parameters, or psycopg takes the % of RAISE for a placeholder.
            editor.execute(_POSTGRESQL_FUNCTION, params=None)
        for verb in verbs:
            template = _POSTGRESQL if vendor == "postgresql" else _SQLITE
            editor.execute(template.format(table=table, verb=verb, VERB=verb.upper()))

    def release(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        on_table = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        for verb in verbs:
            editor.execute(f"DROP TRIGGER {table}_no_{verb}{on_table}")

    return migrations.RunPython(protect, release)


@contextmanager
def lifted(*tables: str) -> Iterator[None]:
    """Let this transaction alone change append-only tables, for what a law demands to be destroyed.

    The triggers are gone and back within the transaction: nobody else can write in between, and a crash
    leaves them as they were.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _switch(cursor, tables, "DISABLE")
            yield
            _switch(cursor, tables, "ENABLE")
            return
        kept = []
        for table in tables:
            asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
            cursor.execute(asked, [table])
            kept += cursor.fetchall()
        for name, _sql in kept:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in kept:
            cursor.execute(sql)


def _switch(cursor: Any, tables: tuple[str, ...], verb: str) -> None:
    # Checks that wait for the end of the transaction would keep the tables as they are: they come now.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER USER")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
