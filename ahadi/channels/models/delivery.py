from __future__ import annotations

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.lib.fresh import Quick
from ahadi.lib.statement import update
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket


class Delivery(Quick):
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

    # Found by the constraint and the indexes below, which begin with them.
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="deliveries", db_index=False)
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    # The Message-ID of a mail, or the other side's identifier; fixed before the first attempt.
    message_id = models.CharField(max_length=250, blank=True)
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
            models.Index(fields=["address", "created"], name="delivery_to"),
            models.Index(fields=["message_id"], name="delivery_message"),
            models.Index(fields=["-created"], name="delivery_newest"),
            models.Index(
                fields=["-created", "-id"],
                name="delivery_lost",
                condition=models.Q(state__in=("failed", "unknown")),
            ),
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

    def confirm(self) -> None:
        """A person knows that what was in doubt has arrived."""
        self._become(self.State.SENT, last_error="")

    def keep(self) -> None:
        """There is nowhere to send it; it stands where it can be read."""
        self._become(self.State.KEPT)

    @transaction.atomic
    def fail(self, error: str) -> None:
        """It will not arrive: what a person wrote comes back to the ticket's owner, who finds another way."""
        if self.state == self.State.FAILED:
            return
        self._become(self.State.FAILED, last_error=error[:2000])
        if not self.automatic and self.entry.ticket.step_code != Ticket.Step.ENDED:
            self.entry.ticket.reopen(by=None, step_code=Ticket.Step.DELIVERY, reason=error[:250])

    def _become(self, state: str, **changes: Any) -> None:
        for name, value in {**changes, "state": state}.items():
            setattr(self, name, value)
        update(self, "state", *changes)


class OutgoingMail(models.Model):
    """A mail that waits for a mail server: what /dev/outbox/ shows where there is none."""

    sender = models.CharField(max_length=320)
    recipients = models.JSONField()
    subject = models.CharField(max_length=998)
    raw = models.BinaryField()
    created = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.subject
