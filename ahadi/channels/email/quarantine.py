"""What is put aside with a reason instead of becoming a ticket: seen, counted, and let go with one click."""

from __future__ import annotations

from django.conf import settings

from ahadi.channels import inboxes
from ahadi.channels.email import Mail, is_loop, signature
from ahadi.channels.models import RawMessage

# The door refuses larger mails; a pipe cannot.
LARGEST: int = settings.AHADI_MAIL_LARGEST * 1024 * 1024


def reason_for(mail: Mail, raw: RawMessage) -> str:
    """The code of the reason to put a mail aside, or an empty string."""
    if is_loop(mail, signature.instance_id()):
        return RawMessage.Reason.LOOP
    if mail.sender.email and inboxes.is_ours(mail.sender.email):
        return RawMessage.Reason.SELF
    if raw.size > LARGEST:
        return RawMessage.Reason.TOO_LARGE
    if mail.header("x-spam-flag").strip().lower() == "yes":
        return RawMessage.Reason.SPAM
    if not (mail.subject.strip() or mail.text.strip() or mail.html.strip() or mail.attachments):
        return RawMessage.Reason.EMPTY
    return ""
