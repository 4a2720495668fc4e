"""The company, the people who answer, and the people who ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from ahadi.calendars import Calendar
from ahadi.lib import clock, piece
from ahadi.lib.fresh import Quick
from ahadi.lib.question import Question
from ahadi.lib.twin import twin
from ahadi.people.entrance import Entrance as Entrance


def _weekdays() -> dict[str, list[list[str]]]:
    return {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


# A calendar adds up whole years and remembers them: asked again for every page and message, it is kept.
@lru_cache(maxsize=64)
def _calendar(described: str) -> Calendar:
    time_zone, hours, holidays, changes = json.loads(described)
    plan = {"timezone": time_zone, "hours": hours, "holidays": holidays, "changes": changes}
    return Calendar.from_dict(plan)


class WorkingHours(models.Model):
    """When somebody is there: a week, its time zone and the holidays that an administrator confirmed."""

    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = models.JSONField(_("hours"), default=_weekdays)
    holidays = models.JSONField(_("holidays"), default=dict, blank=True)
    # Another week from a day on: [{"from": "2027-01-01", "hours": {…}}]; the days before keep theirs.
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "working hours"

    def __str__(self) -> str:
        return self.name

    @cached_property
    def calendar(self) -> Calendar:
        """The arithmetic of these hours; raises CalendarError where they are impossible."""
        return _calendar(self.described)

    @property
    def described(self) -> str:
        """Everything that decides about these hours, in one text."""
        return json.dumps([self.time_zone, self.hours, self.holidays, self.changes])

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.__dict__.pop("calendar", None)
        HoursVersion.note(self)

    def clean(self) -> None:
        self.__dict__.pop("calendar", None)
        try:
            self.calendar  # noqa: B018
        except ValueError as error:
            raise ValidationError({"hours": str(error)}) from error


class HoursVersion(models.Model):
    """Working hours as they were from a moment on, so that what was counted by them can be counted again."""

    working_hours = models.ForeignKey(WorkingHours, models.CASCADE, related_name="versions")
    since = models.DateTimeField()
    described = models.TextField()

    class Meta:
        ordering: ClassVar = ["since", "pk"]

    def __str__(self) -> str:
        return f"{self.working_hours_id} since {self.since:%Y-%m-%d %H:%M}"

    @property
    def calendar(self) -> Calendar:
        """The arithmetic of the hours as they were."""
        return _calendar(self.described)

    @classmethod
    def note(cls, hours: WorkingHours) -> None:
        """Remember how the hours are from now on, where that is new."""
        newest = cls.objects.filter(working_hours=hours).last()
        if newest is None or newest.described != hours.described:
            cls.objects.create(working_hours=hours, since=clock.now(), described=hours.described)


Row = TypeVar("Row", bound=models.Model)


def _from_row(model: type[Row], values: Sequence[Any]) -> Row:
    """A row read by hand, understood as the ORM understands it."""
    fields = model._meta.concrete_fields
    understood = []
    for field, value in zip(fields, values, strict=True):
        column = field.get_col(model._meta.db_table)
        for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection):
            value = convert(value, column, connection)
        understood.append(value)
    return model.from_db(connection.alias, [field.attname for field in fields], understood)


def _twin(row: Row) -> Row:
    state = row._state
    return twin(row, _state=twin(state, fields_cache=dict(state.fields_cache)))


class Company(models.Model):
    """The one company this installation serves."""

    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    working_hours = models.ForeignKey(WorkingHours, models.PROTECT, verbose_name=_("working hours"))
    first_answer = models.DurationField(_("first answer within"), default=timedelta(hours=2))
    # Working time without news that no customer has to go beyond: three days of eight hours.
    news_rhythm = models.DurationField(_("news at least every"), default=timedelta(hours=24))
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    # The row as it was read last, and what it says.
    _understood: ClassVar[tuple[tuple[Any, ...], Company] | None] = None

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_company")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Company:
        """The company, made from the settings when nobody has described it yet."""
        return piece.once(cls, cls._newest)

    @classmethod
    def _newest(cls) -> Company:
        # Asked several times for every message: the row is understood only when it has changed.
        # Every piece of work gets a copy of its own.
        row = cls._read()
        if row is None:
            return cls._found()
        if cls._understood is None or cls._understood[0] != row:
            size = len(cls._meta.concrete_fields)
            known = _from_row(cls, row[:size])
            known.working_hours = _from_row(WorkingHours, row[size:])
            cls._understood = row, known
        company = _twin(cls._understood[1])
        company.working_hours = _twin(company.working_hours)
        return company

    @classmethod
    def _read(cls) -> tuple[Any, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(cls._reading())
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    @classmethod
    @lru_cache
    def _reading(cls) -> str:
        columns = [f'"c"."{field.column}"' for field in cls._meta.concrete_fields]
        columns += [f'"h"."{field.column}"' for field in WorkingHours._meta.concrete_fields]
        return (
            f"SELECT {', '.join(columns)} FROM people_company c"  # noqa: S608 - names of our own columns
            " JOIN people_workinghours h ON h.id = c.working_hours_id WHERE c.id = 1"
        )

    @classmethod
    def _found(cls) -> Company:
        zone = settings.DEFAULT_TIME_ZONE
        hours = WorkingHours.objects.first() or WorkingHours.objects.create(
            name="Office hours", time_zone=zone
        )
        company, _created = cls.objects.get_or_create(
            pk=1,
            defaults={
                "name": "Ahadi",
                "language": settings.DEFAULT_LANGUAGE,
                "time_zone": zone,
                "working_hours": hours,
            },
        )
        return company


class Team(Quick):
    """People who answer together; a ticket without a person belongs to a team that watches it."""

    class Routing(models.TextChoices):
        NOBODY = "", _("Nobody: the team looks after them together")
        TURNS = "turns", _("Everybody in turn")
        LOAD = "load", _("Whoever has least to do")

    name = models.CharField(_("name"), max_length=80, unique=True)
    working_hours = models.ForeignKey(
        WorkingHours, models.PROTECT, null=True, blank=True, verbose_name=_("working hours")
    )
    # Null where the company's holds.
    news_rhythm = models.DurationField(_("news at least every"), null=True, blank=True)
    # Who hears of it when a promise of this team is in danger, one after the other.
    lead = models.ForeignKey("Agent", models.PROTECT, null=True, blank=True, related_name="+")
    manager = models.ForeignKey("Agent", models.PROTECT, null=True, blank=True, related_name="+")
    # Its tickets are for its members alone, not even for leads and administrators of others.
    is_private = models.BooleanField(_("only members see its tickets"), default=False)
    routing = models.CharField(
        _("who gets new tickets"), max_length=8, choices=Routing, default=Routing.NOBODY
    )

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def first(cls) -> Team:
        """The team that gets what nobody else claims, made when there is none."""
        found: list[Team] = piece.once(_FIRST_TEAM, _FIRST_TEAM.objects)
        return found[0] if found else cls.objects.create(name="Support")


_FIRST_TEAM = Question(
    lambda: Team.objects.filter(is_private=False).select_related("working_hours").order_by("pk")[:1]
)


class AgentManager(BaseUserManager["Agent"]):
    """Agents are found by their mail address, however it is written."""

    def get_by_natural_key(self, username: str | None) -> Agent:
        return self.get(email__iexact=username)


class Agent(Quick, AbstractBaseUser):
    """Somebody who answers: customers see the first name and the picture."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Administrator")
        LEAD = "lead", _("Team lead")
        AGENT = "agent", _("Agent")

    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    photo = models.CharField(max_length=64, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.AGENT)
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    languages = models.JSONField(_("languages spoken"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    teams = models.ManyToManyField(Team, verbose_name=_("teams"), blank=True, related_name="agents")
    skills = models.JSONField(_("skills"), default=list, blank=True)
    # Open tickets beyond which nobody gives this person another by itself; 0 is no limit.
    capacity = models.PositiveSmallIntegerField(_("at most so many open tickets"), default=0)
    # What this person chose for the desk: rows closer together, other keys.
    preferences = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = AgentManager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """What customers call this person."""
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        """One or two letters that stand for a missing picture."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words))

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def sees_everything(self) -> bool:
        """Administrators and leads see the tickets of every team."""
        return self.role in (self.Role.ADMIN, self.Role.LEAD)

    def local(self, moment: Any) -> Any:
        """A moment on this person's clock."""
        return moment.astimezone(ZoneInfo(self.time_zone))


class Organization(models.Model):
    """A company or household several customers belong to."""

    name = models.CharField(_("name"), max_length=120)
    # Hours that a contract promises; they count before the team's.
    working_hours = models.ForeignKey(WorkingHours, models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class Customer(Quick):
    """A person who asks, whatever address they ask from."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    preferred_channel = models.CharField(_("preferred channel"), max_length=16, blank=True)
    # Channels by which this person does not want to be reached: ["phone"] is "never by phone".
    avoided = models.JSONField(_("never by"), default=list, blank=True)
    # When they want to be reached, a week as in WorkingHours.hours; empty is always.
    reach_hours = models.JSONField(_("reach me"), default=dict, blank=True)
    working_hours = models.ForeignKey(WorkingHours, models.PROTECT, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="customers"
    )
    created = models.DateTimeField(default=clock.now, editable=False)
    # Known twice: the record this one was merged into, and the one that stands for all of the same person.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    person = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="records")

    def __str__(self) -> str:
        return self.name or self.shown_address or "?"

    @cached_property
    def shown_address(self) -> str:
        """Any address of this person, for lists where there is no name."""
        address = self.addresses.first()
        return address.shown if address else ""


class Address(Quick):
    """Where a person is reached; a claim until they have shown that it is theirs."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("Mail")
        PHONE = "phone", _("Phone")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=254)
    shown = models.CharField(max_length=254)
    proven = models.DateTimeField(null=True, blank=True)
    added = models.DateTimeField(default=clock.now, editable=False)

    # Added in this transaction: nobody else knows it, and nothing is known of it.
    is_new = False

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "value"], name="address_once")]

    def __str__(self) -> str:
        return self.shown

    def prove(self) -> None:
        """Remember that this person answered from here; the first proof counts."""
        if self.proven is None:
            self.proven = clock.now()
            self.save(update_fields=["proven"])


class Session(AbstractBaseSession):
    """One browser that is signed in, or about to be, and the agent in front of it."""

    agent = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="sessions")


class SignInLink(models.Model):
    """A link that lets one agent in once; only its hash is kept."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)
