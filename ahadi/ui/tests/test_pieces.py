from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils import timezone, translation

from ahadi.lib import clock
from ahadi.ui import filters
from ahadi.ui.icons import DIRECTIONAL, icon
from ahadi.ui.specimens import SampleForm
from ahadi.ui.views import Fault

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)


def _icons_named() -> set[str]:
    templates = "\n".join(path.read_text("utf-8") for path in ROOT.glob("*/jinja2/**/*.html"))
    calls = re.findall(r"\bicon\(((?:[^()]|\([^()]*\))*)\)", templates)
    plain = {match for call in calls for match in re.findall(r'^\s*"([a-z0-9-]+)"', call)}
    mapped = {match for call in calls for match in re.findall(r':\s*"([a-z0-9-]+)"', call)}
    return plain | mapped


def test_every_icon_that_a_template_names_exists():
    missing = []
    for name in sorted(_icons_named() | DIRECTIONAL):
        try:
            icon(name)
        except KeyError:
            missing.append(name)

    assert missing == []


def test_an_icon_is_hidden_from_screen_readers_and_turns_only_when_it_points():
    assert 'aria-hidden="true"' in icon("check")
    assert "flip" not in icon("check")
    assert "flip" in icon("send")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", 'Wednesday <span class="nowrap">2 December, 11:00</span>'),
        ("fa", 'چهارشنبه <span class="nowrap">۱۱ آذر، ساعت ۱۱:۰۰</span>'),
    ],
)
def test_a_date_breaks_only_between_weekday_and_day(language: str, expected: str):
    with translation.override(language), timezone.override("UTC"), clock.at(NOW):
        assert filters.when(DUE) == expected


def test_a_moment_is_told_in_the_zone_of_the_reader():
    with translation.override("en"), timezone.override("Asia/Tehran"), clock.at(NOW):
        assert filters.clock_time(DUE) == "14:30"


def test_a_due_time_near_by_is_named_by_its_day():
    with translation.override("en"), timezone.override("UTC"), clock.at(NOW):
        assert filters.short_due(NOW.replace(hour=14)) == "today 14:00"
        assert filters.short_due(NOW.replace(day=27)) == "tomorrow 09:00"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Grace Wanjiru", "GW"),
        ("Grace", "G"),
        ("مریم احمدی", "م"),
        ("נועה לוי", "נ"),
        ("<b>", "?"),
        ("", "?"),
    ],
)
def test_initials_stand_for_a_face(name: str, letters: str):
    assert filters.initials(name) == letters


def test_a_code_keeps_its_direction_and_hostile_text_its_harmlessness():
    assert filters.code("K7QF-9T2M-XR4D") == '<bdi dir="ltr" class="code">K7QF-9T2M-XR4D</bdi>'
    assert "<script>" not in filters.code("<script>")


def test_components_write_hostile_names_harmlessly(rf):
    words = {"name": "<script>alert(1)</script>", "first_name": "<img src=x>", "photo_url": ""}
    source = (
        '{% from "ui/components.html" import promise, button with context %}'
        '{{ promise(due, words, "<b>next</b>") }}{{ button("<i>", href="javascript:1\\"onclick=x") }}'
    )
    page = engines["jinja2"].from_string(source).render({"due": DUE, "words": words}, rf.get("/"))

    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "<b>next" not in page
    assert '"onclick' not in page


def test_no_template_holds_inline_style_or_handlers():
    # Mail programs know inline styles only, and no policy forbids them there.
    for path in ROOT.glob("*/jinja2/**/*.html"):
        text = "" if "mail" in path.parts else path.read_text("utf-8")

        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text), path


def test_every_template_can_be_parsed():
    engine = engines["jinja2"].env
    for path in ROOT.glob("*/jinja2/**/*.html"):
        engine.parse(path.read_text("utf-8"), filename=str(path))


def test_an_error_summary_leads_to_the_field_and_says_that_nothing_is_lost(rf):
    form = SampleForm({"email": "nobody@"})
    source = (
        '{% from "ui/components.html" import error_summary, field with context %}'
        "{{ error_summary(form) }}{{ field(form.email) }}"
    )
    with translation.override("en"):
        page = engines["jinja2"].from_string(source).render({"form": form}, rf.get("/"))

    assert 'href="#id_email"' in page
    assert "What you wrote is still here." in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email-error"' in page
    assert 'value="nobody@"' in page


def test_an_error_page_needs_no_database(rf):
    page = render_to_string("ui/error.html", {"fault": Fault(500, "Oh", "Safe.", "Next.")}, rf.get("/"))

    assert "Safe." in page
