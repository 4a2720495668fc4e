"""Installations that are made once in a run of the tests and then copied: making one takes many seconds."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from fcntl import LOCK_EX, flock
from pathlib import Path

from ahadi.lib.environment import ROOT, TEST_NAMES

# Where all processes of one run of the tests find what one of them has made.
FOLDER = "TESTS_PREPARED"


def copy(data: Path, *words: str) -> None:
    """Put into a data folder what a command, `ahadi setup` without any, leaves in an empty one, on SQLite."""
    shutil.copytree(_make(words or ("setup",)), data, dirs_exist_ok=True)


def surroundings(data: Path, **given: str) -> dict[str, str]:
    """The environment of a product of its own: nothing of the settings of the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AHADI_") or name in TEST_NAMES
    }
    return {**kept, "AHADI_DATA": str(data), **given}


def _make(words: tuple[str, ...]) -> Path:
    made = _shared() / "-".join(("prepared", *words))
    with made.with_suffix(".lock").open("w") as lock:
        # Whoever comes second waits for the first, in whichever process.
        flock(lock, LOCK_EX)
        if not made.exists():
            beside = made.with_suffix(".new")
            if words != ("setup",):
                copy(beside)
            command = [sys.executable, "-m", "ahadi", *words]
            given = surroundings(beside)
            subprocess.run(command, env=given, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            beside.rename(made)
    return made


def _shared() -> Path:
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="ahadi-prepared-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
    return Path(os.environ[FOLDER])
