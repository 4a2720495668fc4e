"""Gives the tests an installation of their own: settings, a data folder and a database, made and removed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from ahadi.lib.environment import TEST_NAMES
from ahadi.testing import prepared
from ahadi.testing.__main__ import CANNOT_RUN
from ahadi.testing.postgresql import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database` chooses where the tests run."""
    parser.addoption(
        "--database", choices=["sqlite", "postgres"], default="sqlite", help="database of the tests"
    )
    parser.addoption(
        "--again", action="store_true", help="leave out what another database cannot make different"
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
    (Path(os.environ["AHADI_DATA"]) / "static").mkdir()
    return (yield)


# When the others have put the tests of each file in their order.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whatever asks for the browser is a browser test; a second round is for what asks the database."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    if config.getoption("--again"):
        left_out = [item for item in items if not _asks_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _asks_database(item)]
    items.sort(key=_place)


# The longest files begin, so that no core waits for another at the end.
_FIRST = ("tests/browser/", "tests/stories/", "tests/")


def _place(item: pytest.Item) -> int:
    return next((at for at, folder in enumerate(_FIRST) if item.nodeid.startswith(folder)), len(_FIRST))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A story in the browser that fails is played once more, and named: a busy machine keeps no times."""
    if item.get_closest_marker("browser") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if any(report.failed for report in reports):
        why = "\n".join(report.longreprtext[-2000:] for report in reports if report.failed)
        told = f"{item.nodeid} failed once and was played again. It had failed with:\n{why}"
        warnings.warn(pytest.PytestWarning(told), stacklevel=1)
        item._initrequest()  # type: ignore[attr-defined]
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _asks_database(item: pytest.Item) -> bool:
    # The browser tests look at a product of its own, which they start with its own database.
    used = getattr(item, "fixturenames", ())
    asks = item.get_closest_marker("django_db") or "db" in used or "transactional_db" in used
    return bool(asks) and "browser" not in used and item.get_closest_marker("once") is None


@pytest.fixture(autouse=True)
def _nothing_drawn() -> None:
    """No test reads what another one drew."""
    from ahadi.ui import drawn

    drawn.kept.forget()


@pytest.fixture(autouse=True)
def _nothing_read() -> None:
    """No test remembers which tickets somebody opened in another one: their numbers come again."""
    from ahadi.tickets import chores

    chores.forget_readings()


@pytest.fixture(autouse=True)
def _nobody_asked() -> None:
    """Every test begins with all tries left: visitors and tokens of all tests look the same."""
    from ahadi.api import quota as programs
    from ahadi.portal import quota as visitors

    visitors.limiter().storage.reset()
    programs.limiter.cache_clear()


@pytest.fixture(autouse=True)
def _nobody_reads() -> None:
    """No test reads in the language of the last reader of another one."""
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _nothing_signed() -> None:
    """No test remembers what a database that is gone again has signed."""
    from ahadi.ledger import keys

    (Path(os.environ["AHADI_DATA"]) / keys.SEEN).unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what could not run on this machine."""
    if missing := os.environ.get(CANNOT_RUN):
        terminalreporter.section("could not run here")
        for line in missing.splitlines():
            terminalreporter.line(line)


def _make_installation(database: str) -> None:
    for name in [name for name in os.environ if name.startswith("AHADI_") and name not in TEST_NAMES]:
        del os.environ[name]
    folder = tempfile.mkdtemp(prefix="ahadi-test-")
    # At exit rather than at the end of the session, which is not reached when the settings are broken.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["AHADI_DATA"] = os.environ[prepared.FOLDER] = folder
    os.environ["AHADI_SECRET_KEY"] = "only-for-tests-" * 5
    if database == "postgres":
        server = Server()
        atexit.register(server.stop)
        os.environ["AHADI_DATABASE"] = server.start()
