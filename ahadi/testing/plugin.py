"""Gives the tests an installation of their own: settings, a data folder and a database, made and removed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ahadi.lib.environment import TEST_NAMES
from ahadi.testing.__main__ import CANNOT_RUN
from ahadi.testing.postgresql import Server

_given: dict[str, Any] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database` chooses where the tests run."""
    parser.addoption(
        "--database", choices=["sqlite", "postgres"], default="sqlite", help="database of the tests"
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Set the settings before Django reads them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        folder = Path(os.environ["AHADI_DATA"]) / worker
        folder.mkdir()
        os.environ["AHADI_DATA"] = str(folder)
    else:
        _make_installation(early_config.known_args_namespace.database)
    return (yield)


def pytest_unconfigure() -> None:
    """Remove what was made."""
    if server := _given.pop("server", None):
        server.stop()
    if folder := _given.pop("folder", None):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what could not run on this machine."""
    if missing := os.environ.get(CANNOT_RUN):
        terminalreporter.section("could not run here")
        for line in missing.splitlines():
            terminalreporter.line(line)


def _make_installation(database: str) -> None:
    for name in [name for name in os.environ if name.startswith("AHADI_") and name not in TEST_NAMES]:
        del os.environ[name]
    _given["folder"] = tempfile.mkdtemp(prefix="ahadi-test-")
    os.environ["AHADI_DATA"] = _given["folder"]
    os.environ["AHADI_SECRET_KEY"] = "only-for-tests-" * 5
    if database == "postgres":
        _given["server"] = Server()
        os.environ["AHADI_DATABASE"] = _given["server"].start()
