"""The letters of a complaint as papers: its confirmation, why it takes longer, the decision.

Each is drawn when it is written and lies beside its entry, so both sides keep the same bytes and its SHA-256
stands in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ahadi.complaints.models import Complaint, Rules
from ahadi.lib import clock, pdf
from ahadi.people.models import Agent, Company
from ahadi.tickets.models import Attachment, Entry
from ahadi.tickets.papers import Paper
from ahadi.tickets.said import File

TEMPLATE = Path(__file__).parent / "print" / "letter.typ"


class Kind(models.TextChoices):
    """The three letters, by the end of their file's name."""

    CONFIRMATION = "confirmation", gettext_lazy("Confirmation")
    HOLDING = "holding-letter", gettext_lazy("Why it takes longer")
    DECISION = "decision", gettext_lazy("Our decision")


def confirmation(complaint: Complaint, due: datetime, *, is_proven: bool) -> File:
    """It is registered, and who handles it; to an address that is only claimed without a word of theirs."""
    with translation.override(complaint.ticket.language):
        letter = Sheet(complaint, is_proven=is_proven)
        number, time = pdf.ltr(complaint.number), pdf.isolate(letter.when(complaint.registered))
        reached = _(
            "your formal complaint reached our management. It has the incoming number %(number)s of %(time)s."
        )
        words = {
            "heading": _("Your complaint is registered: %(number)s") % {"number": number},
            "own": [letter.greeting(), reached % {"number": number, "time": time}, letter.handler()],
            "facts": [[_("You have our decision by"), letter.when(due)]],
        }
        return letter.file(Kind.CONFIRMATION, words)


def holding(complaint: Complaint, text: str, due: datetime, *, by: Agent) -> File:
    """Why it takes longer, in the words of whoever handles it, and the new last moment where there is one."""
    with translation.override(complaint.ticket.language):
        letter = Sheet(complaint)
        before = complaint.deadlines.get(stage="decision")
        facts = [[_("You have our decision by"), letter.when(due)]]
        if (was := before.was or before.due) != due:
            facts.append([_("It was to be here by"), letter.when(was)])
        words = {"heading": _("Your complaint takes longer"), "text": text, "facts": facts}
        return letter.file(Kind.HOLDING, words | letter.signed(by))


def decision(complaint: Complaint, outcome: str, text: str, *, by: Agent) -> File:
    """What management decided, and where the customer may turn next."""
    with translation.override(complaint.ticket.language):
        letter = Sheet(complaint)
        words = {
            "heading": _("Our decision on your complaint"),
            "text": text,
            "facts": [[_("Decision"), str(Complaint.Outcome(outcome).label)]],
        }
        return letter.file(Kind.DECISION, words | letter.signed(by))


def sent(complaint: Complaint) -> QuerySet[Attachment]:
    """Every letter of a complaint, in its order."""
    ours = Attachment.objects.filter(entry__ticket=complaint.ticket_id, entry__kind=Entry.Kind.REPLY)
    named = ours.filter(name__in=[_name(complaint, kind) for kind in Kind])
    return named.select_related("entry").order_by("entry__seq")


def title_of(letter: Attachment) -> str:
    """What a letter is, for whoever chooses among them."""
    return next(str(kind.label) for kind in Kind if letter.name.endswith(f"-{kind}.pdf"))


class Sheet(Paper):
    """One letter, in the customer's language."""

    def __init__(self, complaint: Complaint, *, is_proven: bool = True) -> None:
        super().__init__(complaint.ticket, complaint.ticket.language)
        self.complaint, self.is_proven = complaint, is_proven
        self.company = pdf.isolate(Company.current().name)

    def file(self, kind: Kind, words: Mapping[str, Any]) -> File:
        """The letter, drawn, on its way into an entry."""
        content = pdf.render(
            TEMPLATE,
            self._around() | dict(words) | {"facts": [*self._known(), *words["facts"]]},
            title=str(words["heading"]),
            language=self.language,
            pictures={"follow.svg": pdf.qr(f"{settings.AHADI_URL}/r/{self.ticket.number}/")},
        )
        return File(_name(self.complaint, kind), "application/pdf", content)

    def greeting(self) -> str:
        """How the letter begins where no person wrote it."""
        name = self.ticket.requester.name
        return _("Hello %(name)s,") % {"name": pdf.isolate(name)} if self.is_proven and name else _("Hello,")

    def handler(self) -> str:
        """Who handles the complaint."""
        if self.complaint.handler is None:
            return _("We are choosing somebody to handle it whom it is not about, and tell you the name.")
        said = _("%(name)s handles it. Nobody whom it is about takes part in that.")
        return said % {"name": pdf.isolate(self.complaint.handler.name)}

    def signed(self, by: Agent) -> dict[str, str]:
        """Whose word it is."""
        said = _("%(name)s, for the management of %(company)s")
        return {"signed": said % {"name": pdf.isolate(by.name), "company": self.company}}

    def _around(self) -> dict[str, Any]:
        complaint = self.complaint
        return {
            "company": Company.current().name,
            "address": Rules.current().letterhead,
            "to": self._to(),
            "at": self.when(clock.now()),
            # Sentences of ours, which keep the direction of the letter whatever name they begin with.
            "own": [],
            "text": "",
            "signed": "",
            "law": _("These times follow %(source)s. Nobody here can pause them.")
            % {"source": pdf.isolate(complaint.law.source)},
            # Those of a profile begin so by themselves.
            "elsewhere_heading": _("If you disagree") if Rules.current().elsewhere else "",
            "elsewhere": str(complaint.elsewhere),
            "proof": _("The SHA-256 of this letter stands in our ledger, in the line of its entry."),
            "qr": {"picture": "follow.svg", "words": _("Follow the complaint")},
            "foot": _("Complaint %(number)s, %(company)s")
            % {"number": pdf.ltr(complaint.number), "company": self.company},
            "page_words": _("Page %(page)s of %(pages)s"),
        }

    def _to(self) -> list[str]:
        address = self.ticket.address
        names = [self.ticket.requester.name] if self.is_proven else []
        return [*filter(None, names), *([pdf.ltr(address.shown)] if address else [])]

    def _known(self) -> list[list[str]]:
        complaint = self.complaint
        facts = [
            [_("Incoming number"), pdf.ltr(complaint.number)],
            [_("Registered"), self.when(complaint.registered)],
        ]
        if complaint.about is not None:
            facts.append([_("About the request"), pdf.ltr(complaint.about.number)])
        facts.append([_("Tracking code"), pdf.ltr(self.ticket.number)])
        handler = complaint.handler
        return [*facts, *([[_("Who handles it"), handler.name]] if handler else [])]


def _name(complaint: Complaint, kind: Kind) -> str:
    return f"{complaint.number.replace('/', '-')}-{kind}.pdf"
