from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Team

if TYPE_CHECKING:
    from ahadi.channels.models.server import MailServer


class Inbox(models.Model):
    """An address of ours: what comes here belongs to a team, what leaves here carries its name."""

    name = models.CharField(_("name"), max_length=80)
    address = models.EmailField(_("mail address"), unique=True)
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"), related_name="inboxes")
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    is_active = models.BooleanField(_("active"), default=True)
    # Some servers refuse help+code@…; answers are then recognised by their headers (rule E-11).
    has_plus_addresses = models.BooleanField(_("answers to addresses with a plus sign"), default=True)
    added = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "inboxes"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"

    @property
    def incoming(self) -> MailServer | None:
        """The server its mail is fetched from; None where mail is brought."""
        return self._server("in")

    @property
    def outgoing(self) -> MailServer | None:
        """The server its own mail leaves through; None where it leaves with all other mail."""
        return self._server("out")

    def _server(self, way: str) -> MailServer | None:
        return next((server for server in self.servers.all() if server.way == way), None)
