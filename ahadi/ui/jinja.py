"""The template engine of all own pages: what every template may call."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jinja2
from django.conf import settings
from django.templatetags.static import static as find_static
from django.urls import reverse
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import get_language_info, gettext, ngettext, npgettext, pgettext
from django_htmx.jinja import htmx_script
from markupsafe import Markup, escape

from ahadi.calendars.wording import wording
from ahadi.channels import restraint, silence
from ahadi.ui import filters
from ahadi.ui.icons import icon
from ahadi.ui.keep_tag import KeepTag

# Stands for the nonce in tags that are written once for all pages.
NONCE = "nonce-of-one-page"


def environment(**options: Any) -> jinja2.Environment:
    """A Jinja2 environment with translation, addresses, icons and dates in the reader's way."""
    engine = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701 - Django turns autoescape on
    engine.add_extension("jinja2.ext.i18n")
    engine.add_extension("jinja2.ext.do")
    engine.add_extension(KeepTag)
    engine.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    engine.globals.update(
        _=say,
        ngettext=say_number,
        url=url,
        static=static,
        scripts=scripts,
        icon=icon,
        htmx_script=htmx_script,
        languages=languages,
        wording=time_words,
        silent_inboxes=silence.addresses,
        paused_since=restraint.paused,
        language=lazy(_language, str)(),
        direction=lazy(_direction, str)(),
    )
    engine.filters.update(filters.ALL)
    return engine


def say(text: str, **values: Any) -> Markup:
    """A text of ours in the reader's language, with the values in their places escaped."""
    return _said(text, _language()) % _in_digits(values) if values else _said_whole(text, _language())


def say_number(one: str, many: str, num: int, **values: Any) -> Markup:
    """The form of a text that goes with a number, and the number in the reader's digits."""
    text = Markup(translation.ngettext(one, many, num))  # noqa: S704 - templates and translations are ours
    return text % _in_digits({"num": num, **values})


@lru_cache(maxsize=8_192)
def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page."""
    return reverse(name, args=args, kwargs=kwargs)


@lru_cache(maxsize=512)
def static(path: str) -> str:
    """The address of a file of ours; its name holds what is in it, so it never changes while this runs."""
    return str(find_static(path))


def scripts(nonce: object, *paths: str) -> Markup:
    """The tags of modules of ours; from one page to the next only the nonce differs."""
    return Markup(_tags(paths).replace(NONCE, escape(str(nonce))))  # noqa: S704 - addresses are ours


@lru_cache(maxsize=64)
def _tags(paths: tuple[str, ...]) -> str:
    return "\n  ".join(
        f'<script type="module" src="{escape(static(path))}" nonce="{NONCE}"></script>' for path in paths
    )


def languages() -> list[tuple[str, str, str]]:
    """Code, own name and direction of every language on offer."""
    return [(code, name, direction_of(code)) for code, name in settings.LANGUAGES]


def time_words() -> str:
    """How this language writes lengths of time, for the script that keeps them fresh."""
    words = wording(_language())
    parts = ("hour", "minute", "and_", "padded", "late", "now")
    return json.dumps({part.rstrip("_"): getattr(words, part) for part in parts}, ensure_ascii=False)


def direction_of(code: str) -> str:
    """ltr or rtl."""
    return "rtl" if get_language_info(code)["bidi"] else "ltr"


# Every page says a hundred texts, and looking one up takes longer than writing it.
@lru_cache(maxsize=8_192)
def _said(text: str, language: str) -> Markup:
    return Markup(translation.gettext(text))  # noqa: S704 - templates and translations are ours


@lru_cache(maxsize=8_192)
def _said_whole(text: str, language: str) -> Markup:
    return _said(text, language) % {}


def _in_digits(values: dict[str, Any]) -> dict[str, Any]:
    return {name: filters.number(value) if type(value) is int else value for name, value in values.items()}


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _direction() -> str:
    return "rtl" if translation.get_language_bidi() else "ltr"
