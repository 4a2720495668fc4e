"""How agents come in: who needs a second factor, and the company's own sign-in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ahadi.lib import clock, vault

PLACE = "entrance:secret"
# In the session: this agent has to choose a second factor first; and when they were seen last.
SET_UP, SEEN = "set_up", "seen"


class Entrance(models.Model):
    """The rules of signing in; one row."""

    required = models.JSONField(_("second factor required for"), default=list, blank=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    issuer = models.URLField(_("issuer"), blank=True)
    client_id = models.CharField(_("client identifier"), max_length=200, blank=True)
    secret = models.TextField(_("client secret"), blank=True, editable=False)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_entrance")]

    def __str__(self) -> str:
        return self.name or "entrance"

    @classmethod
    def current(cls) -> Entrance:
        """The rules as they are; without any, everybody chooses for themselves."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def has_provider(self) -> bool:
        """Agents may come in with their account at the company."""
        return bool(self.issuer and self.client_id)

    def keep_secret(self, secret: str) -> None:
        """Seal what the provider gave us; nobody reads it again in the browser."""
        self.secret = vault.seal(secret, PLACE)

    def read_secret(self) -> str:
        """What the provider gave us; raises vault.Unsealable."""
        return vault.unseal(self.secret, PLACE)


def note(request: HttpRequest, agent: Any) -> None:
    """Remember in a session that has just begun whether its agent lacks the factor they need."""
    request.session[SEEN] = int(clock.now().timestamp())
    if agent.role in Entrance.current().required and not has_factor(agent):
        request.session[SET_UP] = True


def has_factor(agent: Any) -> bool:
    """Whether this agent has an app with codes, a key or a passkey; recovery codes alone are none."""
    kinds: Any = agent.authenticator_set.values_list("type", flat=True)
    return bool({"totp", "webauthn"} & set(kinds))
