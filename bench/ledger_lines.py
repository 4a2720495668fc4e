"""Leaves in a database of their own, put in a row and audited by the product's own code (bench.ledger)."""

from __future__ import annotations

import os
import sys
import time
from hashlib import sha256

import django

BATCH = 20_000


def main(many: int) -> None:
    """Print how many a second are sequenced, how long a receipt takes there, and how fast the audit is."""
    django.setup()
    from django.db import connection, transaction

    from ahadi.ledger import audit, log
    from ahadi.ledger.models import Leaf, Line

    for start in range(0, many, BATCH):
        numbers = range(start, min(start + BATCH, many))
        leaves = [Leaf(hash=sha256(number.to_bytes(8, "big")).digest()) for number in numbers]
        Leaf.objects.bulk_create(leaves)

    def follow(most: int) -> list[tuple[int, bytes]]:
        last = Line.objects.order_by("-index").values_list("leaf_id", flat=True).first() or 0
        rows = Leaf.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "hash")[:most]
        return [(key, bytes(hash_)) for key, hash_ in rows]

    begun = time.perf_counter()
    while log.grow(follow):
        pass
    took = time.perf_counter() - begun
    print(f"sequencing {many:,} entries on {connection.vendor}: {took:.0f} s ({many / took:,.0f} a second)")
    keys = list(Leaf.objects.values_list("pk", flat=True)[:: max(1, many // 100)])
    begun = time.perf_counter()
    for key in keys:
        log.receipt([key])
    print(f"receipt from the database: {(time.perf_counter() - begun) / len(keys) * 1_000:.2f} ms (mean)")
    begun = time.perf_counter()
    with transaction.atomic():
        faults = list(audit.audit())
    took = time.perf_counter() - begun
    print(f"audit of the log: {took:.0f} s ({many / took:,.0f} lines a second), {len(faults)} faults")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ahadi.settings")
    main(int(sys.argv[1]))
