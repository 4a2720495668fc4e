"""Rows written without building SQL: by the ORM that costs more than what the database does with it."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from django.db import DatabaseError, connection
from django.db.models import JSONField, Model

Row = TypeVar("Row", bound=Model)
# A field of a model, and whether it takes plain values as they are.
Column = tuple[Any, bool]

# Every column but JSON takes these as they are; all other values are prepared by their field.
_PLAIN = {str, int, bool, type(None)}


def insert(row: Row) -> Row:
    """Add a row as `save` would, by a statement that is made once for each model."""
    sql, fields, is_key_made = _insertion(type(row), row.pk is None)
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(row, fields))
        if is_key_made:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


def insert_new(row: Row) -> bool:
    """Add a row unless a constraint says that it is there already; says whether it was added."""
    sql, fields, _is_key_made = _insertion(type(row), True)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(" RETURNING", " ON CONFLICT DO NOTHING RETURNING"), _values(row, fields))
        found = cursor.fetchone()
    if found:
        row.pk = found[0]
        row._state.adding, row._state.db = False, connection.alias
    return found is not None


def update(row: Model, *names: str) -> None:
    """Write these fields of a row as `save(update_fields=names)` would."""
    sql, fields = _change(type(row), names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*_values(row, fields), row.pk])
        if cursor.rowcount < 1:
            raise DatabaseError(f"There is no {row._meta.label} {row.pk} to change.")


def remove(row: Model) -> None:
    """Delete a row that nothing points to; no matter if it is gone already."""
    with connection.cursor() as cursor:
        cursor.execute(_removal(type(row)), [row.pk])


def _values(row: Model, fields: list[Column]) -> list[Any]:
    values = []
    for field, may_be_plain in fields:
        value = getattr(row, field.attname)
        if not (may_be_plain and type(value) in _PLAIN):
            value = field.get_db_prep_save(value, connection)
        values.append(value)
    return values


@cache
def _insertion(model: type[Model], is_key_made: bool) -> tuple[str, list[Column], bool]:
    table, key = model._meta.db_table, model._meta.pk
    fields: list[Any] = [field for field in model._meta.concrete_fields if not (is_key_made and field is key)]
    columns, gaps = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({gaps})"  # noqa: S608 - names of our own columns
    return sql + (f' RETURNING "{key.column}"' if is_key_made else ""), _marked(fields), is_key_made


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Column]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    sql = f"UPDATE {model._meta.db_table} SET {changes} WHERE {model._meta.pk.column} = %s"  # noqa: S608
    return sql, _marked(fields)


@cache
def _removal(model: type[Model]) -> str:
    return f"DELETE FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s"  # noqa: S608


def _marked(fields: list[Any]) -> list[Column]:
    return [(field, not isinstance(field, JSONField)) for field in fields]
