"""The company, the people who answer, and the people who ask."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.calendars import Calendar
from ahadi.lib import clock


def _weekdays() -> dict[str, list[list[str]]]:
    return {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class WorkingHours(models.Model):
    """When somebody is there: a week, its time zone and the holidays that an administrator confirmed."""

    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = models.JSONField(_("hours"), default=_weekdays)
    holidays = models.JSONField(_("holidays"), default=dict, blank=True)

    class Meta:
        verbose_name_plural = "working hours"

    def __str__(self) -> str:
        return self.name

    @cached_property
    def calendar(self) -> Calendar:
        """The arithmetic of these hours; raises CalendarError where they are impossible."""
        return Calendar.from_dict(
            {"timezone": self.time_zone, "hours": self.hours, "holidays": self.holidays}
        )

    def clean(self) -> None:
        self.__dict__.pop("calendar", None)
        try:
            self.calendar  # noqa: B018
        except ValueError as error:
            raise ValidationError({"hours": str(error)}) from error


class Company(models.Model):
    """The one company this installation serves."""

    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    working_hours = models.ForeignKey(WorkingHours, models.PROTECT, verbose_name=_("working hours"))
    first_answer = models.DurationField(_("first answer within"), default=timedelta(hours=2))
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_company")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Company:
        """The company, made from the settings when nobody has described it yet."""
        company = cls.objects.select_related("working_hours").filter(pk=1).first()
        return company or cls._found()

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


class Team(models.Model):
    """People who answer together; a ticket without a person belongs to a team that watches it."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    working_hours = models.ForeignKey(
        WorkingHours, models.PROTECT, null=True, blank=True, verbose_name=_("working hours")
    )

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def first(cls) -> Team:
        """The team that gets what nobody else claims, made when there is none."""
        return cls.objects.order_by("pk").first() or cls.objects.create(name="Support")


class AgentManager(BaseUserManager["Agent"]):
    """Agents are found by their mail address, however it is written."""

    def get_by_natural_key(self, username: str | None) -> Agent:
        return self.get(email__iexact=username)


class Agent(AbstractBaseUser):
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

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A person who asks, whatever address they ask from."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    preferred_channel = models.CharField(_("preferred channel"), max_length=16, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="customers"
    )
    created = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.name or self.shown_address or "?"

    @cached_property
    def shown_address(self) -> str:
        """Any address of this person, for lists where there is no name."""
        address = self.addresses.first()
        return address.shown if address else ""


class Address(models.Model):
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


class SignInLink(models.Model):
    """A link that lets one agent in once; only its hash is kept."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)
