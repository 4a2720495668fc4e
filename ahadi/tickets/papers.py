"""What a customer can put into a drawer: the receipt of a request on paper, with the proof inside the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ahadi.calendars import dates
from ahadi.ledger import log, verify
from ahadi.lib import clock, pdf
from ahadi.lib.html import to_text
from ahadi.people.models import Company
from ahadi.tickets import erased, sequencing
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import PUBLIC

TEMPLATE = Path(__file__).parent / "print" / "receipt.typ"
PROOF = "text/plain"
# Every other year: on paper a date always tells its own.
ANOTHER_YEAR = timedelta(days=800)


def receipt(ticket: Ticket, language: str, up_to: int | None = None) -> bytes | None:
    """The receipt of all that both sides said (up to an entry) as PDF; None while nothing may be signed."""
    proof = sequencing.receipt(ticket, up_to)
    if proof is None:
        return None
    # A code that proves an address to somebody else is read by its owner alone, and never printed.
    public = ticket.entries.filter(kind__in=PUBLIC).exclude(words__data__has_key="code_mail")
    shown = public.select_related("words", "agent", "customer")
    if up_to is not None:
        shown = shown.filter(seq__lte=up_to)
    entries = list(shown.prefetch_related("attachments").order_by("seq"))
    with translation.override(language):
        paper = Paper(ticket, language)
        return pdf.render(
            TEMPLATE,
            paper.given(entries, proof),
            title=_("Receipt of request %(code)s") % {"code": pdf.ltr(ticket.number)},
            language=language,
            enclosed=[paper.proof(proof), *paper.texts(entries)],
            pictures={
                "follow.svg": pdf.qr(f"{settings.AHADI_URL}/r/{ticket.number}/"),
                "verify.svg": pdf.qr(f"{settings.AHADI_URL}/verify/"),
            },
        )


class Paper:
    """The words of one receipt, in a language and in its customer's time zone."""

    def __init__(self, ticket: Ticket, language: str) -> None:
        self.ticket, self.language = ticket, language
        self.zone = ZoneInfo(ticket.requester.time_zone or Company.current().time_zone)

    def given(self, entries: Sequence[Entry], proof: str) -> dict[str, Any]:
        """Everything that the template sets."""
        company = Company.current().name
        return {
            "company": company,
            "heading": pgettext("title of a document", "Receipt"),
            "lead": _("What was said to each other on this request, and the proof of it."),
            "number": self.ticket.number,
            "number_label": _("Tracking code"),
            "facts": self._facts(),
            "said_heading": _("What was said"),
            "entries": [self._entry(entry) for entry in entries],
            "hash_label": _("SHA-256 of the text"),
            **self._proven(proof),
            "qr": [
                {"picture": "follow.svg", "words": _("Follow the request")},
                {"picture": "verify.svg", "words": _("Check the receipt")},
            ],
            "foot": _("%(company)s, printed %(moment)s")
            % {"company": pdf.isolate(company), "moment": pdf.isolate(self.when(clock.now()))},
            "page_words": _("Page %(page)s of %(pages)s"),
        }

    def when(self, moment: datetime) -> str:
        """Day, time and zone, in the reader's calendar and, where that is another one, in both."""
        day, time, *other = self.parts_of(moment)
        told = ("، " if self.language == "fa" else ", ").join([day, time])
        return " ".join([told, *other])

    def parts_of(self, moment: datetime) -> list[str]:
        """The same in parts that no line should break: the day, the time, the day in the other calendar."""
        far = moment + ANOTHER_YEAR
        own, *other = dates.both_calendars(moment, self.language, self.zone, far)
        time = dates.clock_time(moment, self.language, self.zone)
        return [str(own), str(time), *(f"({pdf.ltr(day)})" for day in other)]

    def proof(self, text: str) -> pdf.Enclosed:
        """The receipt itself, as programs read it."""
        name = f"{self.ticket.number}.tlog-proof"
        return pdf.Enclosed(name, text.encode(), PROOF, _("The receipt, for programs that check it"))

    def texts(self, entries: Sequence[Entry]) -> list[pdf.Enclosed]:
        """The words byte for byte: their SHA-256 stands in the receipt."""
        return [
            pdf.Enclosed(
                f"{self.ticket.number}-{entry.seq}.txt",
                entry.words.text.encode(errors="surrogatepass"),
                PROOF,
                _("The exact words of entry %(number)s") % {"number": entry.seq},
            )
            for entry in entries
            if hasattr(entry, "words")
        ]

    def _facts(self) -> list[list[str]]:
        ticket = self.ticket
        facts = [[_("Subject"), ticket.subject], [_("Received"), self.when(ticket.opened)]]
        if ticket.requester.name:
            facts.append([_("From"), ticket.requester.name])
        if ticket.solved:
            facts.append([pgettext("step", "Solved"), self.when(ticket.solved)])
        elif ticket.due:
            facts.append([_("Next promise"), self.when(ticket.due)])
        return facts

    def _entry(self, entry: Entry) -> dict[str, Any]:
        files = [f"{file.name} ({pdf.ltr(file.sha256)})" for file in entry.attachments.all()]
        return {
            "number": self._digits(entry.seq),
            "who": self._who(entry),
            "at": self.when(entry.at),
            "text": self._words(entry).strip(),
            "files": files,
            "hash": sequencing.body_of(entry),
        }

    def _words(self, entry: Entry) -> str:
        words = getattr(entry, "words", None)
        if words is None:
            return _("These words were erased as the law asks.")
        if gone := erased.sentence(words.data):
            return gone
        if not entry.automatic:
            return words.shown_text or to_text(words.html)
        # Its words repeat what stands above; what it promised is what counts.
        due = words.data.get("due")
        promised = _("An answer was promised by %(moment)s.")
        return promised % {"moment": self.when(datetime.fromisoformat(due))} if due else ""

    def _who(self, entry: Entry) -> str:
        if entry.automatic:
            return _("Confirmation")
        if entry.kind == Entry.Kind.REPLY:
            name = entry.agent.first_name if entry.agent else Company.current().name
            return _("Answer of %(name)s") % {"name": pdf.isolate(name)}
        return _("Message of the customer")

    def _proven(self, proof: str) -> dict[str, Any]:
        parts = verify.proof(proof)
        at = verify.checkpoint(parts.checkpoint.rpartition("\n\n")[0] + "\n")
        size = pdf.isolate(self._digits(at.size))
        stood = ngettext(
            "They stand in the ledger %(ledger)s, exactly so, since it had %(size)s line.",
            "They stand in the ledger %(ledger)s, exactly so, since it had %(size)s lines at the latest.",
            at.size,
        )
        return {
            "proof_heading": _("The proof"),
            "proof_words": [
                stood % {"ledger": pdf.ltr(at.origin), "size": size},
                _("It is shown when and in which words they were recorded, not that what they say is true."),
            ],
            "proof_facts": [
                [_("Line of the newest entry"), self._digits(parts.line)],
                [_("Root of the ledger"), at.root.hex()],
                *([_("Key of the ledger"), vkey] for vkey in log.vkeys()),
            ],
            "check_heading": _("How to check it"),
            "check_steps": self._steps(),
        }

    def _steps(self) -> list[str]:
        address = f"{settings.AHADI_URL}/verify/"
        return [
            _("The file %(name)s lies inside this PDF. Save it from the list of attachments of your reader.")
            % {"name": pdf.ltr(f"{self.ticket.number}.tlog-proof")},
            _("Give it to %(address)s: your browser checks it, nothing is sent. Other programs can, too.")
            % {"address": pdf.ltr(address)},
            _("The key printed here must be the one you check with. Paper does not change afterwards."),
        ]

    def _digits(self, number: object) -> str:
        return dates.digits(number, self.language)
