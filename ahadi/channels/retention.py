"""Terms of what came in and went out."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ahadi import outbox
from ahadi.channels.models import OutgoingMail, RawMessage
from ahadi.tickets.models import Hold

# In one transaction.
AT_ONCE = 200


class Raw:
    """Mails byte for byte, whose words stand in a request."""

    label = _("Original mails that became part of a request; the words stay in the request")
    outcomes: tuple[str, ...] = (RawMessage.Outcome.TICKET, RawMessage.Outcome.ENTRY)

    def count(self, before: datetime) -> int:
        return self._due(before).count()

    def destroy(self, before: datetime) -> int:
        raws = list(self._due(before))
        for start in range(0, len(raws), AT_ONCE):
            self._empty(raws[start : start + AT_ONCE])
        return len(raws)

    @transaction.atomic
    def _empty(self, raws: list[RawMessage]) -> None:
        files = [raw.sha256 for raw in raws]
        for raw in raws:
            # Answers still find their way by its Message-ID.
            RawMessage.objects.filter(pk=raw.pk).update(sha256=secrets.token_hex(32), size=0)
        outbox.put("tickets.sweep", {"files": files, "database": False})

    def _due(self, before: datetime) -> QuerySet[RawMessage]:
        held = Hold.objects.filter(lifted=None).values("customer")
        old = RawMessage.objects.filter(outcome__in=self.outcomes, received__lt=before, size__gt=0)
        return old.exclude(entry__ticket__requester__in=held).order_by("pk")


class Quarantined(Raw):
    """Mails that nobody let in."""

    label = _("Mails in quarantine")
    outcomes = (RawMessage.Outcome.QUARANTINE,)


class Outgoing:
    """Mails of ours that were kept because there was no mail server."""

    label = _("Copies of mails that waited for a mail server")

    def count(self, before: datetime) -> int:
        return self._due(before).count()

    def destroy(self, before: datetime) -> int:
        return self._due(before).delete()[0]

    def _due(self, before: datetime) -> QuerySet[OutgoingMail]:
        return OutgoingMail.objects.filter(created__lt=before)
