"""Customers who are away: what their mail program said, until they write themselves."""

from __future__ import annotations

from datetime import date

from ahadi.channels.models import Absence
from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.tickets.models import Entry


def begin(address: Address, entry: Entry, back: date) -> None:
    """Remember from which day on somebody reads mail again; the newest word counts."""
    Absence.objects.update_or_create(address=address, ended=None, defaults={"entry": entry, "back": back})


def end(address: Address) -> None:
    """They are here."""
    Absence.objects.filter(address=address, ended=None).update(ended=clock.now())
