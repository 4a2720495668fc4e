from __future__ import annotations

from datetime import datetime

from django.db import models

from ahadi.lib import clock


class SigningKey(models.Model):
    """The DKIM key of one of our domains; it signs only from when its record was seen in the DNS."""

    domain = models.CharField(max_length=253, unique=True)
    selector = models.CharField(max_length=63)
    # Encrypted; see channels.email.signing.
    private = models.TextField()
    # The base64 of the record's p=.
    public = models.TextField()
    made = models.DateTimeField(default=clock.now)
    published = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """The name of the record in the DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What stands in the record."""
        return f"v=DKIM1; k=rsa; p={self.public}"

    def see(self, moment: datetime | None) -> None:
        """Remember since when the record can be read by everybody; None where it cannot."""
        self.published = (self.published or moment) if moment else None
        self.save(update_fields=["published"])
