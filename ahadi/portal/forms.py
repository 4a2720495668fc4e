"""What customers fill in: every sentence about a wrong value says how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from ahadi.channels.form.channel import Form as FilledForm
from ahadi.people import identify
from ahadi.people.models import Company
from ahadi.portal import files, sending
from ahadi.portal.repair import guess_mail, isolated
from ahadi.tickets.models import Ticket
from ahadi.ui import filters

LONGEST = 20_000
MEGABYTES = files.LARGEST // (1024 * 1024)
MAIL, PHONE = "email", "phone"
# A request of some thousand entries; more is not a receipt.
MOST_OF_RECEIPT = 2_000_000


def _words(**named: Any) -> forms.CharField:
    return forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}), **named)


def _mail_address(**named: Any) -> forms.CharField:
    # Not an EmailField: what is wrong with an address is said in words of ours, with a guess.
    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    return forms.CharField(label=_("Mail address"), max_length=254, widget=widget, **named)


class SeveralFiles(forms.ClearableFileInput):
    """A file control in which more than one may be chosen."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class FilesField(forms.FileField):
    """As many files as are allowed in one message."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        return [file for file in given if file.size]


class Sent(forms.Form):
    """What every form here carries: its one-time key, a trap for machines, and files that are kept."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    website = forms.CharField(label=_("Leave this empty"), required=False)
    files = FilesField(label=_("Pictures, video or invoice"), required=False)  # type: ignore[assignment]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.kept = files.recall(cast(QueryDict, self.data).getlist("kept")) if self.is_bound else []
        if self.is_bound:
            self.kept += files.keep(self._acceptable())
        if not self.is_bound or not self._is_ours():
            self.initial["key"] = sending.new_key()

    def refuse(self) -> None:
        """Say that there is no room for it now, and that nothing typed is lost."""
        self.is_valid()
        said = __("This could not be stored. What you typed is still here: please send it again later.")
        self.add_error(None, said)

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(__("This field is for machines. Please empty it and send once more."))
        return ""

    def clean_files(self) -> list[UploadedFile[Any]]:
        given: list[UploadedFile[Any]] = self.cleaned_data["files"]
        if self._size(given) > files.LARGEST:
            said = __("These files are larger than %(size)s MB together. Everything else is still here.")
            raise ValidationError(said % {"size": filters.number(MEGABYTES)})
        if len(self.kept) > files.MOST_FILES:
            said = __("Please send no more than %(number)s files at once.")
            raise ValidationError(said % {"number": filters.number(files.MOST_FILES)})
        return given

    def clean(self) -> dict[str, Any] | None:
        if not self._is_ours():
            raise ValidationError(__("This page was open for too long. Please press the button once more."))
        if sending.is_too_fast(self.data["key"]):
            raise ValidationError(
                __("That was faster than anybody writes. Please press the button once more.")
            )
        return super().clean()

    @property
    def one_time_key(self) -> str:
        """The key that the page carries."""
        return str(self.data["key"] if self.is_bound and self._is_ours() else self.initial["key"])

    def _is_ours(self) -> bool:
        try:
            sending.is_too_fast(self.data.get("key", ""))
        except sending.Unsigned:
            return False
        return True

    def _acceptable(self) -> list[UploadedFile[Any]]:
        given = [file for file in self.files_given() if file.size]
        return given if self._size(given) <= files.LARGEST else []

    def files_given(self) -> list[UploadedFile[Any]]:
        """The uploads of this request."""
        return list(cast(MultiValueDict[str, Any], self.files).getlist("files")) if self.files else []

    def _size(self, given: list[UploadedFile[Any]]) -> int:
        return sum(file.size or 0 for file in given)


class AskForm(Sent):
    """A request: what is the matter, and where the answer goes."""

    about = forms.ChoiceField(
        label=_("Is it about something you already wrote to us?"),
        help_text=_("Then it goes to the same place, and you need not tell it again."),
        required=False,
        widget=forms.RadioSelect,
    )
    situation = _words(
        label=_("Situation"),
        help_text=_("Which product or order is it about, and what has happened so far?"),
        required=False,
    )
    problem = _words(
        label=_("Problem"),
        help_text=_("What does not work as it should? Since when?"),
        error_messages={"required": _("Tell us in a sentence or two what is wrong.")},
    )
    wish = _words(
        label=_("Your wish"),
        help_text=_("What would put it right for you?"),
        required=False,
    )
    tried = _words(
        label=_("What you have tried"),
        help_text=_("What you write here, we will not ask you to try again."),
        required=False,
    )
    way = forms.ChoiceField(
        label=_("How do we reach you?"),
        help_text=_("One is enough. We use no other."),
        choices=[(MAIL, _("Mail")), (PHONE, _("Phone"))],
        initial=MAIL,
        widget=forms.RadioSelect,
        required=False,
    )
    email = _mail_address(required=False)
    phone = forms.CharField(
        label=_("Phone number"),
        help_text=_("With the country code, such as +44 20 7946 0182."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    name = forms.CharField(
        label=_("What shall we call you?"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the answer"), choices=settings.LANGUAGES, required=False
    )
    field_order = ["about", "situation", "problem", "wish", "tried", "files", "way", "email", "phone", "name"]

    def __init__(self, *arguments: Any, known: Sequence[Ticket] = (), **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.known = {ticket.number: ticket for ticket in known}
        if not self.known:
            del self.fields["about"]
            return
        about = cast(forms.ChoiceField, self.fields["about"])
        old = [(number, isolated(ticket.subject)) for number, ticket in self.known.items()]
        about.choices = [*old, ("", __("No, it is something new"))]

    @property
    def ticket(self) -> Ticket | None:
        """The request that these words continue; None for a new one."""
        return self.known.get(self.cleaned_data.get("about", ""))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.ticket is not None:
            return cleaned
        # One field is enough, whichever button was left pressed.
        if cleaned.get("email") and not cleaned.get("phone"):
            cleaned["way"] = MAIL
        elif cleaned.get("phone") and not cleaned.get("email"):
            cleaned["way"] = PHONE
        if cleaned.get("way") == PHONE:
            self._check_phone()
        else:
            self._check_mail()
        return cleaned

    @property
    def sure_of(self) -> str:
        """The address that was asked about: sent again unchanged, it is meant."""
        given = str(self.data.get("email", "")).strip() if self.is_bound else ""
        return given if guess_mail(given) else ""

    def fill(self) -> FilledForm:
        """The form as its channel takes it."""
        said = self.cleaned_data
        words = {part: said[part].strip() for part in ("situation", "problem", "wish", "tried")}
        way = {PHONE: said["phone"]} if said["way"] == PHONE else {MAIL: said["email"]}
        return FilledForm(
            **words,
            **way,
            name=said["name"].strip(),
            language=said["language"],
            files=[kept.file for kept in self.kept],
        )

    def _check_mail(self) -> None:
        value = self.cleaned_data.get("email", "").strip()
        if not value:
            return self.add_error("email", __("We need a mail address or a phone number to answer you."))
        guess = guess_mail(value)
        if guess and self.data.get("sure") != value:
            said = __("Did you mean %(address)s? If yours is right as it stands, send once more.")
            return self.add_error("email", said % {"address": isolated(guess)})
        try:
            validate_email(identify.normalise(MAIL, value))
        except (ValidationError, identify.Unreadable):
            self.add_error(
                "email",
                __("A mail address looks like %(example)s.") % {"example": isolated("anna@example.com")},
            )
        return None

    def _check_phone(self) -> None:
        value = self.cleaned_data.get("phone", "").strip()
        if not value:
            return self.add_error("phone", __("We need a mail address or a phone number to answer you."))
        number = _international(value)
        if number is None:
            said = __("This number is not complete. It looks like %(example)s, with the country code.")
            return self.add_error("phone", said % {"example": isolated("+44 20 7946 0182")})
        self.cleaned_data["phone"] = number
        return None


class MessageForm(Sent):
    """More words to a request that is already here."""

    text = _words(
        label=_("Your message"),
        error_messages={"required": _("Write a word or two, then send.")},
    )
    field_order = ["text", "files"]


class FindForm(forms.Form):
    """A tracking code, typed in any way."""

    code = forms.CharField(label=_("Tracking code"), max_length=80)


class AddressForm(forms.Form):
    """The address to which a code is mailed."""

    email = _mail_address(error_messages={"required": _("Type the mail address with which you wrote to us.")})


class CodeForm(forms.Form):
    """The eight digits from the mail."""

    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Type the eight digits from the mail.")},
    )


class KeyForm(forms.Form):
    """A key that was kept, or the eight digits that an agent read out."""

    key = forms.CharField(
        label=_("Key, or code from the phone"),
        help_text=_("The key from our confirmation, or the eight digits that we told you on the phone."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the key or the code.")},
    )


def _international(value: str) -> str | None:
    # Numbers without a country code are read as those of the company's own country.
    try:
        ours = phonenumbers.parse(Company.current().phone, None)
        region = phonenumbers.region_code_for_number(ours)
    except phonenumbers.NumberParseException:
        region = None
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class ReceiptForm(forms.Form):
    """A receipt to be checked, and the keys that may have signed it."""

    receipt = forms.FileField(
        label=_("Receipt"),
        help_text=_("The file whose name ends in .tlog-proof."),
        error_messages={"required": _("Choose the file of the receipt.")},
    )
    keys = forms.CharField(
        label=_("Key of the ledger"),
        help_text=_("For a receipt of another company, put its published key here."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "ltr", "spellcheck": "false"}),
        max_length=4_000,
        error_messages={"required": _("Put the published key of the ledger here.")},
    )

    def clean_receipt(self) -> str:
        """The text of the file."""
        try:
            given: bytes = self.cleaned_data["receipt"].read(MOST_OF_RECEIPT + 1)
            if len(given) <= MOST_OF_RECEIPT:
                return given.decode()
        except UnicodeDecodeError:
            pass
        raise ValidationError(_("This cannot be read as a receipt, or the key is not a whole key."))
