from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models.inbox import Inbox
from ahadi.lib import clock


class Trust(models.Model):
    """Something an administrator believes about incoming mail; without a row nobody is believed."""

    class Kind(models.TextChoices):
        # Its Authentication-Results are our own mail server's, and replace checks of ours.
        SERVER = "server", _("Our mail server, whose checks are believed")
        # Its ARC seal says what it had checked before it passed a mail on.
        SEALER = "sealer", _("A forwarder, whose seal is believed")
        # A contact form or shop: the person who wrote stands in Reply-To.
        FORM = "form", _("A sender whose reply address is the person who wrote")
        # Nothing stands between the sender's server and ours, so the address of the connection tells.
        DIRECT = "direct", _("Mail comes straight from the server of its sender")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=254, blank=True)
    inbox = models.ForeignKey(
        Inbox, models.CASCADE, null=True, blank=True, related_name="trust", verbose_name=_("inbox")
    )
    added = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "trust"
        ordering: ClassVar = ["kind", "value", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value", "inbox"], name="trust_once"),
            models.UniqueConstraint(
                fields=["kind", "value"], name="trust_once_for_all", condition=models.Q(inbox=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
