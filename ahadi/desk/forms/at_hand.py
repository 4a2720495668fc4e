"""Saved replies and macros, as leads and administrators write them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from ahadi.automation import actions, placeholders
from ahadi.automation.models import Macro, SavedReply
from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.fields import WorkingTimeField
from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Ticket

LONGEST = 20_000


class MaybeTimeField(WorkingTimeField):
    """A length of working time, or nothing."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) if str(value or "").strip() else None


def text_field(language: str) -> str:
    """The name of the field that holds the words in a language."""
    return f"text_{language}"


class SavedReplyForm(ModelForm[SavedReply]):
    """A saved reply with its words in every language of the product."""

    class Meta:
        model = SavedReply
        fields = ("name", "folder", "team")
        labels: ClassVar = {"name": _("Name"), "folder": _("Folder"), "team": _("For")}
        help_texts: ClassVar = {
            "name": _("You find it by these words when you type / in an answer."),
            "folder": _("Replies of one folder stand together."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].empty_label = _("Everybody")  # type: ignore[attr-defined]
        known = {text.language: text.text for text in self.instance.texts.all()} if self.instance.pk else {}
        for code, name in settings.LANGUAGES:
            self.fields[text_field(code)] = forms.CharField(
                label=name,
                required=False,
                max_length=LONGEST,
                initial=known.get(code, ""),
                widget=forms.Textarea(attrs={"rows": 5, "lang": code, "dir": "auto"}),
            )

    @property
    def texts(self) -> list[forms.BoundField]:
        """The fields with the words, one for each language."""
        return [self[text_field(code)] for code, _name in settings.LANGUAGES]

    def clean(self) -> dict[str, Any]:
        """Words in one language at least, and no placeholder that means nothing."""
        cleaned = super().clean() or self.cleaned_data
        for code, _name in settings.LANGUAGES:
            if strange := placeholders.unknown(cleaned.get(text_field(code), "")):
                said = say("There is no placeholder %(name)s.") % {"name": f"{{{{{strange[0]}}}}}"}
                self.add_error(text_field(code), said)
        if not any(cleaned.get(text_field(code), "").strip() for code, _name in settings.LANGUAGES):
            self.add_error(text_field(settings.LANGUAGES[0][0]), say("Write it in one language at least."))
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> SavedReply:
        reply = super().save(commit)
        for code, _name in settings.LANGUAGES:
            text = self.cleaned_data[text_field(code)].strip()
            if text:
                reply.texts.update_or_create(language=code, defaults={"text": text})
            else:
                reply.texts.filter(language=code).delete()
        return reply


class MacroForm(ModelForm[Macro]):
    """A macro: its words and everything it does."""

    owner = forms.ChoiceField(label=_("Owner"), required=False)
    to_team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.all(), required=False, empty_label=_("As it is")
    )
    tags = forms.CharField(
        label=_("Tags to add"), required=False, max_length=200, help_text=_("With commas between them.")
    )
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    step = forms.CharField(label=_("Next promise"), max_length=250, required=False)
    within = MaybeTimeField(
        label=_("Within"), required=False, help_text=_("Hours and minutes of working time, such as 8:00.")
    )

    class Meta:
        model = Macro
        fields = ("name", "team", "reply")
        labels: ClassVar = {"name": _("Name"), "team": _("For"), "reply": _("Words")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_it_is = ("", _("As it is"))
        people = [
            (str(pk), name) for pk, name in Agent.objects.filter(is_active=True).values_list("pk", "name")
        ]
        mine = [(actions.MYSELF, _("Whoever runs it")), (actions.NOBODY, _("Nobody in person"))]
        self.fields["team"].empty_label = _("Everybody")  # type: ignore[attr-defined]
        self.fields["reply"].empty_label = _("No words")  # type: ignore[attr-defined]
        self.fields["owner"].choices = [as_it_is, *mine, *people]  # type: ignore[attr-defined]
        self.fields["priority"].choices = [as_it_is, *Ticket.Priority.choices]  # type: ignore[attr-defined]
        self.fields["status"].choices = [as_it_is, *Ticket.Status.choices]  # type: ignore[attr-defined]
        for name, value in self._chosen().items():
            self.initial.setdefault(name, value)

    def _chosen(self) -> dict[str, Any]:
        known = dict(self.instance.actions)
        promise = known.get("promise") or {}
        return {
            "owner": str(known.get("assign", "")),
            "to_team": known.get("team"),
            "tags": ", ".join(known.get("tags", [])),
            "priority": known.get("priority", ""),
            "status": known.get("status", ""),
            "step": promise.get("step", ""),
            "within": f"{promise['minutes'] // 60}:{promise['minutes'] % 60:02}" if promise else "",
        }

    def clean(self) -> dict[str, Any]:
        """A promise has words and a time, and a macro does something."""
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("step")) != bool(cleaned.get("within")) and "within" not in self.errors:
            self.add_error("within", say("A promise needs its words and its time."))
        if cleaned.get("status") == Ticket.Status.SOLVED and cleaned.get("step"):
            self.add_error("status", say("What is solved has no next promise."))
        if not self.errors and not cleaned.get("reply") and not self.actions():
            raise ValidationError(say("Choose words or something to do."))
        return cleaned

    def actions(self) -> list[tuple[str, Any]]:
        """What was chosen, in the order in which it is done."""
        given = self.cleaned_data
        owner = given.get("owner", "")
        tags = list(
            dict.fromkeys(tag.strip()[:40] for tag in given.get("tags", "").split(",") if tag.strip())
        )
        within = given.get("within")
        chosen = {
            "team": given["to_team"].pk if given.get("to_team") else None,
            "assign": int(owner) if owner.isdecimal() else owner,
            "tags": tags,
            "priority": int(given["priority"]) if given.get("priority") else None,
            "promise": {"step": given["step"], "minutes": int(within.total_seconds()) // 60}
            if within
            else None,
            "status": given.get("status"),
        }
        return [(code, chosen[code]) for code in actions.ACTIONS if chosen[code]]

    def save(self, commit: bool = True) -> Macro:
        self.instance.actions = self.actions()
        return super().save(commit)
