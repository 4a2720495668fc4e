"""The texts that others say on our pages: still theirs, and known to our catalogues."""

from __future__ import annotations

from pathlib import Path

import allauth
import django
import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from babel.messages.pofile import read_po

from ahadi.commands.messages import extract
from ahadi.people import borrowed

CATALOGUES = [
    Path(allauth.__file__).parent / "locale",
    Path(django.__file__).parent / "conf" / "locale",
    Path(django.__file__).parent / "contrib" / "auth" / "locale",
]
# Nobody signs up, changes an address, gives a phone number or has a user name here.
NEVER_SAID = {
    "cannot_remove_primary_email", "duplicate_email", "phone_password_mismatch", "email_taken",
    "max_email_addresses", "phone_taken", "unknown_phone", "unverified_primary_email", "username_blacklisted",
    "username_password_mismatch", "username_taken", "select_only_one", "add_email_blocked",
}  # fmt: skip


def test_each_text_is_still_said_by_its_owner():
    said = set()
    for folder in CATALOGUES:
        with (folder / "en" / "LC_MESSAGES" / "django.po").open("rb") as lines:
            said |= {message.id for message in read_po(lines) if isinstance(message.id, str)}

    assert [text for text in borrowed.TEXTS if text not in said] == []


@pytest.mark.parametrize("adapter", [DefaultAccountAdapter, DefaultMFAAdapter])
def test_every_error_that_can_be_met_at_sign_in_is_named(adapter):
    met = {str(text) for name, text in adapter.error_messages.items() if name not in NEVER_SAID}

    assert met - set(borrowed.TEXTS) == set()


def test_the_translators_find_them():
    marked = {str(message.id) for message in extract() if message.id}

    assert set(borrowed.TEXTS) <= marked
