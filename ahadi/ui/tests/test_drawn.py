"""Nothing that was drawn for one is shown to another, and a change shows at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.forms import CharField, Form
from django.utils import timezone, translation
from django.utils.functional import lazystr
from jinja2 import DictLoader
from markupsafe import Markup

from ahadi.lib import clock
from ahadi.people.models import Agent, Team
from ahadi.testing import make
from ahadi.tickets.models import Statement, Ticket
from ahadi.ui import drawn, jinja


class Pages:
    """Templates of a test; `runs` counts how often a body was drawn."""

    def __init__(self, **sources: str) -> None:
        self.environment = jinja.environment(loader=DictLoader(sources), autoescape=True)
        self.environment.globals["run"] = self._run
        self.runs = 0

    def _run(self) -> str:
        self.runs += 1
        return ""

    def draw(self, **values) -> str:
        return self.environment.get_template("page").render(values)


@dataclass
class Bar:
    step: str
    gone: int


def test_the_same_values_are_drawn_once():
    pages = Pages(page='{% keep "day" %}{{ run() }}{{ name }}{% endkeep %}')

    assert [pages.draw(name="Mara"), pages.draw(name="Mara")] == ["Mara", "Mara"]
    assert pages.runs == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Mara", "Ben"),
        ("<b>", Markup("<b>")),
        (["a"], ["b"]),
        ({"a": 1}, {"a": 2}),
        (Bar("Call", 1), Bar("Call", 2)),
        (Team(pk=1, name="One"), Team(pk=1, name="Two")),
        (Agent(pk=1, name="One"), Agent(pk=2, name="One")),
        (
            Ticket(subject="x", assignee=Agent(pk=1, name="One")),
            Ticket(subject="x", assignee=Agent(pk=1, name="Two")),
        ),
        (
            datetime(2026, 12, 2, 10, tzinfo=UTC),
            datetime(2026, 12, 2, 13, 30, tzinfo=ZoneInfo("Asia/Tehran")),
        ),
        (None, "x"),
    ],
)
def test_other_values_are_drawn_anew(first, second):
    pages = Pages(page='{% keep "day" %}{{ thing }}{{ thing.step }}{{ thing.name }}{% endkeep %}')

    pages.draw(thing=first)
    pages.draw(thing=second)

    assert drawn.trace(first) != drawn.trace(second)
    assert pages.draw(thing=second) == Pages(page="{{ thing }}{{ thing.step }}{{ thing.name }}").draw(
        thing=second
    )


def test_only_the_attributes_that_are_used_count():
    pages = Pages(page='{% keep "day" %}{{ run() }}{{ bar.step }}{% endkeep %}')

    pages.draw(bar=Bar("Call", 1))
    pages.draw(bar=Bar("Call", 2))

    assert pages.runs == 1


def test_names_of_what_is_included_count_too():
    pages = Pages(page='{% keep "day" %}{% include "part" %}{% endkeep %}', part="{{ name }}")

    assert [pages.draw(name="Mara"), pages.draw(name="Ben")] == ["Mara", "Ben"]


def test_every_turn_of_a_loop_has_its_own():
    pages = Pages(
        page='{% for name in names %}{% keep "day" %}{{ run() }}{{ name }}'
        "{% for n in more %}{{ loop.index }}{% endfor %}{% endkeep %}{% endfor %}"
    )

    assert pages.draw(names=["a", "b", "a"], more=[0, 0]) == "a12b12a12"
    assert pages.runs == 2


def test_what_asks_the_loop_outside_is_never_kept():
    pages = Pages(page='{% for name in names %}{% keep "day" %}{{ loop.index }}{% endkeep %}{% endfor %}')

    assert pages.draw(names=["a", "a"]) == "12"


def test_each_language_and_zone_has_its_own():
    pages = Pages(page='{% keep "day" %}{{ language }} {{ at|clock_time }}{% endkeep %}')
    at = datetime(2026, 12, 2, 10, tzinfo=UTC)
    seen = []
    for language, zone in (("en", "UTC"), ("en", "Asia/Tehran"), ("he", "UTC"), ("en", "UTC")):
        with translation.override(language), timezone.override(zone):
            seen.append(pages.draw(at=at))

    assert seen == ["en 10:00", "en 13:30", "he 10:00", "en 10:00"]


@pytest.mark.parametrize(
    ("unit", "later", "runs"),
    [
        ("minute", timedelta(seconds=59), 1),
        ("minute", timedelta(seconds=61), 2),
        ("day", timedelta(hours=13), 1),
        ("day", timedelta(hours=14), 2),
    ],
)
def test_what_is_told_in_relation_to_now_grows_old(frozen, unit, later, runs):
    pages = Pages(page=f'{{% keep "{unit}" %}}{{{{ run() }}}}{{% endkeep %}}')
    pages.draw()

    with clock.at(frozen + later):
        pages.draw()

    assert pages.runs == runs


def test_what_nobody_knows_is_drawn_and_not_kept():
    pages = Pages(page='{% keep "day" %}{{ run() }}{{ thing }}{% endkeep %}')

    class Unknown:
        def __str__(self) -> str:
            return "unknown"

    thing = Unknown()

    assert [pages.draw(thing=thing), pages.draw(thing=thing)] == ["unknown", "unknown"]
    assert pages.runs == 2


@pytest.mark.django_db
def test_what_asks_the_database_while_it_is_drawn_is_not_kept():
    agent = make.agent("Mara Lind")
    pages = Pages(page='{% keep "day" %}{{ run() }}{{ names() }}{% endkeep %}')
    pages.environment.globals["names"] = lambda: ", ".join(Agent.objects.values_list("name", flat=True))
    pages.draw()

    agent.name = "Mara Stein"
    agent.save()

    assert "Mara Stein" in pages.draw()


def test_a_relation_may_lead_back():
    ticket = Ticket(subject="x")
    Statement(ticket=ticket, wish="A new one")

    assert drawn.trace(ticket) == drawn.trace(ticket)
    assert "A new one" in str(drawn.trace(ticket))


def test_an_empty_form_is_kept_and_a_filled_one_is_not():
    class Words(Form):
        text = CharField()

    pages = Pages(page='{% keep "day" %}{{ run() }}{{ form.data.get("text", "") }}{% endkeep %}')

    assert [pages.draw(form=Words()) for _ in range(2)] == ["", ""]
    assert pages.runs == 1
    assert [pages.draw(form=Words({"text": text})) for text in "ab"] == ["a", "b"]


def test_lazy_texts_count_as_what_they_say_now():
    pages = Pages(page='{% keep "day" %}{{ text }}{% endkeep %}')

    assert pages.draw(text=lazystr("one")) == "one"
    assert pages.draw(text=lazystr("two")) == "two"


def test_a_macro_that_knows_its_page_is_drawn_for_every_page():
    pages = Pages(
        page='{% from "part" import mine with context %}{% keep "day" %}{{ mine() }}{% endkeep %}',
        part="{% macro mine() %}{{ name }}{% endmacro %}",
    )

    assert [pages.draw(name="Mara"), pages.draw(name="Ben")] == ["Mara", "Ben"]


def test_a_mark_that_changed_draws_anew_in_the_same_place():
    kept = drawn.Drawn()

    assert [kept.keep("rows", mark, lambda mark=mark: f"drawn {mark}") for mark in (1, 1, 2)] == [
        "drawn 1",
        "drawn 1",
        "drawn 2",
    ]
    assert len(kept._pieces) == 1


def test_what_nobody_asked_for_makes_room():
    kept = drawn.Drawn(room=30)
    kept.keep("a", 0, lambda: "x" * 10)
    kept.keep("b", 0, lambda: "x" * 10)
    kept.keep("a", 0, lambda: pytest.fail("It is kept."))

    kept.keep("c", 0, lambda: "x" * 15)

    assert list(kept._pieces) == ["a", "c"]
    assert kept._left == 5
