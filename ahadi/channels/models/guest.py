from __future__ import annotations

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.tickets.models import Ticket


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
