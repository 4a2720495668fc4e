"""A mail as Ahadi sees it: decoded, bounded and free of surprises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ahadi.lib.html import has_remote_pictures


@dataclass(frozen=True)
class Mailbox:
    """An address and the name written beside it; the name is the sender's claim."""

    email: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail, with a name that is safe to show and to offer."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Bounce:
    """What another server said about one recipient of a mail sent earlier."""

    recipient: str
    permanent: bool
    status: str
    reason: str
    diagnostic: str = ""
    message_id: str = ""


@dataclass(frozen=True)
class Invitation:
    """What a calendar file asks for; a moment without zone is meant where the reader is."""

    summary: str = ""
    start: str = ""
    end: str = ""
    zone: str = ""
    is_all_day: bool = False
    place: str = ""
    organiser: str = ""
    organiser_email: str = ""
    is_cancelled: bool = False
    more: int = 0


@dataclass(frozen=True)
class Enclosed:
    """What a reader is shown of a mail that is attached; nothing in it is proven."""

    subject: str = ""
    sender: str = ""
    sender_email: str = ""
    to: str = ""
    date: str = ""
    text: str = ""
    files: tuple[str, ...] = ()


@dataclass
class Mail:
    """Everything that was read from one raw message; `defects` names what had to be repaired or left out.

    `seal` is "encrypted" or "signed" and the way it was done, of which nothing was verified.
    """

    subject: str = ""
    sender: Mailbox = field(default_factory=Mailbox)
    to: list[Mailbox] = field(default_factory=list)
    cc: list[Mailbox] = field(default_factory=list)
    reply_to: list[Mailbox] = field(default_factory=list)
    message_id: str = ""
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    date: datetime | None = None
    text: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    is_automatic: bool = False
    automatic_reason: str = ""
    wants_no_answer: bool = False
    bounce: list[Bounce] | None = None
    invitation: Invitation | None = None
    enclosed: list[Enclosed] = field(default_factory=list)
    seal: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defects: list[str] = field(default_factory=list)

    @property
    def remarks(self) -> dict[str, Any]:
        """What a reader is shown besides words and files, as plain data to be kept with the words."""
        event = (
            {name: value for name, value in vars(self.invitation).items() if value} if self.invitation else {}
        )
        found = {
            "invitation": event,
            "enclosed": [
                {name: value for name, value in vars(each).items() if value} for each in self.enclosed
            ],
            "seal": self.seal,
            "pictures": has_remote_pictures(self.html),
        }
        return {name: value for name, value in found.items() if value}

    def header(self, name: str) -> str:
        """The first value of a kept header, or an empty string."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else ""
