"""What the API keeps of somebody: answers that programs may ask for once more."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from ahadi.api.models import IdempotencyKey
from ahadi.tickets.erasure import Matter, Part


def parts(matter: Matter) -> Iterator[Part]:
    """Kept answers that speak of their requests or addresses."""
    asked = Q(pk__in=[])
    for name in (*matter.tickets.values_list("number", flat=True), *_addresses(matter)):
        asked |= Q(body__contains=name)
    kept = IdempotencyKey.objects.filter(asked)
    yield Part("api.IdempotencyKey", kept.count(), kept.delete)


def _addresses(matter: Matter) -> list[str]:
    return list(matter.addresses.values_list("value", flat=True))
