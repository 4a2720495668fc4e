from __future__ import annotations

import secrets
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock, vault
from ahadi.lib.fresh import Quick
from ahadi.people.models import Customer, Team
from ahadi.tickets.models import Entry, Ticket


def _new_key() -> str:
    return secrets.token_urlsafe(12)


class Site(models.Model):
    """A website from which people may write to us."""

    name = models.CharField(_("name"), max_length=80)
    # Stands in the pages of the website: it names the site and proves nothing.
    key = models.CharField(max_length=32, unique=True, default=_new_key, editable=False)
    # Where the panel may be shown: "https://shop.example", "https://*.shop.example".
    origins = models.JSONField(_("allowed websites"), default=list)
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"), related_name="sites")
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    # What stands above the first word, by language.
    greetings = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    added = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name


class SiteKey(models.Model):
    """A key with which the website's own server says who its visitor is; replaced by adding the next one."""

    class Algorithm(models.TextChoices):
        HS256 = "HS256", _("HS256: one secret that both sides know")
        EDDSA = "EdDSA", _("EdDSA: only the website knows the private key")
        # What older widgets use: hex of HMAC-SHA-256 over the person's id, good for ever.
        HMAC = "hmac", _("User hash as in older widgets: never expires, weaker")

    site = models.ForeignKey(Site, models.CASCADE, related_name="keys")
    kid = models.CharField(max_length=32, unique=True, default=_new_key, editable=False)
    algorithm = models.CharField(max_length=8, choices=Algorithm.choices)
    # The secret, or the public key as PEM.
    sealed = models.TextField()
    added = models.DateTimeField(default=clock.now, editable=False)
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kid

    @property
    def secret(self) -> str:
        """What signatures are checked with."""
        return vault.unseal(self.sealed, f"site:{self.kid}")

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed = vault.seal(value, f"site:{self.kid}")


class UsedToken(models.Model):
    """A token that named itself and was used: it is not good a second time."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    jti_hash = models.CharField(max_length=64)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "jti_hash"], name="token_once")]

    def __str__(self) -> str:
        return self.jti_hash[:8]


class Visitor(Quick):
    """Somebody with the panel open in one browser; what they say of themselves is a claim until proven."""

    class Proof(models.TextChoices):
        NONE = "", _("not proven")
        HMAC = "hmac", _("named by the website, without an end")
        TOKEN = "token", _("named by the website")

    site = models.ForeignKey(Site, models.PROTECT, related_name="visitors")
    token_hash = models.CharField(max_length=64, unique=True)
    # Made with the first word, so that looking costs nobody a row.
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="visits")
    proof = models.CharField(max_length=8, blank=True, choices=Proof.choices)
    # Until when the website's word counts.
    proven_until = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8)
    time_zone = models.CharField(max_length=64, blank=True)
    page = models.CharField(max_length=500, blank=True)
    fields = models.JSONField(default=dict)
    created = models.DateTimeField(default=clock.now)
    seen = models.DateTimeField(default=clock.now)
    # Signed out, or forgotten.
    ended = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["site", "external_id"], name="visitor_named", condition=~models.Q(external_id="")
            ),
            models.Index(fields=["seen"], name="visitor_seen", condition=models.Q(customer=None)),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.site_id}/{self.pk}"

    @property
    def is_proven(self) -> bool:
        """The website has said who this is, and its word still counts."""
        if self.proof == self.Proof.HMAC:
            return True
        is_fresh = self.proven_until is not None and self.proven_until > clock.now()
        return self.proof == self.Proof.TOKEN and is_fresh


class Talk(Quick):
    """The live side of a ticket: who is at the other end, and what they have seen."""

    ticket = models.OneToOneField(Ticket, models.PROTECT, primary_key=True, related_name="talk")
    visitor = models.ForeignKey(Visitor, models.PROTECT, related_name="talks")
    begun = models.DateTimeField(default=clock.now)
    # Over: what is written from then on goes by the ordinary ways.
    ended = models.DateTimeField(null=True)
    # The visitor had gone, and it went on by mail; their next word here makes it live again.
    is_away = models.BooleanField(default=False)
    # The visitor began another one; this one is found by its code.
    left = models.DateTimeField(null=True)
    last_line = models.PositiveIntegerField(default=0)
    # How far each side has read.
    seen_line = models.PositiveIntegerField(default=0)
    our_seen_line = models.PositiveIntegerField(default=0)
    our_seen = models.DateTimeField(null=True)
    our_seen_by = models.CharField(max_length=80, blank=True)
    # The visitor was asked where to reach them; asked once.
    way_asked = models.DateTimeField(null=True)
    # Up to here what was missed has been sent after them.
    followed_line = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["visitor", "-begun"], name="talk_of_visitor"),
            models.Index(fields=["ticket"], name="talk_live", condition=models.Q(ended=None)),
            models.Index(
                fields=["ticket"],
                name="talk_unseen",
                condition=models.Q(last_line__gt=models.F("seen_line"))
                & models.Q(last_line__gt=models.F("followed_line")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.ticket_id)


class Line(Quick):
    """One thing that the visitor sees, numbered without gaps; a browser's own name makes repeating safe."""

    talk = models.ForeignKey(Talk, models.PROTECT, related_name="lines", db_index=False)
    seq = models.PositiveIntegerField()
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="line")
    # Whoever wrote it, and what their browser called it.
    visitor = models.ForeignKey(Visitor, models.PROTECT, null=True, related_name="+", db_index=False)
    client_id = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["talk", "seq"], name="line_once"),
            models.UniqueConstraint(fields=["visitor", "client_id"], name="line_of_client_once"),
        ]

    def __str__(self) -> str:
        return f"{self.talk_id}/{self.seq}"


class Upload(models.Model):
    """A file that is here before the message it belongs to."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    visitor = models.ForeignKey(Visitor, models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    alt = models.CharField(max_length=250, blank=True)
    created = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name
