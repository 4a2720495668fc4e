"""A PostgreSQL for the length of tests or of a measurement: in a temporary folder, without network."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from ahadi.testing import machine

ALWAYS = {"listen_addresses": "", "max_connections": "200"}
# What tests write need not outlive the machine; what is measured must.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """One server, temporary unless it is given a folder to keep; `start` returns its address for AHADI_DATABASE."""

    def __init__(self, folder: Path | None = None, *, is_durable: bool = False) -> None:
        programs = machine.find_postgresql()
        if programs is None:
            raise FileNotFoundError("PostgreSQL is not installed: no initdb was found.")
        self.programs = programs
        # Short, because the path of a Unix socket holds about a hundred characters.
        self.folder = folder or Path(tempfile.mkdtemp(prefix="ahadi-pg-", dir="/tmp"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.is_kept = folder is not None
        self.settings = ALWAYS if is_durable else ALWAYS | QUICK
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Make the cluster and wait until it answers."""
        if not (self.folder / "data").exists():
            for user in _users():
                os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._run(
                "initdb", "--auth=trust", "--username=ahadi", "--encoding=UTF8", "--locale=C", "--no-sync"
            )
        settings = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings],
            stdout=log,
            stderr=log,
            **_as_user(),
        )
        self._wait()
        return f"postgres://ahadi@/postgres?host={self.folder}"

    def stop(self) -> None:
        """End the server and leave nothing behind but what is kept."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(120 if self.is_kept else 10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self.programs / program, "-D", self.folder / "data", *words],
            check=True,
            stdout=subprocess.DEVNULL,
            **_as_user(),
        )

    def _wait(self) -> None:
        for _attempt in range(200):
            try:
                psycopg.connect(host=str(self.folder), user="ahadi", dbname="postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text())


def _users() -> list[pwd.struct_passwd]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return []
    known = {user.pw_name: user for user in pwd.getpwall()}
    return [known.get("postgres") or known["nobody"]]


def _as_user() -> dict[str, Any]:
    surroundings = {"cwd": "/"}
    for user in _users():
        return {**surroundings, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return surroundings
