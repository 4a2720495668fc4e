"""Guessing what a mistyped address was meant to be, so that the customer only has to agree."""

from __future__ import annotations

from ahadi.people.models import Address

# Slips that are seen every day, and the provider that was meant.
SLIPS = {
    "gmail.com": "gmail gmail.co gmail.con gmail.cm gmail.om gmail.comm gmial.com gmai.com gmal.com "
    "gamil.com gnail.com gmaill.com gmil.com gmail.cim gmail.vom gmailcom gmail,com",
    "yahoo.com": "yahoo yahoo.co yahoo.con yaho.com yahooo.com yhoo.com yahoo.cm yahoo.om yahho.com",
    "hotmail.com": "hotmail hotmail.co hotmail.con hotmial.com hotmal.com hotmil.com hotmai.com hotmail.cm",
    "outlook.com": "outlook outlook.co outlook.con outlok.com outloook.com outlook.cm oulook.com",
    "icloud.com": "icloud icloud.co icloud.con iclod.com icoud.com icloud.cm",
    "gmx.de": "gmx gmx.d gmx.dee",
    "walla.co.il": "walla walla.co walla.il walla.coil",
}
MEANT = {slip: provider for provider, slips in SLIPS.items() for slip in slips.split()}


def guess_mail(value: str) -> str:
    """The address that was probably meant; empty when there is nothing to mend."""
    local, _at, domain = value.strip().rpartition("@")
    meant = MEANT.get(domain.lower().strip("."))
    return f"{local}@{meant}" if local and meant else ""


def isolated(text: str) -> str:
    """A text that keeps its own direction inside a sentence of another."""
    return f"\u2068{text}\u2069"


def masked(address: Address) -> str:
    """An address that its owner recognises and nobody else learns: m•••@post.example."""
    if address.kind == Address.Kind.PHONE:
        return isolated(f"•••{address.shown[-3:]}")
    local, _at, domain = address.shown.rpartition("@")
    return isolated(f"{local[:1]}•••@{domain}")
