"""A week as text, one line of hours for each day, and the days on which it does not hold."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ahadi.calendars import dates
from ahadi.calendars.plan import WEEKDAYS, CalendarError, read
from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.fields import TimeZoneField
from ahadi.lib import clock
from ahadi.people.models import WorkingHours

DAYS = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
# Where an interval or a list is split, in all the ways people type it.
COMMAS = re.compile(r"[,،;؛]")
DASHES = re.compile(r"\s*[-–—]\s*")
A_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")


class SpansField(forms.CharField):
    """The hours of one day: 09:00-12:00, 13:00-17:00; empty is closed."""

    default_error_messages = {
        "invalid": _("Write hours as 09:00-12:00, 13:00-17:00, or leave the day empty when closed."),
        "overlap": _("%(one)s and %(other)s overlap: make them one, or let one begin after the other."),
    }

    def prepare_value(self, value: Any) -> Any:
        """Intervals as they are typed."""
        return ", ".join("-".join(pair) for pair in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[list[str]]:
        text = str(super().clean(value))
        spans = sorted(self._span(part) for part in COMMAS.split(text) if part.strip())
        for one, other in pairwise(spans):
            # Over midnight an interval ends after all others of its day.
            if other[0] < one[1] or one[1] < one[0]:
                given = {"one": "-".join(one), "other": "-".join(other)}
                raise ValidationError(self.error_messages["overlap"], code="overlap", params=given)
        # A plain day around the spans: what is wrong is then said beside the day it is wrong on.
        if spans:
            try:
                read({"timezone": "UTC", "hours": {"mon": spans}})
            except CalendarError as error:
                raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return spans

    def _span(self, text: str) -> list[str]:
        times = [A_TIME.fullmatch(part) for part in DASHES.split(text.strip())]
        if len(times) != 2 or not all(times):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return [f"{int(time[1]):02}:{int(time[2] or 0):02}" for time in times if time]


class HolidaysField(forms.CharField):
    """One closed day a line: a date, its name, and the hours that stay open where there are any."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
    default_error_messages = {
        "date": _("“%(line)s” does not begin with a date like 2026-12-01, or --12-01 for every year."),
        "hours": _("The hours in “%(line)s” cannot be read; write them as 09:00-12:00."),
        "twice": _("%(day)s stands there twice."),
    }

    def prepare_value(self, value: Any) -> Any:
        """Holidays as they are typed, in order."""
        if not isinstance(value, dict):
            return value
        return "\n".join(_line(day, value[day]) for day in sorted(value))

    def clean(self, value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for line in str(super().clean(value)).splitlines():
            if not line.strip():
                continue
            day, holiday = self._read(line.strip())
            if day in found:
                raise ValidationError(self.error_messages["twice"], code="twice", params={"day": day})
            found[day] = holiday
        return found

    def _read(self, line: str) -> tuple[str, Any]:
        match = re.fullmatch(r"(--|\d{4}-)(\d{1,2})-(\d{1,2})(?:[\s,،]+(.*))?", line)
        try:
            year = int(match[1][:-1]) if match and match[1] != "--" else 2000
            day = date(year, int(match[2]), int(match[3])) if match else None
        except ValueError:
            day = None
        if match is None or day is None:
            raise ValidationError(self.error_messages["date"], code="date", params={"line": line[:80]})
        key = f"--{day:%m-%d}" if match[1] == "--" else f"{day:%Y-%m-%d}"
        return key, self._holiday(key, match[4] or "", line)

    def _holiday(self, key: str, text: str, line: str) -> Any:
        name, _bar, hours = (part.strip() for part in text.partition("|"))
        holiday: Any = name
        try:
            if hours:
                holiday = {"name": name, "open": SpansField(required=False).clean(hours)}
            read({"timezone": "UTC", "hours": {"mon": [["00:00", "24:00"]]}, "holidays": {key: holiday}})
        except ValueError as error:
            code = "hours" if hours else "date"
            raise ValidationError(self.error_messages[code], code=code, params={"line": line[:80]}) from error
        except ValidationError as error:
            raise ValidationError(
                self.error_messages["hours"], code="hours", params={"line": line[:80]}
            ) from error
        return holiday


def _line(day: str, holiday: Any) -> str:
    if isinstance(holiday, dict):
        hours = ", ".join("-".join(pair) for pair in holiday.get("open") or [])
        return f"{day} {holiday.get('name', '')} | {hours}" if hours else f"{day} {holiday.get('name', '')}"
    return f"{day} {holiday or ''}".strip()


class NewHoursForm(ModelForm[WorkingHours]):
    """Working hours that begin as an ordinary week."""

    time_zone = TimeZoneField()

    class Meta:
        model = WorkingHours
        fields = ("name", "time_zone")
        labels: ClassVar = {"name": _("Name")}


class WeekForm(NewHoursForm):
    """A whole week with its holidays."""

    holidays = HolidaysField(
        label=_("Closed days"),
        required=False,
        max_length=20_000,
        help_text=_(
            "One day a line: 2026-12-01 National Day, or --01-01 New Year for every year. "
            "Hours behind a bar stay open: 2026-12-24 Christmas Eve | 09:00-12:00."
        ),
    )

    valid_from = forms.DateField(
        label=_("Valid from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_(
            "With a day here, the days before it keep the hours they have. Empty: they are corrected."
        ),
    )
    take_back = forms.MultipleChoiceField(
        label=_("Take back"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        changes = self.instance.changes
        newest = changes[-1]["hours"] if changes else self.instance.hours
        for day in WEEKDAYS:
            self.fields[day] = SpansField(label=DAYS[day], required=False, max_length=120)
            self.initial.setdefault(day, newest.get(day) or [])
        choices = [(change["from"], date.fromisoformat(change["from"])) for change in changes]
        self.fields["take_back"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("holidays", self.instance.holidays)

    @property
    def days(self) -> list[forms.BoundField]:
        """The lines of the week, from the day on which the reader's weeks begin."""
        start = dates.week_start(translation.get_language() or "en")
        return [self[day] for day in (*WEEKDAYS[start:], *WEEKDAYS[:start])]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self._change({day: cleaned[day] for day in WEEKDAYS}, cleaned["valid_from"])
            self.instance.holidays = cleaned["holidays"]
            self._check_whole()
        return cleaned

    def clean_valid_from(self) -> date | None:
        """A day that lies ahead: what has been promised by the old hours stays promised."""
        day: date | None = self.cleaned_data["valid_from"]
        if day is not None and day <= clock.now().astimezone(ZoneInfo(self.instance.time_zone)).date():
            raise ValidationError(_("This day has begun or is over; choose one that lies ahead."))
        return day

    def _change(self, week: dict[str, Any], since: date | None) -> None:
        """Put a week where it belongs: from a day on, or in place of the one that was shown."""
        hours = self.instance
        kept = [change for change in hours.changes if change["from"] not in self.cleaned_data["take_back"]]
        if since is not None:
            kept = [change for change in kept if change["from"] != str(since)]
            kept.append({"from": str(since), "hours": week})
        elif len(kept) == len(hours.changes):
            if kept:
                kept[-1] = {**kept[-1], "hours": week}
            else:
                hours.hours = week
        hours.changes = sorted(kept, key=lambda change: change["from"])

    def _check_whole(self) -> None:
        hours = self.instance
        try:
            plan = {"timezone": "UTC", "hours": hours.hours, "holidays": hours.holidays}
            read({**plan, "changes": hours.changes})
        except CalendarError as error:
            day = error.place.removeprefix("hours.")
            if day in DAYS:
                self.add_error(day, _("These hours run over midnight into those of the next day."))
            else:
                self.add_error(
                    "mon", _("Somebody has to be there at some time: give at least one day hours.")
                )

    def _post_clean(self) -> None:
        # The model's own check speaks to programmers; everything it finds was said above.
        self._validate_unique = False
        self.instance.name = self.cleaned_data.get("name", self.instance.name)
        self.instance.time_zone = self.cleaned_data.get("time_zone", self.instance.time_zone)
