"""Runs every test, those that ask the database on every one that is here, and names what cannot run."""

from __future__ import annotations

import os
import subprocess
import sys

from ahadi.commands.setup import compile_messages
from ahadi.commands.web import cores
from ahadi.testing import machine

CANNOT_RUN = "TESTS_THAT_CANNOT_RUN"
# What a file has built up stands once, in the worker that plays it.
TOGETHER = ["--dist", "loadfile", "--no-loadscope-reorder", "-rfEs"]


def main(words: list[str]) -> int:
    """Run pytest once per database; the arguments are pytest's own."""
    machine.install_missing()
    # Before any worker begins: whoever reads a catalogue too early keeps the English texts.
    compile_messages()
    databases = ["sqlite"] + (["postgres"] if machine.find_postgresql() else [])
    missing = list(_missing())
    results = []
    for database in databases:
        print(f"\n── tests on {database} ──", flush=True)
        command = [sys.executable, "-m", "pytest", f"--database={database}", *TOGETHER]
        # Stories in the browser wait for much; the second round, without them, only calculates.
        workers = cores() + 1
        if database != databases[0]:
            command += ["--again"]
            workers -= 1
        command += ["-n", str(workers), *words]
        surroundings = {**os.environ, CANNOT_RUN: "\n".join(missing)}
        results.append(subprocess.run(command, env=surroundings, check=False).returncode)
    return max(results)


def _missing() -> list[str]:
    missing = []
    if not machine.find_chromium():
        missing.append("The browser tests: no Chromium here; install it or point AHADI_CHROMIUM to one.")
    if not machine.find_postgresql():
        missing.append("Every test on PostgreSQL: no initdb here; install PostgreSQL.")
    if not machine.find_material().is_dir():
        missing.append(f"The tests on real material: no folder {machine.find_material()}; see AHADI_SHARED.")
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
