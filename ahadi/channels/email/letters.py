"""Letters: the words of every mail of ours, in the reader's language, calendar and direction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesParser
from email.utils import parseaddr
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from ahadi.calendars import dates
from ahadi.channels import inboxes
from ahadi.channels.email import outbound, signature, signing, smtp
from ahadi.channels.email.looks import looks
from ahadi.channels.handouts import Handout, until
from ahadi.channels.models import Delivery, Letterhead, MailServer, OutgoingMail
from ahadi.channels.models.letterhead import PETROL
from ahadi.lib.html import clean, text_to_html
from ahadi.lib.markup import to_html
from ahadi.lib.question import Question
from ahadi.people.models import Address, Company
from ahadi.reports import usual
from ahadi.tickets import pictures
from ahadi.tickets.models import Entry, Ticket, Words

# More than this many characters of what the customer wrote is no help in an acknowledgement.
LONGEST_QUOTE = 2_000
# Larger files stay on the customer's page: many servers refuse mails above this (rule of the guide: 10 MB).
LARGEST_FILES = 10 * 1024 * 1024

_FIRST = Question(lambda ticket: Words.objects.filter(entry__ticket=ticket, entry__seq=1))


class Written(NamedTuple):
    """A letter in its two forms."""

    text: str
    html: str


@dataclass
class Letter:
    """What stands in a letter, from top to bottom."""

    kind: str
    company: str
    title: str
    opening: list[str] = field(default_factory=list)
    preview: str = ""
    label: str = ""
    time: str = ""
    step: str = ""
    code: str = ""
    number: str = ""
    link: str = ""
    body: str = ""
    body_html: str = ""
    quote: str = ""
    quote_html: str = ""
    closing: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    handouts: Sequence[Handout] = ()
    handouts_until: str = ""
    from_address: str = ""
    phone: str = ""
    # What the company chose to stand at the foot, and its logo.
    footer: str = ""
    logo: str = ""
    color: str = PETROL
    # Found again in an answer by programs that keep nothing else of this mail.
    marker: str = ""


@contextmanager
def language_of(ticket: Ticket) -> Iterator[str]:
    """Everything inside is said in the ticket's language."""
    with translation.override(ticket.language):
        yield ticket.language


def write(letter: Letter) -> Written:
    """Set a letter as text and as HTML, in the language that is active."""
    direction = "rtl" if translation.get_language_bidi() else "ltr"
    context = {"letter": letter, "looks": looks(direction, letter.color)}
    return Written(text_of(letter), render_to_string(f"channels/mail/{letter.kind}.html", context))


def text_of(letter: Letter) -> str:
    """The letter as text only."""
    context = {"letter": letter, "isolated": isolated}
    return _lines(render_to_string(f"channels/mail/{letter.kind}.txt", context))


def isolated(text: str) -> str:
    """A code or address that keeps its own direction within any text."""
    return f"\u2066{text}\u2069"


def acknowledgement(
    ticket: Ticket, due: datetime | None, link: str = "", words: Words | None = None
) -> Letter:
    """What a customer reads at once: it arrived, who reads it, by when they hear from us, where to look.

    `words` are the first ones of the ticket, where they are at hand.
    """
    letter = blank("letter", ticket)
    letter.title = _("Your request has arrived")
    letter.opening = _greeting(ticket)
    if due is not None:
        letter.label = _("You will have an answer by")
        letter.time = when(ticket, due)
        letter.step = _who_reads(ticket)
        letter.preview = f"{letter.label} {letter.time}"
    letter.link = link
    first: list[Words] = [words] if words else _FIRST.objects(ticket.pk)
    data = first[0].data if first else {}
    if first and _is_proven(ticket) and not data.get("code_mail"):
        letter.quote = _first_words(first[0])
        letter.quote_html = _as_html(letter.quote)
    letter.closing = [
        _("Is something missing? Just answer this mail. You never have to tell the story again.")
    ]
    if known := usual.of_new(ticket):
        letter.closing.insert(0, usual.tell_answer(known))
    if str(data.get("seal", "")).startswith("encrypted"):
        said = _("Your mail was encrypted, and no key of ours opens it. Please write to us here: %(link)s")
        letter.closing.insert(0, said % {"link": isolated(f"{settings.AHADI_URL}/ask/")})
    letter.small = [_("This confirmation is automatic; a person writes the answer.")]
    return letter


def answer(entry: Entry, link: str = "", files: int = 0, offered: Sequence[Handout] = ()) -> Letter:
    """A person's words to a customer, and what comes next."""
    ticket = entry.ticket
    letter = blank("reply", ticket)
    letter.title = ticket.subject
    letter.body = entry.words.text
    letter.body_html = _answer_html(entry)
    letter.link = link
    if ticket.is_solved:
        letter.closing = [_("We take this as solved. If it is not, answer this mail and it is open again.")]
        letter.closing.append(_("On the page of your request you can press “Still not solved”, too."))
    elif ticket.status == Ticket.Status.WAITING:
        letter.closing = [_("Now it is your turn: answer this mail, and it goes on.")]
    elif ticket.due is not None:
        letter.label = _("You hear from us again by")
        letter.time, letter.step = when(ticket, ticket.due), _next_step(ticket)
        letter.closing = [_("To answer, just answer this mail.")]
    if entry.code == "summary":
        letter.closing.insert(0, _("Is it right? On the page of your request you can say yes or correct it."))
    letter.handouts = offered
    letter.handouts_until = day_of(ticket, until()) if offered else ""
    letter.small = [*_about_files(files), *_signed(entry)]
    return letter


def code(ticket: Ticket, digits: str) -> Letter:
    """A one-time code for the page of a request."""
    letter = blank("code", ticket)
    letter.title = _("Your code")
    letter.opening = [_("Hello,"), _("this code shows your request in the browser that asked for it.")]
    letter.label, letter.code, letter.number = _("Your code"), digits, ""
    letter.closing = [_("It is good once, for ten minutes. If you did not ask for it, nothing has happened.")]
    return letter


def send_code(ticket: Ticket, address: Address, digits: str) -> None:
    """Mail a one-time code to an address of a ticket."""
    with language_of(ticket):
        letter = code(ticket, digits)
        written, inbox = write(letter), inboxes.of(ticket)
        mail = outbound.machine_mail(letter.title, address.shown, written, inbox, kind="auto-generated")
    outbound.put(mail, "", [address.value])


def post(mail_id: int) -> None:
    """Send a stored mail, and forget it once it is sent."""
    mail = OutgoingMail.objects.filter(pk=mail_id).first()
    if mail is None:
        return
    raw = bytes(mail.raw)
    sender = parseaddr(str(BytesParser().parsebytes(raw, headersonly=True)["From"]))[1]
    through = _way_out(sender)
    if smtp.can_leave(through):
        raw = signing.signed(raw, outbound.domain_of(sender))
        smtp.hand_over(raw, mail.sender, mail.recipients, through=through)
        mail.delete()


def _way_out(sender: str) -> MailServer | None:
    """The server of the inbox that sends; without one for all, that of any inbox."""
    ways = list(
        MailServer.objects.filter(way=MailServer.Way.OUT, inbox__is_active=True).select_related("inbox")
    )
    own = [way for way in ways if way.inbox.address.lower() == sender.lower()]
    return next(iter(own or ([] if settings.AHADI_SMTP_OUT else ways)), None)


def when(ticket: Ticket, moment: datetime) -> str:
    """A moment as this customer says it."""
    zone = ZoneInfo(ticket.requester.time_zone or Company.current().time_zone)
    return str(dates.long_when(moment, ticket.language, zone))


def day_of(ticket: Ticket, moment: datetime) -> str:
    """The day of a moment where this customer lives, in their calendar."""
    zone = ZoneInfo(ticket.requester.time_zone or Company.current().time_zone)
    return dates.long_day(moment, ticket.language, zone)


def compose(delivery: Delivery, link: str, files: int, offered: Sequence[Handout]) -> Letter:
    """The letter that brings an entry to its reader."""
    entry = delivery.entry
    if entry.code == "acknowledgement":
        due = entry.words.data.get("due")
        letter = acknowledgement(entry.ticket, datetime.fromisoformat(due) if due else None, link)
    else:
        letter = answer(entry, link, files, offered)
    letter.marker = signature.marker(entry.ticket.number, entry.seq)
    return letter


def blank(kind: str, ticket: Ticket) -> Letter:
    """A letter of the house about a ticket, before anything is said."""
    company = Company.current()
    inbox = inboxes.of(ticket)
    letter = Letter(kind, inbox.name, ticket.number, number=ticket.number, phone=company.phone)
    letter.from_address = inbox.address if inbox.pk else ""
    head = Letterhead.current()
    letter.color, letter.footer = head.color, head.footers.get(ticket.language, "")
    letter.logo = f"{settings.AHADI_URL}/logo/{head.logo[:16]}/" if head.logo else ""
    return letter


def _is_proven(ticket: Ticket) -> bool:
    # To an address that is only claimed no word of the sender goes, or strangers would write through us.
    return ticket.address is not None and ticket.address.proven is not None


def _greeting(ticket: Ticket) -> list[str]:
    if not _is_proven(ticket):
        return [_("Hello,"), _("your request has arrived and is written down.")]
    name = ticket.requester.name
    hello = _("Hello %(name)s,") % {"name": apart(name)} if name else _("Hello,")
    about = _("your request about “%(subject)s” has arrived and is written down.")
    return [hello, about % {"subject": apart(ticket.subject)}]


def _as_html(text: str, html: str = "") -> Markup:
    # Both functions end in the sanitiser or escape every character.
    return Markup(clean(html) if html else text_to_html(text))  # noqa: S704


def _answer_html(entry: Entry) -> Markup:
    text = entry.words.text
    inside = pictures.shown(text, entry.attachments.all()) if "![" in text else []
    if entry.words.html or not inside:
        return _as_html(text, entry.words.html or to_html(text))
    marked = to_html(text, {file.name: f"cid:{file.content_id}" for file in inside})
    # No word that was typed reads like an element: it is escaped.
    return Markup(marked.replace("<img ", '<img style="max-width:100%;height:auto" '))  # noqa: S704


def _who_reads(ticket: Ticket) -> str:
    if ticket.assignee is not None:
        said = _(
            "%(name)s reads your request and says what can be done. If it takes longer, you are told before."
        )
        return said % {"name": apart(ticket.assignee.first_name)}
    said = _(
        "Team %(team)s reads your request and says what can be done. If it takes longer, you are told before."
    )
    return said % {"team": apart(ticket.team.name)}


def _next_step(ticket: Ticket) -> str:
    step = ticket.step_text or ticket.get_step_code_display()
    if ticket.assignee is None:
        return str(step)
    return _("%(name)s: %(step)s") % {"name": apart(ticket.assignee.first_name), "step": apart(str(step))}


def _first_words(words: Words) -> str:
    text = words.shown_text.strip()
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rstrip() + "…"


def _about_files(files: int) -> list[str]:
    if not files:
        return []
    said = ngettext("%(count)s file is attached.", "%(count)s files are attached.", files)
    return [said % {"count": dates.digits(files, translation.get_language() or "en")}]


def _signed(entry: Entry) -> list[str]:
    return [_("Written by %(name)s.") % {"name": apart(entry.agent.first_name)}] if entry.agent else []


def apart(name: str) -> str:
    """Somebody's own words inside a sentence of ours: each keeps its direction."""
    return f"\u2068{name}\u2069"


def _lines(text: str) -> str:
    """No empty lines at the ends, and never more than one in a row."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        kept = line if line == "-- " else line.rstrip()
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines) + "\n"
