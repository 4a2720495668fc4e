"""Calls with customers, from the wish to what came of them; the lines they go over; recordings."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ahadi.lib import clock, vault
from ahadi.people.models import Address, Agent, Team
from ahadi.routing.models import Ring
from ahadi.tickets.models import Attachment, Entry, Ticket


def new_key() -> str:
    """A name for the door of a line that nobody guesses."""
    return secrets.token_urlsafe(18)


class PhoneLine(models.Model):
    """A telephone system that tells us of calls, and that may start some for us."""

    class Kind(models.TextChoices):
        EVENTS = "events", _("Any telephone system: it tells of calls")
        TWILIO = "twilio", "Twilio"
        ASTERISK = "ari", "Asterisk (ARI)"

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.EVENTS)
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", verbose_name=_("team"))
    # What those who are called see, and where the system is asked to start a call.
    number = models.CharField(_("our number"), max_length=40, blank=True)
    url = models.URLField(_("address of its API"), blank=True)
    account = models.CharField(_("account or user name"), max_length=120, blank=True)
    application = models.CharField(_("application"), max_length=80, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    # The line says at the beginning that calls are recorded; only then a recording is kept.
    announces_recording = models.BooleanField(_("the line announces that it records"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    last = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What both sides sign with, or sign in with."""
        return vault.unseal(self.sealed_secret, self._place)

    def keep(self, secret: str) -> None:
        """Seal a secret for this line."""
        self.sealed_secret = vault.seal(secret, self._place)

    @property
    def _place(self) -> str:
        return f"line:{self.key}:secret"


class CallQuerySet(models.QuerySet["Call"]):
    """Questions about calls."""

    def open(self) -> CallQuerySet:
        """Nobody has written down how they ended."""
        return self.filter(outcome="")

    def to_ring(self) -> CallQuerySet:
        """Wished for a time that has come, and nobody's desk rings yet."""
        return self.open().filter(ring=None, wanted__lte=clock.now())


class Call(models.Model):
    """One call: from the wish, or from the ringing, to what came of it."""

    class Direction(models.TextChoices):
        OUT = "out", pgettext_lazy("call", "We called")
        IN = "in", pgettext_lazy("call", "They called")

    class Outcome(models.TextChoices):
        REACHED = "reached", pgettext_lazy("call", "Spoke with them")
        UNREACHED = "unreached", pgettext_lazy("call", "Nobody answered")
        BUSY = "busy", pgettext_lazy("call", "Busy")
        WRONG = "wrong", pgettext_lazy("call", "Wrong number")
        WITHDRAWN = "withdrawn", pgettext_lazy("call", "No longer wanted")

    # A call that just comes in belongs to no ticket until somebody says to which.
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="calls")
    direction = models.CharField(max_length=4, choices=Direction)
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="calls")
    asked = models.DateTimeField(default=clock.now)
    # From when on they want to be called; null is now, and for calls nobody wished for.
    wanted = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    ring = models.OneToOneField(Ring, models.PROTECT, null=True, related_name="call")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="calls")
    begun = models.DateTimeField(null=True)
    answered = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="calls")
    line = models.ForeignKey(PhoneLine, models.PROTECT, null=True, related_name="calls")
    # The name the telephone system gave it.
    external = models.CharField(max_length=120, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "external"], name="call_once", condition=~models.Q(external="")
            ),
            # A wish for a call stands once on each ticket.
            models.UniqueConstraint(
                fields=["ticket"],
                name="one_open_call_back",
                condition=models.Q(outcome="", direction="out"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["wanted"], name="call_wanted", condition=models.Q(outcome="", ring__isnull=True)
            ),
            models.Index(fields=["agent", "-begun"], name="call_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.asked:%Y-%m-%d %H:%M}"


class PhoneEvent(models.Model):
    """What a telephone system told, once, as it told it."""

    line = models.ForeignKey(PhoneLine, models.CASCADE, related_name="events")
    call = models.ForeignKey(Call, models.CASCADE, null=True, related_name="events")
    # Two deliveries of one event have the same name.
    name = models.CharField(max_length=160)
    body = models.JSONField(default=dict)
    received = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["line", "name"], name="phone_event_once")]

    def __str__(self) -> str:
        return self.name


class Recording(models.Model):
    """A recording of a call: who allowed it and how, and until when it is kept."""

    class Consent(models.TextChoices):
        ANNOUNCED = "announced", pgettext_lazy("recording", "Announced at the beginning of the call")
        AGREED = "agreed", pgettext_lazy("recording", "The customer agreed")

    call = models.ForeignKey(Call, models.PROTECT, related_name="recordings")
    # Null once it was destroyed; its hash stays in the ledger.
    attachment = models.OneToOneField(Attachment, models.SET_NULL, null=True, related_name="recording")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="recording")
    consent = models.CharField(max_length=12, choices=Consent)
    seconds = models.PositiveIntegerField(default=0)
    recorded = models.DateTimeField()
    destroyed = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.recorded:%Y-%m-%d %H:%M}"
