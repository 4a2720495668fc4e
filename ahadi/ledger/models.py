from __future__ import annotations

from django.db import models

from ahadi.ledger import commitment, tree
from ahadi.lib.statement import insert


class Leaf(models.Model):
    """One line of the ledger: a hash that stays for ever and says nothing by itself."""

    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "leaves"


class Opening(models.Model):
    """What opens a leaf: the salt and the event. Destroying it is lawful erasure; the leaf stays."""

    leaf = models.OneToOneField(Leaf, models.PROTECT, primary_key=True, related_name="opening")
    salt = models.BinaryField(max_length=32)
    event = models.BinaryField()


def record(event: commitment.Event) -> Leaf:
    """Add a leaf for an event; must run in the transaction of the change it proves."""
    salt = commitment.new_salt()
    canonical = commitment.canonical(event)
    # JCS sorts keys by UTF-16 units, which for the ASCII keys used here is the order of json.dumps.
    leaf = insert(Leaf(hash=tree.leaf_hash(commitment.leaf_data(salt, canonical))))
    insert(Opening(leaf=leaf, salt=salt, event=canonical))
    return leaf
