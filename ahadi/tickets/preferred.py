"""Where and in which language a customer wants the answers, whatever they asked with."""

from __future__ import annotations

from ahadi.lib.question import Question
from ahadi.people.models import Address, Customer
from ahadi.tickets.models import Entry

# The event in which a customer's choice is kept.
WISHES = "wishes"
MAIL = Address.Kind.EMAIL


def address(given: Address | None, customer: Customer) -> Address | None:
    """Where answers go: to the proven mail address of somebody who wishes mail and called."""
    if given is None or given.kind == MAIL or customer.preferred_channel != MAIL:
        return given
    return customer.addresses.filter(kind=MAIL, proven__isnull=False).first() or given


def language(customer: Customer, written: str) -> str:
    """The language that was chosen on a page, though another one was written; else that one."""
    # Asked only of those who write in another language than before: for all others it costs nothing.
    if customer.language in ("", written):
        return written
    return customer.language if _CHOSEN.rows(customer.pk) else written


_CHOSEN = Question(
    lambda customer: (
        Entry.objects.filter(ticket__requester=customer, code=WISHES, words__data__has_key="language")
        .order_by()
        .values_list("pk")[:1]
    ),
    # Who asks has written nothing yet.
    own=(),
)
