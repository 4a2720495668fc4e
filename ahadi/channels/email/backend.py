"""Where Django and allauth leave their mails: in the same outbox as all others."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from ahadi.channels.email import outbound, signature


class OutboxBackend(BaseEmailBackend):
    """Stores each mail in the current transaction; it is sent after commit."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put every mail into the outbox and say how many there were."""
        count = 0
        for message in email_messages:
            recipients = message.recipients()
            if recipients:
                count += 1
                outbound.put(_marked(message), "", recipients)
        return count


def _marked(message: EmailMessage) -> Message:
    mail: Message = message.message()
    for name, value in {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Ahadi-Loop": signature.instance_id(),
    }.items():
        if name not in mail:
            mail[name] = value
    return mail
