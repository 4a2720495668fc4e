from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock
from ahadi.people.models import Agent


class Token(models.Model):
    """What a program shows to act for an agent; only its hash is kept."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    created = models.DateTimeField(default=clock.now)
    expires = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name or f"token {self.pk}"


class IdempotencyKey(models.Model):
    """The answer that was given to a request, so that sending it twice does it once (rule R-04)."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="idempotency_keys")
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    # Null while the first request is still running.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "route", "key"], name="idempotency_once")
        ]
