from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db import models

from ahadi.ledger.models import Leaf
from ahadi.lib.fresh import Quick, make
from ahadi.lib.statement import Part, insert_all, write_together
from ahadi.people.models import Address, Agent, Customer
from ahadi.tickets import search
from ahadi.tickets.ending import LETTERS
from ahadi.tickets.models.ticket import Ticket
from ahadi.tickets.said import PUBLIC, File, Kind, Said


class Entry(Quick):
    """One line of a ticket's history; never changed, never deleted."""

    Kind = Kind

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=24, blank=True)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="entries")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="entries")
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="entries")
    automatic = models.BooleanField(default=False)
    channel = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField()
    leaf = models.OneToOneField(Leaf, models.PROTECT, related_name="entry")

    # The ticket's fields that it changed; known only to what follows while it is added.
    moved: frozenset[str] = frozenset()

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar = [models.UniqueConstraint(fields=["ticket", "seq"], name="entry_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.seq} {self.kind}"

    @property
    def is_public(self) -> bool:
        """Messages and replies are for both sides."""
        return self.kind in PUBLIC

    @property
    def is_human_answer(self) -> bool:
        """A person of ours wrote to the customer about what they asked."""
        return self.kind == self.Kind.REPLY and not self.automatic and self.code not in LETTERS

    def keep(self, said: Said, files: Sequence[tuple[File, str]], beside: Sequence[Part]) -> None:
        """Write a new entry down after what stands beside it, with its words and files, and findable."""
        new_text = said.new_text if said.new_text != said.text else ""
        words = make(
            Words, entry=self, text=said.text, new_text=new_text, html=said.html, data=dict(said.data)
        )
        parts: list[Part] = [*beside, self, words]
        if self.kind != Kind.EVENT:
            subject = self.ticket.subject if self.seq == 1 else ""
            names = [file.name for file, _name in files]
            parts.append(search.findable(self, " ".join((subject, said.new_text or said.text, *names))))
        write_together(*parts)
        insert_all([Attachment.of(self, file, name) for file, name in files])


class Words(Quick):
    """The words of an entry: what lawful erasure destroys while the entry itself stays."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="words")
    text = models.TextField(blank=True)
    # Without the quoted history; empty where it is all new.
    new_text = models.TextField(blank=True)
    # The original HTML as it came; it is cleaned each time it is shown.
    html = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "words"

    @property
    def shown_text(self) -> str:
        """What the writer wrote, without the history they quoted."""
        return self.new_text or self.text


class Attachment(Quick):
    """A file that came with an entry, kept by its content."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=250, blank=True)
    is_inline = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, entry: Entry, file: File, sha256: str) -> Attachment:
        """The row for a file whose bytes are already in the store."""
        return cls(
            entry=entry,
            name=file.name[:200],
            content_type=file.content_type[:120],
            size=len(file.content),
            sha256=sha256,
            content_id=file.content_id[:250],
            is_inline=file.is_inline,
        )
