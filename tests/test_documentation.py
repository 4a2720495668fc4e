"""The documents say what the code does."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from ahadi.lib.environment import ROOT, SETTINGS, TEST_NAMES

DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path.name != "CHANGELOG.md"
)


def test_the_reference_lists_every_setting_with_its_default_and_purpose():
    lines = (ROOT / "docs/reference/settings.md").read_text().splitlines()

    for name, setting in SETTINGS.items():
        default = f"`{setting.default}`" if setting.default else "empty"
        assert f"| `{name}` | {default} | {setting.purpose} |" in lines
    for name, purpose in TEST_NAMES.items():
        assert f"| `{name}` | {purpose} |" in lines


def test_the_reference_names_no_setting_that_does_not_exist():
    text = (ROOT / "docs/reference/settings.md").read_text()

    assert set(re.findall(r"`(AHADI_[A-Z_]+)`", text)) <= SETTINGS.keys() | TEST_NAMES.keys()


def test_the_architecture_names_every_app():
    text = (ROOT / "ARCHITECTURE.md").read_text()

    apps = [app.removeprefix("ahadi.") for app in settings.INSTALLED_APPS if app.startswith("ahadi.")]
    folders = [path.parent.name for path in (ROOT / "ahadi").glob("*/__init__.py")]
    assert [name for name in [*apps, *folders] if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)

    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_the_version_of_the_changelog_is_readable():
    text = (ROOT / "CHANGELOG.md").read_text()

    assert re.search(r"(?m)^## \d+\.\d+\.\d+$", text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_that_a_document_names_is_there(path):
    named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", path.read_text())

    tests = [(file, name) for file, name in named if "/test_" in file]
    missing = [
        (file, name)
        for file, name in tests
        if not (ROOT / file).exists() or f"def {name}" not in (ROOT / file).read_text()
    ]
    assert missing == []
