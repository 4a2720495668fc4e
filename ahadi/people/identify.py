"""From an address to a person: by the address alone, never by a name."""

from __future__ import annotations

from collections.abc import Sequence

import phonenumbers
from django.db import transaction

from ahadi.lib.question import MANY, Question, lots
from ahadi.lib.statement import insert, insert_new, remove, update
from ahadi.people.models import Address, Customer

_KNOWN = Question(
    lambda kind, value: Address.objects.select_related("customer").filter(kind=kind, value=value)
)
_KNOWN_OF_ALL = Question(
    lambda kind, *values: Address.objects.select_related("customer").filter(kind=kind, value__in=values),
    gaps=1 + MANY,
)


class Unreadable(ValueError):
    """The text is not an address of its kind."""


def find_or_create(kind: str, value: str, name: str = "", language: str = "") -> Address:
    """The address with its customer; both are made when the address is new."""
    known = find(kind, value)
    if known is None:
        return _add(kind, normalise(kind, value), _shown(kind, value), name, language)
    learn(known.customer, name, language)
    return known


def find(kind: str, value: str) -> Address | None:
    """The address with its customer; None when it is new."""
    found: list[Address] = _KNOWN.objects(kind, normalise(kind, value))
    return found[0] if found else None


def find_all(kind: str, values: Sequence[str]) -> dict[str, Address]:
    """The addresses with their customers, by what was asked; without those that are new or unreadable."""
    keys = {value: key for value in values if (key := _key(kind, value))}
    asked = lots(sorted(set(keys.values())), MANY)
    found = {address.value: address for some in asked for address in _KNOWN_OF_ALL.objects(kind, *some)}
    return {value: found[key] for value, key in keys.items() if key in found}


def _key(kind: str, value: str) -> str:
    try:
        return normalise(kind, value)
    except Unreadable:
        return ""


def add(kind: str, value: str, name: str = "") -> Address:
    """An address that was not there a moment ago, for the length of a transaction that the caller holds."""
    return _add(kind, normalise(kind, value), _shown(kind, value), name, "", is_told=True)


def normalise(kind: str, value: str) -> str:
    """The form in which two ways of writing one address are equal; raises Unreadable."""
    return _normalise_phone(value) if kind == Address.Kind.PHONE else _normalise_email(value)


def _shown(kind: str, value: str) -> str:
    """Addresses as they were told; numbers in groups, so that they can be read out."""
    if kind != Address.Kind.PHONE:
        return value.strip()
    return phonenumbers.format_number(
        phonenumbers.parse(value, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


def _normalise_email(value: str) -> str:
    text = value.strip()
    local, at, domain = text.rpartition("@")
    if not (at and local and domain) or any(character in text for character in "\r\n\0 "):
        raise Unreadable(value)
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        host = domain
    return f"{local}@{host}".lower()[:254]


def _normalise_phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException as error:
        raise Unreadable(value) from error
    if not phonenumbers.is_possible_number(number):
        raise Unreadable(value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@transaction.atomic(savepoint=False)
def _add(kind: str, key: str, shown: str, name: str, language: str, *, is_told: bool = False) -> Address:
    customer = insert(Customer(name=name[:120], language=language))
    address = Address(customer=customer, kind=kind, value=key, shown=shown[:254])
    if insert_new(address):
        address.is_new = is_told
        return address
    # Somebody wrote from the same address in the same moment: theirs is the person.
    remove(customer)
    return Address.objects.select_related("customer").get(kind=kind, value=key)


def learn(customer: Customer, name: str, language: str = "") -> None:
    """Remember what was not known of a person."""
    changed = []
    if name and not customer.name:
        customer.name = name[:120]
        changed.append("name")
    if language and not customer.language:
        customer.language = language
        changed.append("language")
    if changed:
        update(customer, *changed)
