"""Which keys do what, and how close the rows stand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ahadi.desk.keyboard import ALLOWED, KEYS
from ahadi.people.models import Agent


class KeysForm(forms.Form):
    """One field for each action; an empty one switches its key off."""

    density = forms.ChoiceField(
        label=_("Rows"),
        choices=[
            ("", pgettext_lazy("rows of a list", "Comfortable")),
            ("compact", pgettext_lazy("rows of a list", "Compact")),
        ],
        required=False,
    )
    keys_on = forms.BooleanField(
        label=_("Single keys"),
        help_text=_("Off: only keys together with Ctrl or Command do something."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in KEYS:
            self.fields[f"key_{key.action}"] = forms.CharField(
                label=key.text,  # type: ignore[arg-type]
                max_length=1,
                required=False,
                widget=forms.TextInput(attrs={"size": 2}),
            )

    @classmethod
    def chosen(cls, agent: Agent) -> dict[str, Any]:
        """What this agent has now."""
        own, known = agent.preferences, agent.preferences.get("keys", {})
        keys = {f"key_{key.action}": known.get(key.action, key.key) for key in KEYS}
        return {"density": own.get("density", ""), "keys_on": not own.get("keys_off"), **keys}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        taken: dict[str, str] = {}
        for key in KEYS:
            name = f"key_{key.action}"
            sign = cleaned[name] = str(cleaned.get(name, "")).lower()
            if sign and sign not in ALLOWED:
                said = _("Choose one letter or sign; G begins the keys that go somewhere.")
                self.add_error(name, ValidationError(said))
            elif sign and sign in taken:
                self.add_error(name, ValidationError(_("This key does something else already.")))
            taken[sign] = name
        return cleaned

    def keep(self, agent: Agent) -> None:
        """Remember what differs from the usual."""
        cleaned = self.cleaned_data
        own = {key.action: cleaned[f"key_{key.action}"] for key in KEYS}
        agent.preferences |= {
            "density": cleaned["density"],
            "keys_off": not cleaned["keys_on"],
            "keys": {key.action: own[key.action] for key in KEYS if own[key.action] != key.key},
        }
        agent.save(update_fields=["preferences"])
