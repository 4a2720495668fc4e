"""What the components page shows: each component with data of three languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from markupsafe import Markup

from ahadi.lib import clock


class Scene(NamedTuple):
    """One language in one colour scheme, drawn."""

    language: str
    direction: str
    scheme: str
    portal: Markup
    desk: Markup


@dataclass(frozen=True)
class Somebody:
    """A person as the components see one."""

    name: str
    photo_url: str = ""

    @property
    def first_name(self) -> str:
        """The name customers see."""
        return self.name.split()[0]


@dataclass(frozen=True)
class Words:
    """Sample texts of one language."""

    agent: Somebody
    customer: str
    subject: str
    step: str
    text: str
    reply: str
    note: str
    statement: dict[str, str] = field(default_factory=dict)


WORDS = {
    "en": Words(
        Somebody("Grace Wanjiru"),
        "Ioana Munteanu",
        "The kettle arrived without its lid",
        "Ask the store room and write to Ioana",
        "The kettle came today, but the lid is missing. Order 20418. I need it on Friday.",
        "Thank you, Ioana. I am asking the store room now and you hear from me by 14:30.",
        "The store room has two lids left.",
        {
            "situation": "Kettle of order 20418, arrived today.",
            "problem": "There was no lid in the box.",
            "wish": "The lid by Friday.",
            "tried": "Looked through all of the packing.",
        },
    ),
    "fa": Words(
        Somebody("مریم احمدی"),
        "پریسا کریمی",
        "کتری بدون در رسید",
        "پرس‌وجو از انبار و خبر دادن به پریسا",
        "کتری امروز رسید، ولی در ندارد. سفارش 20418. تا جمعه لازمش دارم.",
        "ممنون پریسا خانم. همین حالا از انبار می‌پرسم و تا ساعت ۱۴:۳۰ خبر می‌دهم.",
        "در انبار فقط دو در باقی مانده است.",
        {
            "situation": "کتری سفارش 20418 که امروز رسیده است.",
            "problem": "در کتری داخل جعبه نبود.",
            "wish": "رسیدن در تا جمعه.",
            "tried": "همهٔ بسته‌بندی را گشته‌ام.",
        },
    ),
    "he": Words(
        Somebody("נועה לוי"),
        "דניאל כהן",
        "הקומקום הגיע בלי מכסה",
        "לברר במחסן ולכתוב לדניאל",
        "הקומקום הגיע היום, אבל המכסה חסר. הזמנה 20418. אני צריך אותו ביום שישי.",
        "תודה, דניאל. אני מבררת עכשיו במחסן, ואעדכן אותך עד 14:30.",
        "נשארו במחסן שני מכסים.",
        {
            "situation": "קומקום מהזמנה 20418, הגיע היום.",
            "problem": "לא היה מכסה בקופסה.",
            "wish": "המכסה עד יום שישי.",
            "tried": "חיפשתי בכל האריזה.",
        },
    ),
}


class SampleForm(forms.Form):
    """A field of every kind."""

    situation = forms.CharField(
        label="Situation", widget=forms.Textarea(attrs={"rows": 2}), help_text="What happened so far?"
    )
    email = forms.EmailField(label="E-mail")
    name = forms.CharField(label="Name", required=False)
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("fa", "فارسی")])
    way = forms.ChoiceField(
        label="Way", choices=[("mail", "E-mail"), ("call", "Phone")], widget=forms.RadioSelect
    )
    copies = forms.BooleanField(label="Send me a copy", required=False)


def scenes(request: HttpRequest) -> list[Scene]:
    """English, Persian and Hebrew, each light and dark."""
    return [_scene(request, language, scheme) for language in WORDS for scheme in ("light", "dark")]


def _scene(request: HttpRequest, language: str, scheme: str) -> Scene:
    given = {"situation": WORDS[language].text, "email": "ioana@example", "way": "mail", "language": "en"}
    prefix = f"{language}-{scheme}"
    form = SampleForm({f"{prefix}-{name}": value for name, value in given.items()}, prefix=prefix)
    now = clock.now()
    context = {
        "words": WORDS[language],
        "form": form,
        "soon": now + timedelta(minutes=72),
        "later": now + timedelta(days=4, hours=3),
        "late": now - timedelta(minutes=22),
        "before": now - timedelta(hours=5),
    }
    with translation.override(language):
        return Scene(
            language,
            "rtl" if translation.get_language_bidi() else "ltr",
            scheme,
            Markup(render_to_string("ui/_portal_specimens.html", context, request)),  # noqa: S704 - our own template
            Markup(render_to_string("ui/_desk_specimens.html", context, request)),  # noqa: S704
        )
