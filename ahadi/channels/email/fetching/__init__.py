"""Fetching: mail is copied from mailboxes by IMAP; nothing there is ever changed, moved or deleted."""

from ahadi.channels.email.fetching.house import running

__all__ = ["running"]
