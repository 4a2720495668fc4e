"""Servers of an inbox, clients at Google and Microsoft, and the doors of mail providers."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ahadi.channels.email.presets import Preset
from ahadi.channels.models import Inbox, MailServer, OAuthClient
from ahadi.desk.forms.base import ModelForm
from ahadi.lib.hosts import is_here

# Names and numbers of hosts; what a URL has around them does not belong here.
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")
MANY_FOLDERS = 10


class ServerForm(ModelForm[MailServer]):
    """Where a server is and how to sign in; the password is taken, kept sealed and never shown."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    class Meta:
        model = MailServer
        fields: Any = ("host", "port", "security", "sign_in", "user", "folders", "begin")
        labels: ClassVar = {
            "host": _("Server"),
            "port": _("Port"),
            "security": _("Encryption"),
            "sign_in": _("Sign in with"),
            "user": _("User name"),
            "begin": _("Begin with"),
        }
        help_texts: ClassVar = {"user": _("Often the whole mail address.")}
        widgets: ClassVar = {"begin": forms.RadioSelect()}

    def __init__(self, *args: Any, inbox: Inbox, way: str, preset: Preset, **kwargs: Any) -> None:
        server = kwargs.get("instance") or MailServer(inbox=inbox, way=way)
        self.is_new = server.pk is None
        if self.is_new:
            kwargs["initial"] = {**_initial(inbox, way, preset), **(kwargs.get("initial") or {})}
        super().__init__(*args, **{**kwargs, "instance": server})
        self.fields["port"].min_value = 1  # type: ignore[attr-defined]
        self.fields["port"].max_value = 65535  # type: ignore[attr-defined]
        if way == MailServer.Way.OUT:
            del self.fields["folders"]
        else:
            self.fields["folders"] = FoldersField(initial=server.folders)
        if way == MailServer.Way.OUT or not self.is_new:
            del self.fields["begin"]
        if not self.is_new and server.sealed_password:
            self.fields["password"].help_text = _("Leave it empty to keep the one that is stored.")
        elif preset.wants_app_password:
            self.fields["password"].help_text = _(
                "This provider wants an app password: make one in the settings of the account."
            )

    def clean_host(self) -> str:
        """The name of a host, without anything around it."""
        host = str(self.cleaned_data["host"]).strip().rstrip(".").lower()
        if not HOST.fullmatch(host):
            raise ValidationError(_("Write the name of the server alone, for example imap.example.com."))
        return host

    def clean_port(self) -> int:
        """A number that a port can have."""
        port = int(self.cleaned_data["port"])
        if not 0 < port < 65536:
            raise ValidationError(_("Write a number from 1 to 65535."))
        return port

    def clean(self) -> dict[str, Any]:
        """No clear text over a network, and no stored password for another server or user."""
        given = super().clean() or self.cleaned_data
        if given.get("security") == MailServer.Security.NONE and not is_here(given.get("host", "")):
            self.add_error("security", _("Without encryption only this machine itself can be used."))
        if given.get("sign_in") != MailServer.SignIn.PASSWORD and not given.get("user"):
            given["user"] = self.instance.inbox.address
        if given.get("sign_in") == MailServer.SignIn.PASSWORD:
            self._require_password(given)
        return given

    def save(self, commit: bool = True) -> MailServer:
        """Store the server; a new one waits until an administrator lets it begin."""
        if self.is_new and self.instance.way == MailServer.Way.IN:
            self.instance.is_paused = True
        server = super().save(commit)
        if self.cleaned_data["password"]:
            server.keep_password(self.cleaned_data["password"])
        server.stir()
        return server

    def _require_password(self, given: dict[str, Any]) -> None:
        is_fetching = self.instance.way == MailServer.Way.IN
        if is_fetching and not given.get("user"):
            self.add_error("user", _("Whose mailbox is it? Write the user name."))
        if given.get("password") or not (given.get("user") or is_fetching):
            return
        if self.is_new or not self.instance.sealed_password:
            self.add_error("password", _("Write the password of the mailbox."))
        elif {"host", "user"} & set(self.changed_data):
            # Else whoever may change the host could have the password sent to a host of their own.
            self.add_error("password", _("For another server or user, write the password again."))


class FoldersField(forms.CharField):
    """Names of folders, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Folders"),
            help_text=_("One a line. What somebody moves elsewhere before it was fetched is not found."),
            widget=forms.Textarea(attrs={"rows": 2, "dir": "ltr"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """The names as they are typed."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Each folder once, without control characters."""
        lines = (line.strip() for line in str(super().clean(value)).splitlines())
        names = list(dict.fromkeys(line for line in lines if line))
        if len(names) > MANY_FOLDERS or any(len(name) > 250 or not name.isprintable() for name in names):
            raise ValidationError(_("Name up to ten folders, one a line."))
        return names

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as they are typed."""
        return bool(super().has_changed(self.prepare_value(initial), data))


class ClientForm(ModelForm[OAuthClient]):
    """What Google or Microsoft gave when this installation was registered there."""

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )

    class Meta:
        model = OAuthClient
        fields: Any = ("client_id", "tenant")
        labels: ClassVar = {"client_id": _("Client ID"), "tenant": _("Tenant")}
        help_texts: ClassVar = {
            "tenant": _("The number of your organisation at Microsoft; empty for accounts of any."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.provider != "microsoft":
            del self.fields["tenant"]
        if self.instance.sealed_secret:
            self.fields["secret"].help_text = _("Leave it empty to keep the one that is stored.")

    def clean_tenant(self) -> str:
        """Part of an address, so nothing that could make another one of it."""
        tenant = str(self.cleaned_data["tenant"]).strip()
        if tenant and not re.fullmatch(r"[A-Za-z0-9.-]{1,80}", tenant):
            raise ValidationError(_("Write the number or the domain of the tenant alone."))
        return tenant

    def clean(self) -> dict[str, Any]:
        """A first registration needs its secret, and another client ID another one."""
        given = super().clean() or self.cleaned_data
        kept = self.instance.sealed_secret and not {"client_id", "tenant"} & set(self.changed_data)
        if not given.get("secret") and not kept:
            self.add_error("secret", _("Write the client secret."))
        return given

    def save(self, commit: bool = True) -> OAuthClient:
        """Store the client with its secret sealed."""
        client = super().save(commit)
        if self.cleaned_data["secret"]:
            client.keep_secret(self.cleaned_data["secret"])
        return client


def _initial(inbox: Inbox, way: str, preset: Preset) -> dict[str, Any]:
    user = {"user": inbox.address, "sign_in": preset.sign_in}
    if way == MailServer.Way.IN:
        return {**user, "host": preset.imap, "port": 993, "security": "tls"}
    return {**user, "host": preset.smtp, "port": preset.smtp_port, "security": preset.smtp_security}
