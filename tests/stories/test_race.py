"""Twelve mails of one sender are read in the same moment, by twelve workers: one confirmation, not twelve."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ahadi.lib.environment import ROOT, TEST_NAMES
from ahadi.testing.postgresql import Server

# A history that refuses to be deleted cannot be rolled back behind threads: they get a database of their own.
RACE = """
import threading
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from ahadi.channels.models import Delivery, Withheld
from ahadi.testing import make

call_command("migrate", verbosity=0)
make.company()
make.inbox()
anna, start = make.address("anna@post.example"), threading.Barrier(12)

def write(number):
    start.wait()
    make.ticket(by=anna, subject=f"Matter {number}")
    connections.close_all()

writers = [threading.Thread(target=write, args=(number,)) for number in range(12)]
for writer in writers:
    writer.start()
for writer in writers:
    writer.join()
print(Delivery.objects.filter(automatic=True).count(), Withheld.objects.count())
"""


def test_workers_that_decide_at_the_same_time_confirm_once(tmp_path, request):
    if request.config.getoption("--database") != "postgres":
        pytest.skip("SQLite has one writer at a time")
    server = Server()
    surroundings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AHADI_") or name in TEST_NAMES
    }
    surroundings |= {"AHADI_DATABASE": server.start(), "AHADI_DATA": str(tmp_path)}
    surroundings |= {"DJANGO_SETTINGS_MODULE": "ahadi.settings", "AHADI_SECRET_KEY": "only-for-tests-" * 5}
    try:
        said = subprocess.run(
            [sys.executable, "-c", RACE],
            env=surroundings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.stop()

    assert said.stdout.split() == ["1", "11"], said.stderr
