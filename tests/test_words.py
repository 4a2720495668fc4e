"""The words that customers read."""

from __future__ import annotations

from ahadi.commands.messages import extract

# Where customers read: their pages and their mails.
FOR_CUSTOMERS = ("ahadi/portal/", "ahadi/channels/jinja2/channels/mail/", "ahadi/channels/email/letters.py")


def test_customers_read_request_and_never_ticket():
    texts = [
        str(message.id)
        for message in extract()
        if message.id and any(place.startswith(FOR_CUSTOMERS) for place, _line in message.locations)
    ]

    assert len(texts) > 50
    assert [text for text in texts if "ticket" in text.lower()] == []
