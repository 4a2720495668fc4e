"""Tables as administrators read them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | LazyText] = {
    "tickets.Words": _("Texts: messages, answers, notes and what was changed"),
    "tickets.Attachment": _("Files"),
    "tickets.Statement": _("What was understood"),
    "tickets.Task": _("Tasks"),
    "tickets.FieldValue": _("Values of fields"),
    "ledger.Opening": _("What opens the lines of the ledger"),
    "people.Customer": _("The person: name, language, wishes"),
    "people.Address": _("Addresses and phone numbers"),
    "channels.RawMessage.bytes": _("Original mails, byte for byte"),
    "channels.Draft": _("Answers not sent yet"),
    "channels.GuestLink": _("Links to requests"),
    "channels.Participant": _("People who take part"),
    "channels.OutgoingMail": _("Copies of mails of ours"),
    "promises.Promise": _("Words of promises"),
    "desk.Sketch": _("Words that were being written"),
    "people.Session": _("Browsers that see the requests"),
    "api.IdempotencyKey": _("Answers kept for programs"),
}


def of_tables(counts: Mapping[str, int]) -> list[tuple[str | LazyText, int]]:
    """Counts by names; what has none of its own is counted together at the end."""
    named = [(NAMES[label], count) for label, count in counts.items() if label in NAMES]
    rest = sum(count for label, count in counts.items() if label not in NAMES)
    return [*named, *([(_("Other traces"), rest)] if rest else [])]
