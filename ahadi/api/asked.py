"""What a program may send: every field by name, nothing else, nothing bent into shape."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from django.conf import settings
from ninja import Schema
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ahadi.lib import clock
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import File

LARGEST_FILES = 20 * 1024 * 1024
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
# Nobody can promise for longer.
_FAR = timedelta(days=3660)

Status = Literal["open", "waiting", "solved"]
Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: dict[str, int] = {
    name.lower(): value for name, value in zip(Ticket.Priority.names, Ticket.Priority.values, strict=True)
}


class Asked(Schema):
    """A body or a part of one; unknown fields are refused, being mistakes that nobody would notice."""

    model_config = ConfigDict(extra="forbid")


class Filters(Schema):
    """The parameters of a list."""

    after: str | None = Field(None, description="The `next` of the page before, whole or only its `after`.")
    limit: int = Field(50, ge=1, le=100, description="How many on a page.")

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown(cls, value: Any, info: ValidationInfo) -> Any:
        """A filter that does not exist would answer another question than the one asked."""
        for name in info.context["request"].GET if info.context else ():
            if name not in cls.model_fields:
                raise PydanticCustomError(
                    "unknown_parameter", "There is no parameter {name}.", {"name": name}
                )
        return value


def _read_moment(value: Any) -> datetime:
    try:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise ValueError(value)
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("moment", "Give a time as in 2026-12-01T11:00:00Z.") from error


def _must_come(moment: datetime) -> datetime:
    if not clock.now() < moment < clock.now() + _FAR:
        raise PydanticCustomError("not_ahead", "The time must be ahead, and within ten years.")
    return moment


def _read_content(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise PydanticCustomError("base64", "The content is not base64.") from error


Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    AfterValidator(_must_come),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Content = Annotated[
    bytes,
    BeforeValidator(_read_content),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
LANGUAGES = [code for code, _name in settings.LANGUAGES]
Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]
Line = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[^\r\n]*$")]
Name = Annotated[str, Field(max_length=120, pattern=r"^[^\r\n]*$")]
Text = Annotated[str, Field(max_length=1_000_000)]
Email = Annotated[
    str,
    Field(max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s.\x00-\x1f\x7f]+(\.[^@\s.\x00-\x1f\x7f]+)*$"),
]
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,15}$")]
TagName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\r\n]*$")]
TagNames = Annotated[list[TagName], Field(max_length=50)]


class Sender(Asked):
    """Who asks; the address alone says who it is."""

    email: Email
    name: Name = ""
    language: Language | None = Field(None, description="Detected from the text where it is absent.")


class Parts(Asked):
    """What the customer said in parts."""

    situation: Text = ""
    problem: Text = ""
    wish: Text = ""
    tried: Text = ""


class Upload(Asked):
    """A file, whole."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\r\n/\\]*$")]
    content_type: Annotated[str, Field(max_length=120, pattern=r"^[\w.+-]+/[\w.+-]+$")] = (
        "application/octet-stream"
    )
    content_base64: Content


class Said(Asked):
    """Words, files, or both."""

    body: Text = ""
    attachments: Annotated[list[Upload], Field(max_length=20)] = []

    @model_validator(mode="after")
    def check(self) -> Said:
        """Something must be said, and the files must fit."""
        if not self.body and not self.attachments:
            raise PydanticCustomError("required", "Give a body or an attachment.")
        if sum(len(file.content_base64) for file in self.attachments) > LARGEST_FILES:
            raise PydanticCustomError("too_large", "All attachments together may have 20 megabytes.")
        return self

    @property
    def files(self) -> list[File]:
        """The attachments on their way into an entry."""
        return [File(file.name, file.content_type, file.content_base64) for file in self.attachments]


class NewTicket(Asked):
    """A request of a customer."""

    requester: Sender
    subject: Annotated[str, Field(max_length=250, pattern=r"^[^\r\n]*$")] = ""
    body: Text = ""
    statement: Parts | None = None
    channel: Code = "api"
    tags: TagNames = []

    @model_validator(mode="after")
    def check(self) -> NewTicket:
        """A request needs words."""
        if not self.words:
            raise PydanticCustomError("required", "Give a body or a statement.")
        return self

    @property
    def words(self) -> str:
        """The body, or the parts of the statement one after the other."""
        parts = self.statement.model_dump().values() if self.statement else ()
        return self.body or "\n\n".join(part for part in parts if part)


class Step(Asked):
    """What happens next, and when at the latest."""

    text: Line
    due: Moment | None = Field(None, description="Three working days where it is absent.")


class Answer(Said):
    """A reply to the customer, or a note for colleagues."""

    next_step: Step | None = None
    solve: StrictBool = False

    @model_validator(mode="after")
    def choose(self) -> Answer:
        """A solved ticket has no next step."""
        if self.solve and self.next_step:
            raise PydanticCustomError("contradiction", "Give a next step or solve, not both.")
        return self


class Message(Said):
    """What the requester said."""

    channel: Code = "api"


class Change(Asked):
    """What shall be different; absent fields stay as they are (RFC 7396)."""

    status: Status = "open"
    assignee: str | None = Field(
        None, description="Identifier or mail address of an agent; null gives it back to the team."
    )
    team: str = Field("", description="Identifier or name of a team.")
    sentence: Line = Field("", description="What the next owner has to know, where a ticket leaves a person.")
    priority: Priority = "normal"
    tags: TagNames = []
    subject: Line = ""
    merged_into: str | None = Field(
        None, description="The code of the ticket in which it goes on; null takes the two apart again."
    )
    snoozed_until: Moment | None = Field(
        None, description="Out of the lists until then, at the latest until the promise; null brings it back."
    )
    fields: dict[str, str | None] = Field(
        {}, description="Values by the code of the field; null forgets one.", max_length=100
    )


class TicketFilters(Filters):
    """Which tickets; several filters all apply."""

    status: Status | None = None
    assignee: str | None = Field(None, description="Identifier or mail address of an agent, or `none`.")
    team: str | None = Field(None, description="Identifier or name of a team.")
    requester: str | None = Field(None, description="Identifier or mail address of a customer.")
    tag: str | None = None
    q: str | None = Field(
        None, description="Words and operators as at the desk: `grinder is:open -tag:refund`."
    )


class CustomerFilters(Filters):
    """Which customers."""

    email: str | None = None
