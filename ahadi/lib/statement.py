"""Rows written without building SQL: by the ORM that costs more than what the database does with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.models import DateTimeField, Field, JSONField, Model, UUIDField

from ahadi.lib import together

Row = TypeVar("Row", bound=Model)
Prepare = Callable[[Any], Any]
# The name of a value in its row, how its kinds are prepared for the database, and its field for all others.
Column = tuple[str, dict[type, Prepare | None], Any]

# Every column but JSON takes these as they are.
_PLAIN: dict[type, Prepare | None] = dict.fromkeys((str, int, bool, bytes, type(None)))


def insert(row: Row) -> Row:
    """Add a row as `save` would, by a statement that is made once for each model."""
    if lot := together.waiting():
        table, name, known = row._meta.db_table, row._meta.pk.attname, row.__dict__
        if known[name] is None:
            known[name] = lot.key(table)
        sql, fields, _is_made = _insertion(type(row), False)
        lot.add(table, known[name], sql, _values(row, fields))
    else:
        sql, fields, is_key_made = _insertion(type(row), row.pk is None)
        with connection.cursor() as cursor:
            cursor.execute(sql, _values(row, fields))
            if is_key_made:
                row.pk = cursor.fetchone()[0]
    _be_kept(row)
    return row


def _be_kept(row: Model) -> None:
    state = row._state
    state.adding, state.db = False, DEFAULT_DB_ALIAS


class Change(NamedTuple):
    """Fields of a row that are there to be written as `update` would."""

    row: Model
    names: tuple[str, ...]


class Also(NamedTuple):
    """A row of a table without a model; each {} in the statement stands for a key, before all values."""

    table: str
    sql: str
    keys: tuple[Model, ...]
    values: tuple[Any, ...]


Part = Model | Change | Also


def write_together(*parts: Part) -> None:
    """Add and change rows that name each other, each only earlier ones, in one statement where it can be."""
    if together.waiting() or connection.vendor != "postgresql":
        for part in parts:
            write(part)
        return
    shapes = tuple(_shape(part, parts[:place]) for place, part in enumerate(parts))
    sql, kept = _chain(shapes)
    values = [value for part, columns in zip(parts, kept, strict=True) for value in _given(part, columns)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        keys = iter(cursor.fetchone() or ())
    for part, shape in zip(parts, shapes, strict=True):
        if isinstance(shape, _Beside):
            continue
        key = next(keys, None)
        if key is None:
            raise DatabaseError("A row that was to be changed is not there.")
        if isinstance(part, Model) and isinstance(shape, _Added):
            part.pk = key
            for name, place in shape.named:
                setattr(part, name, parts[place])
            _be_kept(part)


def insert_new(row: Row) -> bool:
    """Add a row unless a constraint says that it is there already; says whether it was added."""
    sql, fields, _is_key_made = _insertion(type(row), True)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(" RETURNING", " ON CONFLICT DO NOTHING RETURNING"), _values(row, fields))
        found = cursor.fetchone()
    if found:
        row.pk = found[0]
        _be_kept(row)
    return found is not None


def insert_all(rows: Sequence[Model]) -> None:
    """Add rows of one model, in their order, by one statement; their keys may stay unknown."""
    if together.waiting():
        for row in rows:
            insert(row)
    elif rows:
        _insert_all(rows, "")


def insert_all_new(rows: Sequence[Row], told_by: str) -> list[Row]:
    """Those of one model that were added, as no constraint says that they are there; a field tells them."""
    names = [rows[0]._meta.get_field(name).column for name in (told_by, rows[0]._meta.pk.name)]  # type: ignore[union-attr]
    found = _insert_all(rows, ' ON CONFLICT DO NOTHING RETURNING "{}", "{}"'.format(*names))
    keys, added = dict(found), []
    for row in rows:
        # Of two alike the first was added.
        if (made := keys.pop(getattr(row, told_by), None)) is not None:
            row.pk = made
            _be_kept(row)
            added.append(row)
    return added


def _insert_all(rows: Sequence[Model], more: str) -> list[Any]:
    sql, fields, _is_key_made = _insertion(type(rows[0]), True)
    start, _values_of, gaps = sql.partition(" RETURNING")[0].partition(" VALUES ")
    with connection.cursor() as cursor:
        cursor.execute(
            f"{start} VALUES {', '.join([gaps] * len(rows))}{more}",
            [value for row in rows for value in _values(row, fields)],
        )
        return cursor.fetchall() if more else []


def update(row: Model, *names: str) -> None:
    """Write these fields of a row as `save(update_fields=names)` would."""
    sql, fields = _change(type(row), names)
    values, key = _values(row, fields), row.pk
    if lot := together.waiting():
        table = row._meta.db_table
        if not lot.amend(table, key, zip(_places(type(row), names), values, strict=True)):
            lot.put(table, sql, [*values, key], must_find=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, key])
        if cursor.rowcount < 1:
            raise DatabaseError(f"There is no {row._meta.label} {key} to change.")


def remove(row: Model) -> None:
    """Delete a row that nothing points to; no matter if it is gone already."""
    with connection.cursor() as cursor:
        cursor.execute(_removal(type(row)), [row.pk])


def _values(row: Model, fields: list[Column]) -> list[Any]:
    known, values = row.__dict__, []
    for name, kinds, field in fields:
        # What was not read is asked for by the attribute.
        value = known[name] if name in known else getattr(row, name)
        kind = type(value)
        if kind not in kinds:
            value = field.get_db_prep_save(value, connection)
        elif (prepare := kinds[kind]) is not None:
            value = prepare(value)
        values.append(value)
    return values


@cache
def _insertion(model: type[Model], is_key_made: bool) -> tuple[str, list[Column], bool]:
    table, key = model._meta.db_table, model._meta.pk
    fields: list[Any] = [field for field in model._meta.concrete_fields if not (is_key_made and field is key)]
    columns, gaps = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({gaps})"  # noqa: S608 - names of our own columns
    return sql + (f' RETURNING "{key.column}"' if is_key_made else ""), _marked(fields), is_key_made


def write(part: Part) -> None:
    """One part by itself."""
    if isinstance(part, Change):
        update(part.row, *part.names)
    elif isinstance(part, Also):
        sql, values = _filled(part.sql, len(part.keys)), [*(row.pk for row in part.keys), *part.values]
        if lot := together.waiting():
            lot.put(part.table, sql, values)
        else:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
    else:
        known, others = part.__dict__, part._state.fields_cache
        for name, attname in _relations(type(part)):
            if known[attname] is None and (other := others.get(name)) is not None:
                # It has got its key since it was named here.
                known[attname] = other.pk
        insert(part)


@cache
def _filled(sql: str, gaps: int) -> str:
    return sql.format(*["%s"] * gaps)


class _Added(NamedTuple):
    """What the SQL of a new row depends on: a place is that of the part before which a field names."""

    model: type[Model]
    is_key_made: bool
    named: tuple[tuple[str, int], ...]

    def sql(self) -> tuple[str, list[Column]]:
        named, key, table = dict(self.named), self.model._meta.pk, self.model._meta.db_table
        fields: list[Any] = [
            field
            for field in self.model._meta.concrete_fields
            if not (self.is_key_made and field is key and field.name not in named)
        ]
        names = ", ".join(f'"{field.column}"' for field in fields)
        gaps = ", ".join(_key_of(named.get(field.name, -1)) for field in fields)
        sql = f'INSERT INTO {table} ({names}) VALUES ({gaps}) RETURNING "{key.column}" AS key'  # noqa: S608
        return sql, _marked([field for field in fields if field.name not in named])


class _Changed(NamedTuple):
    model: type[Model]
    names: tuple[str, ...]

    def sql(self) -> tuple[str, list[Column]]:
        sql, columns = _change(self.model, self.names)
        return f"{sql} RETURNING {self.model._meta.pk.column} AS key", columns


class _Beside(NamedTuple):
    text: str
    places: tuple[int, ...]

    def sql(self) -> tuple[str, list[Column]]:
        return self.text.format(*map(_key_of, self.places)), []


Shape = _Added | _Changed | _Beside


def _shape(part: Part, earlier: Sequence[Part]) -> Shape:
    if isinstance(part, Change):
        return _Changed(type(part.row), part.names)
    if isinstance(part, Also):
        return _Beside(part.sql, tuple(_place(row, earlier) for row in part.keys))
    named = []
    for name, _attname in _relations(type(part)):
        other = part._state.fields_cache.get(name)
        if other is not None and other.pk is None:
            named.append((name, _place(other, earlier)))
    return _Added(type(part), part.pk is None, tuple(named))


def _place(row: Model, earlier: Sequence[Part]) -> int:
    """Which of the parts before is this new row; -1 where its key is known."""
    if row.pk is not None:
        return -1
    return next(place for place, each in enumerate(earlier) if each is row)


def _key_of(place: int) -> str:
    return "%s" if place < 0 else f"(SELECT key FROM row{place})"  # noqa: S608


def _given(part: Part, columns: list[Column]) -> list[Any]:
    if isinstance(part, Also):
        return [*(row.pk for row in part.keys if row.pk is not None), *part.values]
    if isinstance(part, Change):
        return [*_values(part.row, columns), part.row.pk]
    return _values(part, columns)


@cache
def _relations(model: type[Model]) -> list[tuple[str, str]]:
    fields: Any = model._meta.concrete_fields
    return [(field.name, field.attname) for field in fields if field.remote_field is not None]


@cache
def _chain(shapes: tuple[Shape, ...]) -> tuple[str, list[list[Column]]]:
    """One statement for each part, each under a name by which later ones read its key."""
    made = [shape.sql() for shape in shapes]
    rows = ", ".join(f"row{place} AS ({sql})" for place, (sql, _columns) in enumerate(made))
    told = [f"row{place}" for place, shape in enumerate(shapes) if not isinstance(shape, _Beside)]
    keys = ", ".join(f"{name}.key" for name in told)
    return f"WITH {rows} SELECT {keys} FROM {', '.join(told)}", [columns for _sql, columns in made]  # noqa: S608


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Column]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    sql = f"UPDATE {model._meta.db_table} SET {changes} WHERE {model._meta.pk.column} = %s"  # noqa: S608
    return sql, _marked(fields)


@cache
def _places(model: type[Model], names: tuple[str, ...]) -> list[int]:
    """Where the values of these fields stand in a new row."""
    _sql, columns, _is_made = _insertion(model, False)
    places = {column[0]: place for place, column in enumerate(columns)}
    return [places[model._meta.get_field(name).attname] for name in names]  # type: ignore[union-attr]


@cache
def _removal(model: type[Model]) -> str:
    return f"DELETE FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s"  # noqa: S608


def _marked(fields: list[Any]) -> list[Column]:
    return [(field.attname, _kinds(field), field) for field in fields]


def _kinds(field: Field[Any, Any]) -> dict[type, Prepare | None]:
    own: dict[type, Prepare | None] = {}
    if isinstance(field, JSONField):
        return {dict: partial(connection.ops.adapt_json_value, encoder=field.encoder)}
    if isinstance(field, DateTimeField):
        own[datetime] = connection.ops.adapt_datetimefield_value
    elif isinstance(field, UUIDField):
        own[UUID] = None if connection.features.has_native_uuid_field else attrgetter("hex")
    return {**_PLAIN, **own}
