"""What is on its way into a ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.people.models import Address, Agent, Customer


class Kind(models.TextChoices):
    """The four kinds of entry; a note can never become a reply."""

    MESSAGE = "message", _("Message")
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")
    EVENT = "event", _("Event")


# For both sides; notes and events are not sent.
PUBLIC = (Kind.MESSAGE, Kind.REPLY)


@dataclass(frozen=True)
class File:
    """A file on its way into an entry."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True)
class Said:
    """What is to be added to a ticket: who said what, how and when."""

    kind: str
    text: str = ""
    new_text: str = ""
    html: str = ""
    code: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    by: Agent | Customer | None = None
    address: Address | None = None
    channel: str = ""
    language: str = ""
    automatic: bool = False
    at: datetime | None = None
    files: Sequence[File] = ()

    @property
    def role(self) -> str:
        """Who speaks, without a name: agent, customer or system."""
        if isinstance(self.by, Agent):
            return "agent"
        return "customer" if self.by else "system"
