"""Ranges that hold as often as they say, whatever the history looks like."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ahadi.reports.curve import Curve, Span
from ahadi.reports.forecasts import FEWEST, Case, Forecaster, replay
from bench import eta

HOUR = 3600


def history(form, many=2500, seed=7):
    """Cases of three kinds, one after the other."""
    chance, at, cases = random.Random(seed), 0.0, []
    for number in range(many):
        at += chance.expovariate(1 / 1500)
        kind = chance.choice("abc")
        scale = {"a": 2, "b": 10, "c": 40}[kind] * HOUR
        lasted = form(chance, scale, number / many)
        cases.append(Case(at, None if chance.random() < 0.03 else at + lasted, (kind,)))
    return cases


HISTORIES = {
    "skewed": lambda chance, scale, _place: scale * chance.lognormvariate(0, 1.2),
    "growing": lambda chance, scale, place: scale * (1 + 2 * place) * chance.lognormvariate(0, 1),
    "shrinking": lambda chance, scale, place: scale * (3 - 2.7 * place) * chance.lognormvariate(0, 1),
    "jumping": lambda chance, scale, place: scale * (4 if place > 0.5 else 1) * chance.lognormvariate(0, 1),
    "heavy": lambda chance, scale, _place: scale * chance.paretovariate(0.9),
    "even": lambda chance, scale, _place: scale * 2 * chance.random(),
    "whole days": lambda chance, scale, _place: round(scale * chance.expovariate(1) / 86_400) * 86_400,
}


@pytest.mark.parametrize("name", HISTORIES)
def test_a_stated_range_holds_eight_times_of_ten(name):
    cases = history(HISTORIES[name])

    said = eta.measure(cases)

    assert 0.78 <= said["coverage"] <= 0.82
    assert said["n"] > 2400


def test_a_range_is_narrower_than_the_middle_eight_tenths_of_the_last_five_hundred():
    said = eta.measure(history(HISTORIES["skewed"], many=1500))

    assert said["n_beside"] > 1300
    assert said["median_width_hours_beside"] < said["last_500_median_width_hours"]
    assert said["last_500_coverage"] < said["coverage_beside"]


def test_a_statement_knows_nothing_of_what_comes_later():
    cases = history(HISTORIES["skewed"], many=400)
    until = cases[-1].opened
    cut = [case._replace(ended=case.ended if case.ended and case.ended <= until else None) for case in cases]

    whole = [said for _case, said in replay(cases)]
    known = [said for _case, said in replay(cut)]

    assert whole == known


def test_with_fewer_than_twenty_ended_cases_nothing_is_said():
    forecaster = Forecaster()
    for number in range(FEWEST - 1):
        forecaster.add(Case(number, number + 60.0, ("a",)))

    before = forecaster.usual(("a",), 1000.0)
    forecaster.add(Case(FEWEST, FEWEST + 60.0, ("a",)))

    assert before is None
    assert forecaster.usual(("a",), 1000.0).cases == FEWEST


def test_a_narrow_kind_with_few_cases_speaks_with_the_voice_of_the_broad_one():
    forecaster = Forecaster()
    for number in range(30):
        forecaster.add(Case(number, number + 60.0, ("a", "x" if number % 10 else "y")))

    said = forecaster.usual(("a", "y"), 1000.0)

    assert (said.kind, said.cases) == (("a",), 30)


def test_open_cases_lengthen_what_is_said():
    ended = [Span(seconds, True) for seconds in range(60, 660, 10)]
    still_open = [Span(600.0, False) for _number in range(60)]

    assert Curve(ended + still_open).seconds(0.5) > Curve(ended).seconds(0.5)


def test_a_curve_without_an_end_says_nothing_and_breaks_nothing():
    nothing, at_once = Curve([]), Curve([Span(0.0, True)] * 30)

    assert nothing.share(100.0) == 0.0
    assert at_once.seconds(0.5) == 0.0


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S+00:00"],
)
def test_a_table_is_read_in_the_times_it_uses(tmp_path, capsys, form):
    from datetime import datetime, timedelta

    begun = datetime(2026, 1, 13, 9)  # noqa: DTZ001
    lines = [
        f"{begun + timedelta(hours=at):{form}},{begun + timedelta(hours=at + 5):{form}},a" for at in range(60)
    ]
    table = Path(tmp_path, "cases.csv")
    table.write_text("\n".join(["opened,closed,kind", *lines, f"{begun:{form}},?,a"]))

    code = eta.main([str(table), "--opened", "opened", "--resolved", "closed", "--kind", "kind"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["n"] > 30


def test_a_table_without_the_column_is_told_in_one_line(tmp_path, capsys):
    table = Path(tmp_path, "cases.csv")
    table.write_text("opened,closed\n")

    code = eta.main([str(table), "--opened", "opened", "--resolved", "done", "--kind", "opened"])

    assert code == 2
    assert "has no column done" in capsys.readouterr().err
