"""What the tests need from the machine: Chromium, PostgreSQL, test material; found, or installed by apt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ahadi.lib.environment import ROOT

# The same engine without the windows of a desktop costs a quarter of the processor time.
SHELL = "chromium-headless-shell"
CHROMIUMS = (
    SHELL,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
POSTGRESQLS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


def find_chromium() -> str | None:
    """The path of a Chromium, or None."""
    names = [os.environ["AHADI_CHROMIUM"]] if os.environ.get("AHADI_CHROMIUM") else CHROMIUMS
    return next((path for name in names if (path := shutil.which(name))), None)


def find_postgresql() -> Path | None:
    """The folder with the programs of the newest PostgreSQL, or None."""
    folders = [
        folder
        for pattern in POSTGRESQLS
        for folder in Path("/").glob(pattern.removeprefix("/"))
        if (folder / "initdb").exists()
    ]
    if folders:
        return max(folders, key=lambda folder: _version(folder))
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


def find_material() -> Path:
    """The folder with real material that is no part of the project."""
    return Path(os.environ.get("AHADI_SHARED") or ROOT.parent / "shared")


def install_missing() -> None:
    """Install the Debian packages of what is missing, where that is possible without asking."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    has_shell = os.environ.get("AHADI_CHROMIUM") or shutil.which(SHELL)
    # Not every distribution has the small one.
    if not has_shell and not _install(SHELL) and not find_chromium():
        _install("chromium")
    if not find_postgresql():
        _install("postgresql")


def _install(package: str) -> bool:
    print(f"Installing {package}.", flush=True)
    # The message "debconf" stays silent, and no server of a package is started on the machine.
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    waiting = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
        run = subprocess.run(
            [*waiting, *words], env=surroundings, capture_output=True, text=True, check=False
        )
        if run.returncode:
            print(f"apt-get {words[0]}: {run.stderr.strip()[-500:]}", file=sys.stderr, flush=True)
    return not run.returncode


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(character if character.isdigit() else " " for character in str(folder))
    return tuple(int(number) for number in digits.split())
