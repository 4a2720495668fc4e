"""The whole product starts with one command, serves, and ends when told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from ahadi.lib.environment import ROOT
from ahadi.testing import prepared

# Three seconds on an idle machine; what is held up by an open connection would never end.
PATIENCE = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def surroundings(data, **given):
    return prepared.surroundings(data, **{"AHADI_SMTP_IN": f"127.0.0.1:{free_port()}", **given})


@contextmanager
def running(data, **given) -> Iterator[tuple[subprocess.Popen, str]]:
    """The product in a process of its own, with what it said until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ahadi", "up"],
        env=surroundings(data, **given),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        yield process, "".join(said)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def read(port: int, path: str) -> bytes:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        return answer.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_serves_and_ends(tmp_path, number):
    port = free_port()
    prepared.copy(tmp_path)

    with running(tmp_path, AHADI_PORT=str(port)) as (process, said):
        health = read(port, "/healthz")
        full = read(port, "/healthz?full")
        process.send_signal(number)
        status = process.wait(PATIENCE)

    assert f"http://localhost:{port}" in said
    assert health == b"ok"
    assert b'"failing": []' in full
    assert status == 0


def test_the_link_of_the_administrator_is_printed_on_the_first_run_only(tmp_path):
    port = str(free_port())

    with running(tmp_path, AHADI_PORT=port) as (_process, first):
        pass
    with running(tmp_path, AHADI_PORT=port) as (_process, second):
        pass

    link = re.search(rf"http://localhost:{port}(/accounts/link/\S+)", first)
    assert link is not None
    assert "/accounts/link/" not in second


def test_an_open_answer_does_not_hold_up_the_end(tmp_path):
    port = free_port()
    prepared.copy(tmp_path)

    with running(tmp_path, AHADI_PORT=str(port)) as (process, _said), socket.socket() as slow:
        slow.connect(("127.0.0.1", port))
        slow.sendall(b"POST /ask/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\nhalf")
        read(port, "/healthz")
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE)

    assert status == 0


def test_a_part_that_is_killed_is_there_again(tmp_path):
    port = free_port()
    prepared.copy(tmp_path)

    with running(tmp_path, AHADI_PORT=str(port)) as (process, _said):
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as listed:
            for number in listed.read().split():
                os.kill(int(number), signal.SIGKILL)
        # Whoever comes meanwhile waits at the door; the other parts follow within seconds.
        health, end = read(port, "/healthz?full"), time.monotonic() + PATIENCE
        while b'"failing": []' not in health and time.monotonic() < end:
            health = read(port, "/healthz?full")

    assert b'"failing": []' in health


def test_a_closed_door_for_mail_is_said_in_one_line(tmp_path):
    prepared.copy(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"

        with running(tmp_path, AHADI_PORT=str(free_port()), AHADI_SMTP_IN=taken) as (process, said):
            status = process.wait(PATIENCE)

    assert status == 1
    assert len(said.splitlines()) == 1
    assert "AHADI_SMTP_IN" in said


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path):
    prepared.copy(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        with running(tmp_path, AHADI_PORT=port) as (process, said):
            status = process.wait(PATIENCE)

    assert status == 1
    assert len(said.splitlines()) == 1
    assert "AHADI_PORT" in said


@pytest.mark.parametrize("name", ["AHADI_PROT", "AHADI_PORT"])
def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path, name):
    with running(tmp_path, **{name: "x"}) as (process, said):
        status = process.wait(PATIENCE)

    assert status == 2
    assert len(said.splitlines()) == 1
    assert name in said
