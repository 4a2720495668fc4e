"""The two stamped copies of a complaint: one file, drawn once, the same bytes for both sides (rule P-13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ahadi.complaints.models import Complaint, Deadline, Rules
from ahadi.complaints.profiles import Stage
from ahadi.lib import clock, pdf, store
from ahadi.people.models import Company
from ahadi.tickets import sequencing
from ahadi.tickets.models import Entry
from ahadi.tickets.papers import Paper

TEMPLATE = Path(__file__).parent / "print" / "copy.typ"


def copy(complaint: Complaint) -> bytes | None:
    """The stamped copy, the same for both sides; None until it is drawn, seconds after the complaint came."""
    return store.read(complaint.copy_sha256) if complaint.copy_sha256 else None


def draw(complaint: Complaint) -> bytes | None:
    """Draw the copies, once; None while the receipt that belongs inside may not be signed."""
    if not complaint.copy_sha256:
        proof = sequencing.receipt(complaint.ticket, up_to=1)
        if proof is None:
            return None
        # Whoever is first has drawn it; the other takes what stands.
        drawn = store.put(_draw(complaint, proof))
        Complaint.objects.filter(pk=complaint.pk, copy_sha256="").update(copy_sha256=drawn)
        complaint.refresh_from_db(fields=["copy_sha256"])
    return copy(complaint)


def _draw(complaint: Complaint, proof: str) -> bytes:
    ticket = complaint.ticket
    # The stamp tells when it was registered, whenever it is drawn.
    with translation.override(ticket.language), clock.at(complaint.registered):
        paper = Copy(complaint)
        entry = ticket.entries.select_related("words", "address").prefetch_related("attachments").get(seq=1)
        return pdf.render(
            TEMPLATE,
            paper.given(entry),
            title=_("Complaint %(number)s") % {"number": pdf.ltr(complaint.number)},
            language=ticket.language,
            enclosed=[paper.proof(proof), *paper.texts([entry])],
            pictures={"follow.svg": pdf.qr(f"{settings.AHADI_URL}/r/{ticket.number}/")},
        )


class Copy(Paper):
    """The words of one copy, in the customer's language."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.ticket, complaint.ticket.language)
        self.complaint = complaint

    def given(self, entry: Entry) -> dict[str, Any]:  # type: ignore[override]
        """Everything that the template sets."""
        company, complaint = Company.current().name, self.complaint
        files = [f"{file.name} ({pdf.ltr(file.sha256)})" for file in entry.attachments.all()]
        return {
            "company": company,
            "heading": _("Formal complaint"),
            "to": _("To the management of %(company)s") % {"company": pdf.isolate(company)},
            "address": Rules.current().letterhead,
            "stamp": self._stamp(),
            "facts": self._facts(entry),
            "text": entry.words.text,
            "files_heading": ngettext("Enclosed file", "Enclosed files", len(files)),
            "files": files,
            "deadlines_heading": _("What happens now, and by when"),
            "deadlines": [self._deadline(one) for one in complaint.deadlines.all() if one.is_binding],
            "never_paused": _("These times follow %(source)s. Nobody here can pause them.")
            % {"source": pdf.isolate(complaint.law.source)},
            "hash_label": _("SHA-256 of the text"),
            "hash": complaint.text_sha256,
            "proof": _("The receipt that this text was here at that time lies inside this PDF."),
            "qr": {"picture": "follow.svg", "words": _("Follow the complaint")},
            "copies": _("This is one of two identical copies: one for the customer, one for the company."),
            "foot": _("Complaint %(number)s, %(company)s")
            % {"number": pdf.ltr(complaint.number), "company": pdf.isolate(company)},
            "page_words": _("Page %(page)s of %(pages)s"),
        }

    def _stamp(self) -> dict[str, str]:
        complaint = self.complaint
        return {
            "title": pgettext("stamp on a complaint", "Received and registered"),
            "number_label": _("Incoming number"),
            "number": complaint.number,
            "at": self.when(complaint.registered),
            "pages_label": _("Pages"),
        }

    def _facts(self, entry: Entry) -> list[list[str]]:  # type: ignore[override]
        complaint, ticket = self.complaint, self.ticket
        address = entry.address
        facts = [[_("From"), ticket.requester.name or (address.shown if address else "")]]
        if address is not None:
            facts.append([_("Reached at"), pdf.ltr(address.shown)])
        facts += [[_("Subject"), ticket.subject], [_("Handed in"), self.when(complaint.received)]]
        if complaint.about is not None:
            facts.append([_("About the request"), pdf.ltr(complaint.about.number)])
        return [*facts, [_("Tracking code"), pdf.ltr(ticket.number)]]

    def _deadline(self, deadline: Deadline) -> list[str]:
        return [str(Stage(deadline.stage).label), self.when(deadline.was or deadline.due)]
