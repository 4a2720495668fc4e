"""What a search can ask about the ways in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from ahadi.channels.models import Inbox, RawMessage
from ahadi.people.models import Agent


def sent_to(value: str, agent: Agent, at: datetime) -> Q | None:
    """to: the inbox that a mail came to, by its address or name; or the address that answers go to."""
    if not value.strip("@."):
        return None
    inboxes = Inbox.objects.filter(Q(address__icontains=value) | Q(name__istartswith=value)).values("pk")
    came = RawMessage.objects.filter(entry__ticket=OuterRef("pk"), inbox__in=inboxes)
    return Q(Exists(came)) | Q(address__value__contains=value.lower())
