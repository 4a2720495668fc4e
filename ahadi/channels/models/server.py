"""The servers of an inbox: where its mail is fetched and through which it is sent, and how to sign in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from ahadi.channels.models.inbox import Inbox
from ahadi.lib import clock, vault

# An inbox from which nothing could be fetched for this long is an alarm (rule E-05).
SILENCE = timedelta(minutes=10)


def only_inbox() -> list[str]:
    """The folder that every mailbox has."""
    return ["INBOX"]


class MailServerQuerySet(models.QuerySet["MailServer"]):
    """Questions about the servers of inboxes."""

    def fetched(self) -> MailServerQuerySet:
        """Mail is to be fetched from them."""
        return self.filter(way=MailServer.Way.IN, is_paused=False)

    def silent(self) -> MailServerQuerySet:
        """Nothing could be fetched from them for so long that somebody must look."""
        since = Greatest(Coalesce("last_success", "changed"), "changed")
        return self.fetched().annotate(silent_since=since).filter(silent_since__lt=clock.now() - SILENCE)


class MailServer(models.Model):
    """A server that an inbox fetches from or sends through."""

    class Way(models.TextChoices):
        IN = "in", _("Fetching")
        OUT = "out", _("Sending")

    class Security(models.TextChoices):
        TLS = "tls", _("TLS from the first byte")
        STARTTLS = "starttls", _("STARTTLS")
        # Refused for every host but this machine itself.
        NONE = "none", _("None, only for this machine itself")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("Password")
        GOOGLE = "google", _("Google account")
        MICROSOFT = "microsoft", _("Microsoft account")

    class Begin(models.TextChoices):
        NOW = "now", _("Only mail that comes from now on")
        ALL = "all", _("Everything that is in the mailbox")

    inbox = models.ForeignKey(Inbox, models.CASCADE, related_name="servers")
    way = models.CharField(max_length=4, choices=Way.choices)
    host = models.CharField(_("server"), max_length=255)
    port = models.PositiveIntegerField(_("port"))
    security = models.CharField(_("encryption"), max_length=8, choices=Security.choices, default=Security.TLS)
    user = models.CharField(_("user name"), max_length=320, blank=True)
    sign_in = models.CharField(_("sign-in"), max_length=10, choices=SignIn.choices, default=SignIn.PASSWORD)
    sealed_password = models.TextField(blank=True, editable=False)
    folders = models.JSONField(_("folders"), default=only_inbox)
    begin = models.CharField(_("begin with"), max_length=3, choices=Begin.choices, default=Begin.NOW)
    is_paused = models.BooleanField(_("paused"), default=False)
    # Whoever works with the server begins afresh when this moves.
    changed = models.DateTimeField(default=clock.now, editable=False)
    last_success = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    # A code of channels/email/trouble.py, and what the other side said.
    trouble = models.CharField(max_length=24, blank=True, editable=False)
    said = models.CharField(max_length=300, blank=True, editable=False)
    # The last test an administrator asked for: when, each step that worked, and what did not.
    trial = models.JSONField(default=dict, editable=False)
    # When administrators were told of this outage.
    noticed = models.DateTimeField(null=True, editable=False)

    objects = MailServerQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inbox", "way"], name="server_once_for_each_way")
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.user}@{self.host}:{self.port}"

    @property
    def uses_password(self) -> bool:
        """A password rather than a token of Google or Microsoft."""
        return self.sign_in == self.SignIn.PASSWORD

    @property
    def password(self) -> str:
        """The password, for signing in and nothing else; raises vault.Unsealable after a change of key."""
        return vault.unseal(self.sealed_password, self._place)

    def keep_password(self, password: str) -> None:
        """Store a password so that only this row, with this installation's key, can read it."""
        self.sealed_password = vault.seal(password, self._place)
        self.save(update_fields=["sealed_password"])

    def succeed(self, warning: str = "", said: str = "") -> None:
        """The server was reached and everything new was taken from it; a warning may still be due."""
        self._note(last_success=clock.now(), failing_since=None, trouble=warning, said=said[:300])

    def fail(self, trouble: str, said: str = "") -> None:
        """It did not work; the first moment of the outage stays."""
        since = self.failing_since or clock.now()
        self._note(failing_since=since, trouble=trouble, said=said[:300])

    def note_trial(self, **found: Any) -> None:
        """Keep what a test has found so far."""
        self._note(trial={**self.trial, **found})

    def stir(self) -> None:
        """Let whoever works with it begin afresh."""
        self._note(changed=clock.now())

    @property
    def _place(self) -> str:
        return f"channels.mailserver:{self.pk}:password"

    def _note(self, **changes: Any) -> None:
        # Only these columns: the form of an administrator may be saving the others.
        for name, value in changes.items():
            setattr(self, name, value)
        MailServer.objects.filter(pk=self.pk).update(**changes)


class Folder(models.Model):
    """How far one folder has been fetched, in the server's own numbering (rule E-02)."""

    server = models.ForeignKey(MailServer, models.CASCADE, related_name="progress")
    name = models.CharField(max_length=250)
    # Numbers of mails mean something only together with this number of the server's.
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    # Mail that came before is not wanted, also when all numbers change; null: everything is.
    since = models.DateTimeField(null=True)
    # Numbers up to the last one that are still to come: all had changed, or the server refused these.
    missing = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["server", "name"], name="folder_once")]

    def __str__(self) -> str:
        return f"{self.server} {self.name}: {self.last_uid}"

    def begin(self, validity: int, last: int, *, everything: bool) -> None:
        """The first look: everything is still to come, or only what comes from now on."""
        self.uid_validity = validity
        self.last_uid, self.since = (0, None) if everything else (last, clock.now())
        self.save()

    def begin_again(self, validity: int, last: int, numbers: Iterable[int]) -> None:
        """All numbers have changed: these mails are looked at again, and what is known adds nothing."""
        self.uid_validity, self.last_uid, self.missing = validity, last, sorted(numbers)
        self.save()

    def count(self, *, taken: Collection[int], refused: Collection[int]) -> None:
        """Remember what is stored, or gone, and what the server refused to hand over."""
        if taken or refused:
            self.last_uid = max(self.last_uid, *taken, *refused)
            self.missing = sorted({*self.missing, *refused} - set(taken))
            self.save(update_fields=["last_uid", "missing"])


class OAuthClient(models.Model):
    """This installation as Google or Microsoft knows it; an administrator registers it there."""

    provider = models.CharField(max_length=10, unique=True)
    client_id = models.CharField(_("client ID"), max_length=250)
    sealed_secret = models.TextField(blank=True, editable=False)
    # Only Microsoft knows it: "common", or the number of the organisation.
    tenant = models.CharField(_("tenant"), max_length=80, blank=True)

    def __str__(self) -> str:
        return self.provider

    @property
    def secret(self) -> str:
        """The client secret; raises vault.Unsealable after a change of key."""
        return vault.unseal(self.sealed_secret, f"channels.oauthclient:{self.provider}")

    def keep_secret(self, secret: str) -> None:
        """Store the client secret sealed."""
        self.sealed_secret = vault.seal(secret, f"channels.oauthclient:{self.provider}")
        self.save(update_fields=["sealed_secret"])


class Grant(models.Model):
    """The right to fetch and send for one inbox that somebody gave at Google or Microsoft."""

    inbox = models.OneToOneField(Inbox, models.CASCADE, related_name="grant")
    provider = models.CharField(max_length=10)
    sealed_access = models.TextField(blank=True, editable=False)
    sealed_refresh = models.TextField(blank=True, editable=False)
    expires = models.DateTimeField(default=clock.now)
    given = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.provider} for {self.inbox}"

    @property
    def access(self) -> str:
        """The token that opens the mailbox for about an hour."""
        return vault.unseal(self.sealed_access, f"channels.grant:{self.pk}:access")

    @property
    def refresh(self) -> str:
        """The token that asks for the next one."""
        return vault.unseal(self.sealed_refresh, f"channels.grant:{self.pk}:refresh")

    def keep(self, access: str, refresh: str, expires: datetime) -> None:
        """Store new tokens sealed; where no new refresh token came, the old one stays."""
        self.sealed_access = vault.seal(access, f"channels.grant:{self.pk}:access")
        if refresh:
            self.sealed_refresh = vault.seal(refresh, f"channels.grant:{self.pk}:refresh")
        self.expires = expires
        self.save(update_fields=["sealed_access", "sealed_refresh", "expires"])


class Webhook(models.Model):
    """The door for one mail provider that brings mails by HTTP."""

    provider = models.CharField(max_length=16, unique=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    # With which the provider signs, where it does.
    sealed_key = models.TextField(blank=True, editable=False)
    last = models.DateTimeField(null=True, editable=False)
    # Amazon asks to open this address once before it brings anything.
    confirmation = models.URLField(max_length=2000, blank=True, editable=False)

    def __str__(self) -> str:
        return self.provider

    @property
    def secret(self) -> str:
        """The password in the address that the provider calls."""
        return vault.unseal(self.sealed_secret, f"channels.webhook:{self.provider}:secret")

    @property
    def key(self) -> str:
        """The key with which the provider signs."""
        return vault.unseal(self.sealed_key, f"channels.webhook:{self.provider}:key")

    def keep(self, *, secret: str = "", key: str = "") -> None:
        """Store what was given of the two, sealed."""
        if secret:
            self.sealed_secret = vault.seal(secret, f"channels.webhook:{self.provider}:secret")
        if key:
            self.sealed_key = vault.seal(key, f"channels.webhook:{self.provider}:key")
        self.save()
