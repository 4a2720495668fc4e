"""Phone numbers: read as people write them, and which of them are called at somebody's wish."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from ahadi.people.models import Company

# Whoever types such a number lets others pay, or nobody answers.
_NEVER = {
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOICEMAIL,
    PhoneNumberType.UAN,
}


class Impossible(ValueError):
    """It is no number that exists."""


class Costly(ValueError):
    """A number that costs whoever calls it."""


def read(value: str) -> str:
    """A number in its international form (E.164); without a country code, of the company's country."""
    try:
        number = phonenumbers.parse(value, _region())
    except phonenumbers.NumberParseException as error:
        raise Impossible(value) from error
    if not phonenumbers.is_valid_number(number):
        raise Impossible(value)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def callable_number(value: str) -> str:
    """The same for a number that anybody may have typed; raises Costly for those that cost."""
    number = read(value)
    if phonenumbers.number_type(phonenumbers.parse(number)) in _NEVER:
        raise Costly(value)
    return number


def shown(value: str) -> str:
    """A number as it is read, in groups."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(value), PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return value


def link(value: str) -> str:
    """What a phone dials when it is pressed (RFC 3966)."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(value), PhoneNumberFormat.RFC3966)
    except phonenumbers.NumberParseException:
        return ""


def _region() -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(Company.current().phone, None))
    except phonenumbers.NumberParseException:
        return None
