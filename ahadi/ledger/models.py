from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.ledger import commitment, tree
from ahadi.lib import clock
from ahadi.lib.fresh import make


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
    leaf = make(Leaf, hash=tree.leaf_hash(commitment.leaf_data(salt, canonical)))
    return leaf, make(Opening, leaf=leaf, salt=salt, event=canonical)


class Witness(models.Model):
    """Somebody elsewhere who signs that our log only grew, as far as they have seen it (rule T-07)."""

    name = models.CharField(_("name"), max_length=300, unique=True)
    # Of the kind for cosignatures.
    vkey = models.CharField(_("key"), max_length=400)
    # Before `/add-checkpoint`.
    url = models.URLField(_("address"), max_length=500)
    added = models.DateTimeField(default=clock.now)
    # What they know of our log, and what went wrong last.
    size = models.BigIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "witnesses"

    def __str__(self) -> str:
        return self.name


class Cosignature(models.Model):
    """The line of a witness under one of our checkpoints."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    line = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosigned_once")
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.witness_id}"


class Watched(models.Model):
    """The log of another company that this installation is a witness of: what it said last."""

    origin = models.CharField(_("ledger"), max_length=300, unique=True)
    vkeys = models.JSONField(_("keys"), default=list)
    size = models.BigIntegerField(default=0)
    root = models.BinaryField(max_length=32, default=tree.EMPTY)
    seen = models.DateTimeField(null=True)
    # Two histories that the same key signed, one below the other: the proof that it cheated.
    forked = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "watched"

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Night(models.Model):
    """One nightly audit: begun once for each day, whatever process comes first."""

    day = models.DateField(unique=True)
    began = models.DateTimeField(default=clock.now)
    ended = models.DateTimeField(null=True)
    # How many faults there were, and the first of them: code, place, sentence.
    count = models.PositiveIntegerField(null=True)
    faults = models.JSONField(default=list)
    # What was past its term and is gone, by kind.
    gone = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return str(self.day)


class Backup(models.Model):
    """A back-up that was written, and when a restore of it was last proven."""

    made = models.DateTimeField()
    name = models.CharField(max_length=250)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    is_encrypted = models.BooleanField(default=False)
    verified = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made", "-pk"]

    def __str__(self) -> str:
        return self.name
