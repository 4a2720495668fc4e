"""Mail in and out; what is re-exported here can be used without settings, by scripts and by checks."""

from ahadi.lib.mail import (
    Attachment,
    Bounce,
    Mail,
    Mailbox,
    Original,
    is_loop,
    looks_like_code,
    new_html,
    new_text,
    original_message,
    parse,
)

__all__ = [
    "Attachment",
    "Bounce",
    "Mail",
    "Mailbox",
    "Original",
    "is_loop",
    "looks_like_code",
    "new_html",
    "new_text",
    "original_message",
    "parse",
]
