"""The register of incoming numbers: one row of them for each year, without a gap (rule P-31)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import jdatetime
from django.db.models import F

from ahadi.complaints.models import Register, Rules


class Number(NamedTuple):
    """An incoming number."""

    year: int
    serial: int


def take(at: datetime, zone: ZoneInfo, years: str) -> Number:
    """The next number of the year; call it in the transaction of the complaint that gets it.

    The row of the year stays locked until that transaction ends: who rolls back gives the number back, and
    whoever waits gets it.
    """
    day = at.astimezone(zone).date()
    year = jdatetime.date.fromgregorian(date=day).year if years == Rules.Years.JALALI else day.year
    Register.objects.get_or_create(year=year)
    Register.objects.filter(year=year).update(last=F("last") + 1)
    return Number(year, Register.objects.get(year=year).last)
