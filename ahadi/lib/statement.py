"""Rows written without building SQL: by the ORM that costs more than what the database does with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DatabaseError, connection
from django.db.models import JSONField, Model

from ahadi.lib import together

Row = TypeVar("Row", bound=Model)
# A field of a model, and whether it takes plain values as they are.
Column = tuple[Any, bool]
# A model, whether the database makes the key, and which columns name which of the rows before.
Shape = tuple[type[Model], bool, tuple[tuple[str, int], ...]]

# Every column but JSON takes these as they are; all other values are prepared by their field.
_PLAIN = {str, int, bool, type(None)}


def insert(row: Row) -> Row:
    """Add a row as `save` would, by a statement that is made once for each model."""
    if lot := together.waiting():
        table = row._meta.db_table
        if row.pk is None:
            row.pk = lot.key(table)
        sql, fields, _is_made = _insertion(type(row), False)
        lot.put(table, sql, _values(row, fields))
    else:
        sql, fields, is_key_made = _insertion(type(row), row.pk is None)
        with connection.cursor() as cursor:
            cursor.execute(sql, _values(row, fields))
            if is_key_made:
                row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


def insert_together(*rows: Model) -> None:
    """Add rows that name each other, each only earlier ones, in one statement where the database can."""
    if connection.vendor != "postgresql":
        for row in rows:
            for field in _relations(type(row)):
                if getattr(row, field.attname) is None and (other := field.get_cached_value(row, None)):
                    setattr(row, field.name, other)
            insert(row)
        return
    shapes = tuple((type(row), row.pk is None, _links(row, rows[:place])) for place, row in enumerate(rows))
    sql, columns = _chain(shapes)
    values = [value for row, fields in zip(rows, columns, strict=True) for value in _values(row, fields)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchone()
    for row, key, (_model, _is_made, links) in zip(rows, keys, shapes, strict=True):
        row.pk = key
        for name, place in links:
            setattr(row, name, rows[place])
        row._state.adding, row._state.db = False, connection.alias


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
    values = [*_values(row, fields), row.pk]
    if lot := together.waiting():
        lot.put(row._meta.db_table, sql, values, must_find=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
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


def _links(row: Model, earlier: Sequence[Model]) -> tuple[tuple[str, int], ...]:
    """Fields of a row that name one of the earlier ones, which have no keys yet, and which one."""
    found = []
    for field in _relations(type(row)):
        other = field.get_cached_value(row, None)
        if other is not None and other.pk is None:
            place = next(place for place, each in enumerate(earlier) if each is other)
            found.append((field.name, place))
    return tuple(found)


@cache
def _relations(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.remote_field is not None]


@cache
def _chain(shapes: tuple[Shape, ...]) -> tuple[str, list[list[Column]]]:
    """One INSERT for each row, each under a name by which later ones read its key."""
    parts = [_ring(*shape) for shape in shapes]
    rows = ", ".join(f"row{place} AS ({sql})" for place, (sql, _columns) in enumerate(parts))
    keys = ", ".join(f"row{place}.key" for place in range(len(parts)))
    tables = ", ".join(f"row{place}" for place in range(len(parts)))
    return f"WITH {rows} SELECT {keys} FROM {tables}", [columns for _sql, columns in parts]  # noqa: S608


def _ring(
    model: type[Model], is_key_made: bool, links: tuple[tuple[str, int], ...]
) -> tuple[str, list[Column]]:
    named, key = dict(links), model._meta.pk
    fields: list[Any] = [
        field
        for field in model._meta.concrete_fields
        if not (is_key_made and field is key and field.name not in named)
    ]
    names = ", ".join(f'"{field.column}"' for field in fields)
    gaps = ", ".join(
        f"(SELECT key FROM row{named[field.name]})" if field.name in named else "%s"  # noqa: S608
        for field in fields
    )
    sql = f'INSERT INTO {model._meta.db_table} ({names}) VALUES ({gaps}) RETURNING "{key.column}" AS key'  # noqa: S608
    return sql, _marked([field for field in fields if field.name not in named])


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
