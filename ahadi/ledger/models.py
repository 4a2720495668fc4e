from __future__ import annotations

from typing import ClassVar

from django.db import models

from ahadi.ledger import commitment, tree
from ahadi.lib import clock


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


class Line(models.Model):
    """The place of a leaf in the log, given once: places follow each other without a gap."""

    index = models.BigIntegerField(primary_key=True)
    leaf = models.OneToOneField(Leaf, models.PROTECT, related_name="line")

    def __str__(self) -> str:
        return str(self.index)


class Tile(models.Model):
    """A stretch of at most 256 hashes of the log's tree; it only ever grows to the right."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "number"], name="tile_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Key(models.Model):
    """A published key that signed, or signs, the log; the secret half is never in the database."""

    name = models.CharField(max_length=300)
    vkey = models.CharField(max_length=400, unique=True)
    since = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.vkey


class Checkpoint(models.Model):
    """What was signed about the log: how many lines it had, and the root over them."""

    key = models.ForeignKey(Key, models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    # The signed note as it is handed out (c2sp.org/tlog-checkpoint).
    note = models.TextField()
    made = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "size"], name="one_checkpoint_of_a_size")
        ]
        indexes: ClassVar = [models.Index(fields=["made"], name="checkpoint_made")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.size}"


def seal(event: commitment.Event) -> tuple[Leaf, Opening]:
    """A leaf for an event and what opens it, to be added in the transaction of the change they prove."""
    salt = commitment.new_salt()
    canonical = commitment.canonical(event)
    # JCS sorts keys by UTF-16 units, which for the ASCII keys used here is the order of json.dumps.
    leaf = Leaf(hash=tree.leaf_hash(commitment.leaf_data(salt, canonical)))
    return leaf, Opening(leaf=leaf, salt=salt, event=canonical)
