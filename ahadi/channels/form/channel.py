"""The form on the contact page: what a customer writes there comes in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ahadi.channels.models import Delivery, RawMessage
from ahadi.people import identify
from ahadi.people.models import Address, Team
from ahadi.tickets import intake
from ahadi.tickets.intake import Inbound, Received
from ahadi.tickets.models import Ticket
from ahadi.tickets.said import File

PARTS = ("situation", "problem", "wish", "tried")


@dataclass(frozen=True)
class Form:
    """A filled-in form, checked by the page: mail or phone, and the parts of the statement."""

    problem: str
    email: str = ""
    phone: str = ""
    name: str = ""
    language: str = ""
    situation: str = ""
    wish: str = ""
    tried: str = ""
    subject: str = ""
    files: Sequence[File] = ()
    team: Team | None = None
    ticket: Ticket | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def statement(self) -> dict[str, str]:
        """The parts that were filled in, as the customer wrote them."""
        return {part: words for part in PARTS if (words := str(getattr(self, part)))}


def receive_form(form: Form) -> Received:
    """Open a ticket, or continue the one that the page has proven; raises Unreadable for a wrong address."""
    kind, value = (Address.Kind.EMAIL, form.email) if form.email else (Address.Kind.PHONE, form.phone)
    address = identify.find_or_create(kind, value, form.name, form.language)
    return intake.receive(
        Inbound(
            channel="form",
            address=address,
            subject=form.subject or _subject(form.problem),
            text="\n\n".join(form.statement.values()),
            new_text="\n\n".join(form.statement.values()),
            language=form.language,
            files=form.files,
            statement=form.statement,
            ticket=form.ticket,
            team=form.team,
            data=dict(form.data),
        )
    )


def _subject(problem: str) -> str:
    line = next((line.strip() for line in problem.splitlines() if line.strip()), "")
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


class FormChannel:
    """A way in only: answers go to the address that was given, or stand on the customer's page."""

    code = "form"

    def take_in(self, raw: RawMessage) -> None:
        """Forms are complete when they come; nothing waits to be read."""
        raise NotImplementedError("A form leaves no raw message.")

    def send(self, delivery: Delivery) -> None:
        """The words stand on the page of the request, which is where this customer reads them."""
        delivery.keep()
