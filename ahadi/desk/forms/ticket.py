"""What agents type about a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ahadi.automation import placeholders
from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.tickets.models import Tag, Ticket
from ahadi.tickets.said import File

LOCAL = "%Y-%m-%dT%H:%M"
LARGEST_FILES = 20 * 1024 * 1024
LONGEST = 100_000


class MomentField(forms.DateTimeField):
    """A moment on the agent's clock that lies ahead."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        messages = {
            "invalid": _("Write day and time, such as 2026-12-02 14:30."),
            "required": _("Say by when."),
        }
        formats = [LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(widget=widget, input_formats=formats, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        if moment is not None and moment <= clock.now():
            raise ValidationError(_("This time has passed; choose one that lies ahead."))
        return moment


class FilesField(forms.FileField):
    """Several files at once; none is fine."""

    class Several(forms.ClearableFileInput):
        allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(required=False, label=_("Files"), widget=self.Several())

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if sum(file.size for file in files) > LARGEST_FILES:
            raise ValidationError(_("Together the files are larger than 20 MB; send fewer of them."))
        return [
            File(file.name, file.content_type or "application/octet-stream", file.read()) for file in files
        ]


class LeavingForm(forms.Form):
    """When an answer should leave: before the news that was promised is due."""

    leaves = MomentField(label=_("Leaves"))

    # When the customer expects to hear from us; set by whoever shows the form.
    promised: datetime | None = None

    def clean_leaves(self) -> datetime | None:
        leaves: datetime | None = self.cleaned_data["leaves"]
        if leaves and self.promised and clock.now() < self.promised < leaves:
            said = _(
                "The customer was promised to hear from you before: send it earlier or move the promise."
            )
            raise ValidationError(said)
        return leaves


class NoteForm(forms.Form):
    """Words for colleagues."""

    text = forms.CharField(
        label=_("Text"), max_length=LONGEST, error_messages={"required": _("Write something first.")}
    )
    files = FilesField()  # type: ignore[assignment]


class ReplyForm(NoteForm, LeavingForm):
    """An answer, what comes next and by when; `seq` is the newest entry its writer had seen, if known.

    `later` is the button that sends at the time in `leaves`; `draft` is the answer that is being written
    anew, of whose files those in `kept` go along.
    """

    THEN = (("open", _("Keep open")), ("wait", _("Wait for customer")), ("solve", _("Solve")))

    step = forms.CharField(label=_("Next promise"), max_length=250, required=False)
    due = MomentField(label=_("Due"), required=False)
    then = forms.ChoiceField(choices=THEN, required=False)
    seq = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    later = forms.BooleanField(required=False)
    leaves = MomentField(label=_("Leaves"), required=False)
    # The colleagues' answers about to leave that stood on the page, or nothing where that is not known.
    beside = forms.CharField(max_length=2_000, required=False)
    draft = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    def clean_text(self) -> str:
        """The customer never reads an empty placeholder."""
        text = str(self.cleaned_data["text"])
        if empty := placeholders.unresolved(text):
            said = _("Fill in or delete the empty placeholders before you send: %(names)s")
            raise ValidationError(said, params={"names": " ".join(empty)})
        return text

    def clean_beside(self) -> set[int] | None:
        if "beside" not in self.data:
            return None
        words = str(self.cleaned_data["beside"]).split()
        return {int(word) for word in words if word.isdecimal() and word.isascii() and len(word) < 19}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self._clean_time()
        if self.cleaned_data.get("then") == "solve":
            # What is solved needs no next step, so a time that has passed does not matter.
            self.errors.pop("due", None)
        return given

    def _clean_time(self) -> None:
        given = self.cleaned_data
        if not given.get("later"):
            # The field stands there all the time; only its own button means it.
            self.errors.pop("leaves", None)
            given["leaves"] = None
        elif "leaves" in given and given["leaves"] is None:
            self.add_error("leaves", _("Say when the answer should leave."))
        elif given.get("due") and given.get("leaves") and given["due"] <= given["leaves"]:
            self.add_error("due", _("The next promise must lie after the moment at which the answer leaves."))


class PromiseForm(forms.Form):
    """Another time for the customer, with the reason why."""

    step = forms.CharField(label=_("Next promise"), max_length=250, required=False)
    due = MomentField(label=_("Due"))
    reason = forms.CharField(
        label=_("Reason"), max_length=250, error_messages={"required": _("Say why the promise moves.")}
    )


class AssignmentForm(forms.Form):
    """Who owns the next step: `agent:7`, `team:2` or nobody in person."""

    owner = forms.RegexField(r"^(agent|team):[0-9]{1,9}$|^nobody$", label=_("Owner"))
    sentence = forms.CharField(label=_("What the next one has to know"), max_length=250, required=False)

    def clean_owner(self) -> Agent | Team | None:
        kind, _colon, key = str(self.cleaned_data["owner"]).partition(":")
        if kind == "nobody":
            return None
        found: Agent | Team | None
        if kind == "agent":
            found = Agent.objects.filter(pk=key, is_active=True).first()
        else:
            found = Team.objects.filter(pk=key).first()
        if found is None:
            raise ValidationError(_("This person or team does not answer here any more; choose another."))
        return found


class TagsForm(forms.Form):
    """Tags with commas between them; new ones are made."""

    tags = forms.CharField(label=_("Tags"), required=False, max_length=400)

    def clean_tags(self) -> list[str]:
        words = self.cleaned_data["tags"].replace("،", ",").split(",")
        names = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
        if long := [name for name in names if len(name) > 40]:
            raise ValidationError(
                ngettext("This tag is too long: %(tags)s", "These tags are too long: %(tags)s", len(long)),
                params={"tags": ", ".join(long)},
            )
        return names

    def save(self) -> list[Tag]:
        """The tags, made where they are new."""
        return [Tag.objects.get_or_create(name=name)[0] for name in self.cleaned_data["tags"]]


class PriorityForm(forms.Form):
    """How urgent it is."""

    priority = forms.TypedChoiceField(label=_("Priority"), choices=Ticket.Priority.choices, coerce=int)


class SubjectForm(forms.Form):
    """A better subject."""

    subject = forms.CharField(
        label=_("Subject"), max_length=250, error_messages={"required": _("A ticket needs a subject.")}
    )


class SolutionForm(forms.Form):
    """Solve, open again, or wait for the customer."""

    status = forms.ChoiceField(choices=Ticket.Status.choices)
