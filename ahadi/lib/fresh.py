"""Rows of models, made without asking each of their fields.

The constructor of a model takes longer than the database needs to read or keep the row: every value passes a
descriptor, and everybody who may listen is told. Here the form of a model is found out once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, NamedTuple, Self, TypeVar

from django.db.models import NOT_PROVIDED, Model
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


class _Relation(NamedTuple):
    attname: str
    # The name of the other row's key.
    key: str
    # Under which name the other row is remembered here, and this one there, where it is the only one.
    here: str
    there: str


class _Form(NamedTuple):
    defaults: dict[str, Any]
    makers: tuple[tuple[str, Callable[[], Any]], ...]
    relations: dict[str, _Relation]


class Quick(Model):
    """The base of a model that is read often, and to whose making nobody listens."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any
    ) -> Self:
        """A row as the database has it."""
        row = object.__new__(cls)
        state = ModelState()
        state.adding, state.db = False, db
        # What was left out is read where somebody asks for it.
        row.__dict__.update(zip(field_names, values, strict=True), _state=state)
        return row


def make(model: type[Row], **values: Any) -> Row:
    """A row as `model(**values)` makes it, of a model to whose making nobody listens; not saved yet."""
    form = _form(model)
    row = object.__new__(model)
    state = ModelState()
    known = row.__dict__
    known["_state"] = state
    known.update(form.defaults)
    for name, maker in form.makers:
        if name not in values:
            known[name] = maker()
    for name, value in values.items():
        if name in known:
            known[name] = value
        elif (relation := form.relations.get(name)) is None:
            raise TypeError(f"{model.__name__} has no {name}.")
        elif value is not None:
            known[relation.attname] = getattr(value, relation.key)
            state.fields_cache[relation.here] = value
            if relation.there:
                value._state.fields_cache[relation.there] = row
    return row


@cache
def _form(model: type[Model]) -> _Form:
    defaults: dict[str, Any] = {}
    makers, relations = [], {}
    field: Any
    for field in model._meta.concrete_fields:
        is_made = callable(field.default) and field.default is not NOT_PROVIDED
        defaults[field.attname] = None if is_made else field.get_default()
        if is_made:
            makers.append((field.attname, field.get_default))
        if field.is_relation:
            there = "" if field.remote_field.multiple else field.remote_field.cache_name
            relations[field.name] = _Relation(
                field.attname, field.target_field.attname, field.cache_name, there
            )
    return _Form(defaults, tuple(makers), relations)
