"""Reading mail: raw bytes to a Mail, its new words, and the mail inside a forwarded one; no models."""

from ahadi.lib.mail.automatic import answers_by_machine, is_loop, looks_like_code
from ahadi.lib.mail.bounded import read as parse
from ahadi.lib.mail.forwards import Original, original_message
from ahadi.lib.mail.html_quotes import new_html
from ahadi.lib.mail.message import Attachment, Bounce, Enclosed, Invitation, Mail, Mailbox
from ahadi.lib.mail.quotes import new_text

__all__ = [
    "Attachment",
    "Bounce",
    "Enclosed",
    "Invitation",
    "Mail",
    "Mailbox",
    "Original",
    "answers_by_machine",
    "is_loop",
    "looks_like_code",
    "new_html",
    "new_text",
    "original_message",
    "parse",
]
