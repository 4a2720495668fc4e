from __future__ import annotations

import re
import secrets

from django.db import models

from ahadi.lib import clock
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Ticket

# RFC 4648 base32 in lower case: mail programs change the case of addresses.
_SIGNS = "abcdefghijklmnopqrstuvwxyz234567"
# Of a ticket's own addresses none begins so: tracking codes have no O.
_ANSWER = re.compile(r"[^+@<>\s]+\+o([a-z2-7]{16})@[^@<>\s]+", re.IGNORECASE)


def new_token() -> str:
    """Eighty random bits, which say nothing of the ticket."""
    return "".join(secrets.choice(_SIGNS) for _ in range(16))


class Forward(models.Model):
    """What somebody outside was asked about a ticket, and the address to which their answer comes."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="forwards")
    address = models.ForeignKey(Address, models.PROTECT, related_name="forwards")
    token = models.CharField(max_length=16, unique=True, default=new_token)
    made = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")

    @classmethod
    def answered(cls, address: str) -> Forward | None:
        """The question whose answer address this is."""
        found = _ANSWER.fullmatch(address.strip().strip("<>"))
        if found is None:
            return None
        return cls.objects.select_related("ticket").filter(token=found[1].lower()).first()

    def way_back(self, inbox: str) -> str:
        """Where the answer comes: help+otoken@marlo.example."""
        local, _at, domain = inbox.rpartition("@")
        return f"{local}+o{self.token}@{domain}"

    def __str__(self) -> str:
        return f"{self.ticket} to {self.address}"
