"""The machine burns down: a new one is filled from one file, and all that was said is there and proven."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core import management
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from ahadi.commands import restore
from ahadi.lib.environment import ROOT
from ahadi.testing import machine, prepared
from ahadi.testing.postgresql import Server

PASSWORD = "correct horse battery staple"


class Place:
    """One installation, used through its command line."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data = data
        self.surroundings = prepared.surroundings(data)
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
    prepared.copy(place.data, "demo")
    return place


@pytest.fixture(scope="module")
def everything(burnt, tmp_path_factory) -> Path:
    """Its back-up."""
    file = tmp_path_factory.mktemp("kept") / "everything.ahadi"
    assert burnt.run("backup", str(file)).returncode == 0
    return file


@pytest.fixture(scope="module")
def closed(burnt, tmp_path_factory) -> tuple[Path, Path]:
    """An encrypted one, and the file with its password."""
    folder = tmp_path_factory.mktemp("closed")
    file, password = folder / "closed.ahadi", folder / "password"
    password.write_text(PASSWORD)
    assert burnt.run("backup", str(file), "--password-file", str(password)).returncode == 0
    return file, password


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A database of its own on a PostgreSQL of its own."""
    if machine.find_postgresql() is None:
        pytest.skip("PostgreSQL is not installed here.")
    server = Server()
    try:
        address = server.start()
        with psycopg.connect(address, autocommit=True) as server_side:
            server_side.execute("CREATE DATABASE restored")
        yield address.replace("/postgres?", "/restored?")
    finally:
        server.stop()


def test_a_new_machine_has_everything_and_the_audit_holds(everything, closed, tmp_path):
    file, password = closed
    assert b"Marlo" not in file.read_bytes()
    new = Place(tmp_path / "new")
    restored = new.run("restore", str(file), "--password-file", str(password))

    assert restored.returncode == 0, restored.stderr
    assert "Everything holds." in restored.stdout
    assert everything.stat().st_mode & 0o077 == 0
    # Written again, it holds the same rows.
    again = tmp_path / "again.ahadi"
    assert new.run("backup", str(again)).returncode == 0
    # The second back-up knows of the first.
    known = _hashes(again) | {"ledger.Backup": _hashes(everything)["ledger.Backup"]}
    assert known == _hashes(everything)


def test_a_company_that_grows_moves_to_postgresql_by_the_same_file(everything, postgresql, tmp_path):
    grown = Place(tmp_path / "grown", postgresql)
    restored = grown.run("restore", str(everything))

    assert restored.returncode == 0, restored.stdout + restored.stderr
    again = tmp_path / "again.ahadi"
    assert grown.run("backup", str(again)).returncode == 0
    assert _hashes(everything) == _hashes(again)


def test_without_its_password_an_encrypted_back_up_says_nothing(closed, tmp_path):
    (file, _right), wrong = closed, tmp_path / "wrong"
    wrong.write_text(PASSWORD[::-1])

    new = Place(tmp_path / "new")
    for words in ([], ["--password-file", str(wrong)]):
        refused = new.run("restore", str(file), *words)
        assert refused.returncode == 1
        assert "password" in refused.stderr


def test_a_drill_proves_a_back_up_and_is_remembered(burnt, everything, tmp_path):
    other = tmp_path / "cut.ahadi"
    other.write_bytes(everything.read_bytes()[:-100])

    assert burnt.run("restore", "--drill", str(other)).returncode == 1
    assert _verified(burnt, everything) is None
    done = burnt.run("restore", "--drill", str(everything))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything holds." in done.stdout
    assert _verified(burnt, everything) is not None


def _verified(place: Place, file: Path) -> str | None:
    with sqlite3.connect(place.data / "ahadi.sqlite3") as database:
        asked = "SELECT verified FROM ledger_backup WHERE name = ?"
        return database.execute(asked, [str(file.resolve())]).fetchone()[0]


@pytest.mark.parametrize("hurt", ["cut", "changed", "other"])
def test_a_hurt_file_is_refused_with_a_sentence(closed, tmp_path, hurt):
    whole, password = closed
    file, content = tmp_path / "hurt.ahadi", whole.read_bytes()
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


def test_a_place_with_tickets_is_not_filled_and_a_file_is_not_replaced(burnt, everything):
    assert "tickets here already" in burnt.run("restore", str(everything)).stderr
    assert "exists already" in burnt.run("backup", str(everything)).stderr


@pytest.mark.django_db
def test_an_older_back_up_finds_the_tables_of_its_time(monkeypatch):
    asked = []
    monkeypatch.setattr(management, "call_command", lambda *words, **_named: asked.append(words))
    now = sorted(MigrationRecorder(connection).applied_migrations())
    before = [one for one in now if one != max(one for one in now if one[0] == "ledger")]

    restore._prepare(before)
    older, asked[:] = list(asked), []
    restore._prepare(now)

    ledger = [words[2] for words in older if words[1] == "ledger"]
    assert ledger == [max(name for app, name in before if app == "ledger")]
    assert len({words[1] for words in older}) == len(older)
    assert asked == [("migrate",)]


def _hashes(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        found: dict[str, str] = json.loads(archive.read("manifest.json"))["sha256"]
    return found
