"""Every entry compared with what its leaf was made of, and every ticket with its entries."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby

from django.db.models import Exists, OuterRef, Prefetch

from ahadi.ledger import commitment, tree
from ahadi.ledger.audit import Fault
from ahadi.ledger.models import Leaf, Opening
from ahadi.lib import store
from ahadi.tickets import erasure, proof
from ahadi.tickets.models import Attachment, Entry, Ticket, Words

STRIDE = 2_000


def audit() -> Iterator[Fault]:
    """Everything that does not hold; nothing where all does."""
    yield from _histories()
    yield from _tickets()
    yield from _lonely()
    yield from _files()


def _histories() -> Iterator[Fault]:
    """Entries of each ticket: numbered without a gap, chained, and as their leaves say."""
    rows = (
        Entry.objects.select_related("ticket", "leaf", "leaf__opening", "words")
        .prefetch_related(Prefetch("attachments", Attachment.objects.order_by("pk")))
        .order_by("ticket_id", "seq")
    )
    count, stones = 0, erasure.stones_of()
    for _ticket, entries in groupby(rows.iterator(chunk_size=STRIDE), lambda entry: entry.ticket_id):
        before, expected = proof.Before(), 1
        for entry in entries:
            count += 1
            place = f"{entry.ticket.number}/{entry.seq}"
            if entry.seq != expected:
                sentence = f"Entry {expected} of {entry.ticket.number} is missing."
                yield Fault("missing_entry", place, sentence)
            if entry.seq in stones.get(entry.ticket_id, ()):
                if not _is_erased(entry):
                    sentence = (
                        f"Entry {entry.seq} of {entry.ticket.number} was erased, and something is left."
                    )
                    yield Fault("not_erased", place, sentence)
            elif fault := _changed(entry, before):
                yield Fault(*fault, place, f"Entry {entry.seq} of {entry.ticket.number} was changed.")
            before, expected = before.after(bytes(entry.leaf.hash), entry.kind), entry.seq + 1
        # `entry` is the last one here: the ticket names it.
        kept = proof.Before(bytes(entry.ticket.last_leaf), bytes(entry.ticket.last_public))
        if (entry.ticket.last_seq, kept) != (entry.seq, before):
            sentence = f"{entry.ticket.number} has {entry.ticket.last_seq} entries, and {entry.seq} are here."
            yield Fault("missing_entry", entry.ticket.number, sentence)
    if lost := Entry.objects.count() - count:
        # An entry without its ticket or its leaf is not even found above.
        yield Fault("missing_ticket", "entries", f"{lost} entries have lost their ticket or their leaf.")


def _is_erased(entry: Entry) -> bool:
    """Neither words nor what opens the leaf are left, as a tombstone of this ticket says."""
    words = getattr(entry, "words", None)
    if hasattr(entry.leaf, "opening") or entry.attachments.all() or words is None:
        return False
    return not (words.text or words.new_text or words.html) and bool(words.data.get(erasure.TOMBSTONE))


def _changed(entry: Entry, before: proof.Before) -> tuple[str] | None:
    opening = getattr(entry.leaf, "opening", None)
    if opening is None or getattr(entry, "words", None) is None:
        return ("missing_words",)
    kept = bytes(opening.event)
    leaf = tree.leaf_hash(commitment.leaf_data(bytes(opening.salt), kept))
    if leaf != bytes(entry.leaf.hash):
        return ("changed_leaf",)
    # Two people never say one thing; the leaf knows of the first of them only.
    is_one = entry.agent_id is None or entry.customer_id is None
    return None if is_one and proof.of(entry, before) == kept else ("changed_entry",)


def _tickets() -> Iterator[Fault]:
    for number in Ticket.objects.filter(entries=None).values_list("number", flat=True).iterator():
        yield Fault("missing_entry", number, f"{number} has no entries at all.")
    promised = Ticket.objects.exclude(status=Ticket.Status.SOLVED)
    for number in promised.filter(due=None).values_list("number", flat=True).iterator():
        yield Fault("no_promise", number, f"{number} is open and promises nothing.")


def _lonely() -> Iterator[Fault]:
    """Leaves, openings and words belong to an entry."""
    for key in Leaf.objects.filter(entry=None).values_list("pk", flat=True).iterator():
        yield Fault("missing_entry", f"leaf {key}", f"The entry of leaf {key} is missing.")
    for key in Opening.objects.filter(leaf__entry=None).values_list("pk", flat=True).iterator():
        yield Fault("missing_entry", f"leaf {key}", f"The entry of opening {key} is missing.")
    # Asked by the key: of a relation that cannot be empty, the ORM knows the answer without asking.
    without = ~Exists(Entry.objects.filter(pk=OuterRef("pk")))
    for key in Words.objects.filter(without).values_list("pk", flat=True).iterator():
        yield Fault("missing_entry", f"words {key}", f"The entry of words {key} is missing.")


def _files() -> Iterator[Fault]:
    """Every file is there, with the content it had."""
    for name in Attachment.objects.values_list("sha256", flat=True).distinct().iterator():
        try:
            right = sha256(store.read(name)).hexdigest() == name
        except FileNotFoundError:
            yield Fault("missing_file", name, f"The file {name} is missing.")
            continue
        if not right:
            yield Fault("changed_file", name, f"The file {name} was changed.")
