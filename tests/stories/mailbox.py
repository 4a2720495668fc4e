"""The mailbox of a customer: what came from us, and how an answer goes back."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

from ahadi.channels import intake
from ahadi.channels.models import OutgoingMail
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.tickets.models import Entry

HELP = "help@marlo.example"


def received(address: str) -> list[EmailMessage]:
    """The mails of ours that reached an address, oldest first."""
    jobs.run_due()
    mails = [
        message_from_bytes(bytes(kept.raw), policy=default) for kept in OutgoingMail.objects.order_by("pk")
    ]
    return [mail for mail in mails if address in mail["To"]]


def text_of(mail: EmailMessage) -> str:
    """What a mail says."""
    return mail.get_body(("plain",)).get_content()


def link_in(mail: EmailMessage) -> str:
    """The path of the link to the request."""
    return re.search(r"https?://[^/]+(/r/\S+/)", text_of(mail))[1]


def answer(mail: EmailMessage, text: str, sender: str, at: datetime) -> Entry:
    """Press "reply" in a mail program and write."""
    reply = EmailMessage(policy=SMTP)
    reply["From"], reply["To"], reply["Subject"] = (
        sender,
        mail.get("Reply-To") or mail["From"],
        f"Re: {mail['Subject']}",
    )
    reply["Message-ID"] = f"<{at.timestamp()}@mail.example>"
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    reply.set_content(f"{text}\n\nOn Wednesday we wrote:\n> " + "\n> ".join(text_of(mail).splitlines()))
    return post(reply, sender, at)


def post(mail: EmailMessage, sender: str, at: datetime) -> Entry:
    """Bring a mail to our door and let it be read."""
    with clock.at(at):
        raw = intake.accept(mail.as_bytes(), sender, [mail["To"].addresses[0].addr_spec])
        jobs.run_due()
    raw.refresh_from_db()
    assert raw.entry is not None, (raw.outcome, raw.reason)
    return raw.entry
