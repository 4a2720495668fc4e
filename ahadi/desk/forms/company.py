"""What the company is called, speaks and promises."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from ahadi.desk.forms.base import ModelForm
from ahadi.desk.forms.fields import PhoneField, TargetField, TimeZoneField, WorkingTimeField
from ahadi.people.models import Company


class CompanyForm(ModelForm[Company]):
    """The one company."""

    time_zone = TimeZoneField(
        help_text=_("Where your customers expect you to be; it decides what “today” is.")
    )
    first_answer = WorkingTimeField(
        label=_("First answer within"),
        help_text=_("Hours and minutes of working time. Every new request is promised an answer by then."),
    )
    news_rhythm = TargetField(
        label=_("News at least every"),
        required=False,
        help_text=_("Hours and minutes of working time. Nobody is promised news later than this."),
    )
    phone = PhoneField(
        label=_("Phone"),
        required=False,
        max_length=40,
        help_text=_("Shown to customers on every page."),
    )

    class Meta:
        model = Company
        fields = ("name", "language", "time_zone", "working_hours", "first_answer", "news_rhythm", "phone")
        labels: ClassVar = {
            "name": _("Name"),
            "language": _("Language"),
            "working_hours": _("Working hours"),
        }
        help_texts: ClassVar = {
            "name": _("Customers see it at the top of every page and in every mail."),
            "language": _("For everybody whose language is not known."),
        }

    def clean_news_rhythm(self) -> timedelta:
        """Nothing typed leaves it as it is: there is always a limit."""
        return self.cleaned_data["news_rhythm"] or self.instance.news_rhythm
