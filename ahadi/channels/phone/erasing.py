"""What telephone systems told about somebody who is to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from ahadi.channels.models import Call, PhoneEvent
from ahadi.tickets.erasure import Matter, Part


def parts(matter: Matter) -> Iterator[Part]:
    """The events of their calls, with numbers in them."""
    told = PhoneEvent.objects.filter(call__in=matter.rows(Call))
    yield Part("channels.PhoneEvent", told.count(), lambda: told.delete())
