"""The machine burns down: a new one is filled from one file, and all that was said is there and proven."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ahadi.lib.environment import ROOT
from ahadi.testing import machine
from ahadi.testing.postgresql import Server

PASSWORD = "correct horse battery staple"


class Place:
    """One installation, used through its command line."""

    def __init__(self, data: Path, database: str = "") -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AHADI_")}
        self.data = data
        self.surroundings = {**kept, "AHADI_DATA": str(data)}
        if database:
            self.surroundings["AHADI_DATABASE"] = database

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ahadi", *words]
        return subprocess.run(
            command, env=self.surroundings, cwd=ROOT, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def burnt(tmp_path_factory) -> Place:
    """An installation with a demo company, on SQLite."""
    place = Place(tmp_path_factory.mktemp("burnt"))
    assert place.run("setup").returncode == 0
    assert place.run("demo").returncode == 0
    return place


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A database of its own on a PostgreSQL of its own."""
    if machine.find_postgresql() is None:
        pytest.skip("PostgreSQL is not installed here.")
    server = Server()
    try:
        address = server.start()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE DATABASE restored")
        yield address.replace("/postgres?", "/restored?")
    finally:
        server.stop()


def test_a_new_machine_has_everything_and_the_audit_holds(burnt, tmp_path):
    file = tmp_path / "everything.ahadi"
    assert burnt.run("backup", str(file)).returncode == 0

    new = Place(tmp_path / "new")
    restored = new.run("restore", str(file))

    assert restored.returncode == 0, restored.stderr
    assert "Everything holds." in restored.stdout
    assert file.stat().st_mode & 0o077 == 0
    # Written again, it holds the same rows.
    again = tmp_path / "again.ahadi"
    assert new.run("backup", str(again)).returncode == 0
    assert _hashes(file) == _hashes(again)


def test_a_company_that_grows_moves_to_postgresql_by_the_same_file(burnt, postgresql, tmp_path):
    file = tmp_path / "everything.ahadi"
    assert burnt.run("backup", str(file)).returncode == 0

    grown = Place(tmp_path / "grown", postgresql)
    restored = grown.run("restore", str(file))

    assert restored.returncode == 0, restored.stdout + restored.stderr
    again = tmp_path / "again.ahadi"
    assert grown.run("backup", str(again)).returncode == 0
    assert _hashes(file) == _hashes(again)


def test_without_its_password_an_encrypted_back_up_says_nothing(burnt, tmp_path):
    file, right, wrong = tmp_path / "closed.ahadi", tmp_path / "right", tmp_path / "wrong"
    right.write_text(PASSWORD)
    wrong.write_text(PASSWORD[::-1])
    assert burnt.run("backup", str(file), "--password-file", str(right)).returncode == 0

    assert b"Marlo" not in file.read_bytes()
    new = Place(tmp_path / "new")
    for words in ([], ["--password-file", str(wrong)]):
        refused = new.run("restore", str(file), *words)
        assert refused.returncode == 1
        assert "password" in refused.stderr
    assert new.run("restore", str(file), "--password-file", str(right)).returncode == 0


def test_a_drill_proves_a_back_up_and_is_remembered(burnt, tmp_path):
    file, other = tmp_path / "everything.ahadi", tmp_path / "cut.ahadi"
    assert burnt.run("backup", str(file)).returncode == 0
    other.write_bytes(file.read_bytes()[:-100])

    assert burnt.run("restore", "--drill", str(other)).returncode == 1
    assert _verified(burnt, file) is None
    done = burnt.run("restore", "--drill", str(file))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything holds." in done.stdout
    assert _verified(burnt, file) is not None


def _verified(place: Place, file: Path) -> str | None:
    with sqlite3.connect(place.data / "ahadi.sqlite3") as connection:
        asked = "SELECT verified FROM ledger_backup WHERE name = ?"
        return connection.execute(asked, [str(file.resolve())]).fetchone()[0]


@pytest.mark.parametrize("hurt", ["cut", "changed", "other"])
def test_a_hurt_file_is_refused_with_a_sentence(burnt, tmp_path, hurt):
    file, password = tmp_path / "hurt.ahadi", tmp_path / "password"
    password.write_text(PASSWORD)
    assert burnt.run("backup", str(file), "--password-file", str(password)).returncode == 0
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(
        {
            "cut": content[:-40],
            "changed": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "other": b"no back-up at all",
        }[hurt]
    )

    refused = Place(tmp_path / "new").run("restore", str(file), "--password-file", str(password))

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("ahadi: ")


def test_a_place_with_tickets_is_not_filled_and_a_file_is_not_replaced(burnt, tmp_path):
    file = tmp_path / "everything.ahadi"
    assert burnt.run("backup", str(file)).returncode == 0

    assert "tickets here already" in burnt.run("restore", str(file)).stderr
    assert "exists already" in burnt.run("backup", str(file)).stderr


def _hashes(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        found: dict[str, str] = json.loads(archive.read("manifest.json"))["sha256"]
    return found
