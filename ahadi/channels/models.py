"""Inboxes, raw messages as they came, and what became of everything sent."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock, store
from ahadi.people.models import Address, Team
from ahadi.tickets.models import Entry, Ticket


class Inbox(models.Model):
    """An address of ours: what comes here belongs to a team, what leaves here carries its name."""

    name = models.CharField(_("name"), max_length=80)
    address = models.EmailField(_("mail address"), unique=True)
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"), related_name="inboxes")
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    is_active = models.BooleanField(_("active"), default=True)
    added = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "inboxes"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


class RawMessage(models.Model):
    """The bytes of one message exactly as they came, and what became of them."""

    class Outcome(models.TextChoices):
        PENDING = "", _("Being read")
        TICKET = "ticket", _("New ticket")
        ENTRY = "entry", _("Part of a ticket")
        QUARANTINE = "quarantine", _("Quarantine")

    class Reason(models.TextChoices):
        LOOP = "loop", _("Our own mail came back")
        BOUNCE = "bounce", _("A delivery report that matches no message of ours")
        SELF = "self", _("Sent from one of our own addresses")
        EMPTY = "empty", _("Nothing in it that can be read")
        TOO_LARGE = "too_large", _("Larger than allowed")
        SPAM = "spam", _("Marked as spam")

    sha256 = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=998, blank=True, db_index=True)
    channel = models.CharField(max_length=16, default="email")
    inbox = models.ForeignKey(Inbox, models.PROTECT, null=True, related_name="raw_messages")
    # The envelope, which the headers need not agree with.
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    received = models.DateTimeField(default=clock.now)
    size = models.PositiveBigIntegerField()
    subject = models.CharField(max_length=250, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PENDING, blank=True)
    reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="raw_messages")
    # Why it belongs to this ticket: the evidence that was found, kept to be shown.
    evidence = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-received"], name="raw_quarantine", condition=models.Q(outcome="quarantine")
            )
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    def read(self) -> bytes:
        """The message, byte for byte."""
        return store.read(self.sha256)


class Delivery(models.Model):
    """One entry on its way to one address; "sent" only after the other side said so."""

    class State(models.TextChoices):
        QUEUED = "queued", _("On its way")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")
        # The connection broke after the text was handed over: it may have arrived.
        UNKNOWN = "unknown", _("Perhaps delivered")
        # Nothing to send it to, or no mail server yet: it stands on the customer's page or in /dev/outbox/.
        KEPT = "kept", _("Shown on the page")

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="deliveries")
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="deliveries")
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    # The Message-ID of a mail, or the other side's identifier; fixed before the first attempt.
    message_id = models.CharField(max_length=250, blank=True, db_index=True)
    # Written by a machine: counted, so that two machines never talk to each other without end.
    automatic = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created = models.DateTimeField(default=clock.now)
    sent = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "address"], name="delivery_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["address", "created"], name="delivery_automatic", condition=models.Q(automatic=True)
            ),
            models.Index(fields=["-created"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.state}"

    @property
    def reader(self) -> Address:
        """The address it goes to; what is only kept has none."""
        if self.address is None:
            raise ValueError(f"{self} goes nowhere.")
        return self.address

    @property
    def is_over(self) -> bool:
        """Nothing more is tried by itself."""
        return self.state not in (self.State.QUEUED, self.State.SENDING)

    def begin(self) -> None:
        """Remember that the text is handed over now: after a crash from here on it may have arrived."""
        self._become(self.State.SENDING, attempts=self.attempts + 1)

    def arrive(self, identifier: str = "") -> None:
        """The other side said yes."""
        self._become(
            self.State.SENT, sent=clock.now(), last_error="", message_id=identifier or self.message_id
        )

    def wait(self, error: str) -> None:
        """Not this time; it will be tried again."""
        self._become(self.State.QUEUED, last_error=error[:2000])

    def doubt(self, error: str) -> None:
        """Perhaps it arrived: sending it again could double it, so a person decides."""
        self._become(self.State.UNKNOWN, last_error=error[:2000])

    def keep(self) -> None:
        """There is nowhere to send it; it stands where it can be read."""
        self._become(self.State.KEPT)

    @transaction.atomic
    def fail(self, error: str) -> None:
        """It will not arrive: what a person wrote comes back to the ticket's owner, who finds another way."""
        if self.state == self.State.FAILED:
            return
        self._become(self.State.FAILED, last_error=error[:2000])
        if not self.automatic:
            self.entry.ticket.reopen(by=None, step_code=Ticket.Step.DELIVERY, reason=error[:250])

    def _become(self, state: str, **changes: Any) -> None:
        for name, value in {**changes, "state": state}.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *changes])


class OutgoingMail(models.Model):
    """A mail that waits for a mail server: what /dev/outbox/ shows where there is none."""

    sender = models.CharField(max_length=320)
    recipients = models.JSONField()
    subject = models.CharField(max_length=998)
    raw = models.BinaryField()
    created = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.subject


class GuestLink(models.Model):
    """A link in a mail that shows one ticket to one person; only its hash is kept."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="guest_links")
    address = models.ForeignKey(Address, models.PROTECT, related_name="guest_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=clock.now)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.ticket} for {self.address}"


class GuestCode(models.Model):
    """A short code sent to an address of a ticket, good once, for minutes, in the browser that asked."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="guest_codes")
    address = models.ForeignKey(Address, models.PROTECT, related_name="guest_codes")
    code_hash = models.CharField(max_length=64)
    browser_hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(default=clock.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.ticket} for {self.address}"
