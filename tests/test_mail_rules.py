"""Every rule of the guide for mail is named in the reference with tests that exist."""

from __future__ import annotations

import re
from functools import cache

import pytest

from ahadi.lib.environment import ROOT
from ahadi.lib.tests.shared import ROOT as MATERIAL

TABLE = (ROOT / "docs/reference/mail-rules.md").read_text()
ROWS = re.findall(r"^\| (E-\d\d) \|.*\| (.*) \|$", TABLE, re.MULTILINE)


@cache
def existing() -> set[str]:
    files = [*(ROOT / "ahadi").rglob("test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    return {name for path in files for name in re.findall(r"def (test_\w+)\(", path.read_text())}


def test_every_rule_that_must_hold_has_its_row():
    guide = MATERIAL.parent / "guide" / "email.md"
    if not guide.exists():
        pytest.skip("The guide is not beside this checkout.")

    asked = set(re.findall(r"\*\*(E-\d\d) MUST\*\*", guide.read_text()))

    assert sorted(asked - {rule for rule, _tests in ROWS}) == []


@pytest.mark.parametrize(("rule", "named"), ROWS, ids=[rule for rule, _tests in ROWS])
def test_a_rule_is_shown_by_tests_that_exist(rule, named):
    names = re.findall(r"`(test_\w+)`", named)

    assert names
    assert [name for name in names if name not in existing()] == []


def test_what_is_told_below_the_table_exists_too():
    names = set(re.findall(r"`(test_\w+)`", TABLE))

    assert sorted(names - existing()) == []
