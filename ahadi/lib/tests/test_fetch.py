from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from ahadi.lib import fetch
from ahadi.lib.fetch import Limits, Refused

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def answer(body: bytes = PNG, status: str = "200 OK", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return f"{head}\r\n\r\n".encode() + body


@contextmanager
def machine(say: Callable[[socket.socket, bytes], None] | bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A machine on this computer that says the same to everybody; its port and what it was asked."""
    asked: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line:
                try:
                    asked.append(line.recv(65_536))
                    if asked[-1].startswith(b"POST") and asked[-1].endswith(b"\r\n\r\n"):
                        asked[-1] += line.recv(65_536)
                    line.sendall(say) if isinstance(say, bytes) else say(line, asked[-1])
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield door.getsockname()[1], asked
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


def here(**changes) -> Limits:
    """Limits under which the machines of this file may be asked."""
    known = {
        "seconds": 2.0,
        "is_allowed": lambda ip: True,
        "ports": None,
        "resolve": lambda host, port: ["127.0.0.1"],
    }
    return Limits(**{**known, **changes})


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.8", "240.0.0.1", "::1", "::", "fe80::1",
        "fc00::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1", "2001::1", "fec0::1", "::7f00:1",
    ],
)  # fmt: skip
def test_no_machine_of_the_house_is_public(number):
    assert not fetch.is_public(ip_address(number))


@pytest.mark.parametrize("number", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_other_machines_are(number):
    assert fetch.is_public(ip_address(number))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://localhost/", "http://0x7f.1/", "http://2130706433/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data/", "https://0/",
    ],
)  # fmt: skip
def test_this_machine_is_not_asked_however_it_is_written(address):
    with pytest.raises(Refused, match=r"not public|unknown"):
        fetch.get(address)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "//example.org/",
        "data:text/plain,x",
        "http://user@example.org/", "http://a:b@example.org/", "http:///x", "http://example.org:22/", "http://[/",
        "https://example.org:99999/", "", "http://" + "a" * 300 + ".example/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(address):
    with pytest.raises(Refused):
        fetch.get(address, Limits(resolve=lambda host, port: []))


def test_a_name_with_one_number_of_the_house_is_refused():
    limits = Limits(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(Refused, match="not public"):
        fetch.get("http://example.org/", limits)


def test_the_number_that_was_looked_at_is_the_one_that_is_asked():
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with machine(answer()) as (port, asked):
        found = fetch.get(
            f"http://pictures.example:{port}/a b.png?c=d", here(resolve=lambda *_: next(answers))
        )

    assert found.content == PNG
    assert asked[0].startswith(b"GET /a%20b.png?c=d HTTP/1.1\r\nHost: pictures.example")
    assert b"ookie" not in asked[0]
    assert b"eferer" not in asked[0]


def test_a_redirect_into_the_house_is_refused():
    def resolve(host, port):
        return ["127.0.0.1"] if host == "outside.example" else ["10.0.0.1"]

    redirect = answer(b"", "302 Found", "Location: http://inside.example/")
    limits = here(resolve=resolve, is_allowed=lambda ip: str(ip) == "127.0.0.1")
    with machine(redirect) as (port, _), pytest.raises(Refused, match="not public"):
        fetch.get(f"http://outside.example:{port}/", limits)


def test_redirects_end():
    again = answer(b"", "302 Found", "Location: /again")
    with machine(again) as (port, asked), pytest.raises(Refused, match="too many"):
        fetch.get(f"http://a.example:{port}/", here())

    assert len(asked) == 4


def test_a_redirect_to_a_file_is_refused():
    redirect = answer(b"", "302 Found", "Location: file:///etc/passwd")
    with machine(redirect) as (port, _), pytest.raises(Refused):
        fetch.get(f"http://a.example:{port}/", here())


@pytest.mark.parametrize("announced", [True, False])
def test_what_is_too_large_is_not_taken(announced):
    def say(line: socket.socket, asked: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 9000000\r\n" if announced else b"") + b"\r\n"
        line.sendall(head + b"x" * 300_000)

    with machine(say) as (port, _), pytest.raises(Refused, match="too large"):
        fetch.get(f"http://a.example:{port}/", here(largest=100_000))


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"]
)
def test_a_machine_that_dawdles_is_cut_off(head):
    ended = threading.Event()

    def say(line: socket.socket, asked: bytes) -> None:
        line.sendall(head)
        while not ended.wait(0.02):
            line.sendall(b"x")

    started = time.monotonic()
    with machine(say) as (port, _), pytest.raises(Refused):
        fetch.get(f"http://a.example:{port}/", here(seconds=0.3))
    ended.set()

    assert time.monotonic() - started < 2


def test_a_name_that_is_never_answered_is_given_up():
    never = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        never.wait(5)
        return []

    with pytest.raises(Refused, match="too late"):
        fetch.get("http://a.example/", here(seconds=0.1, resolve=resolve))
    never.set()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"RIFF1234WAVE", ""),
        (b"<svg onload=alert(1)>", ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_told_by_its_content_and_not_by_what_is_said(body, kind):
    assert fetch.picture_kind(body) == kind
    with machine(answer(body, "200 OK", "Content-Type: image/png")) as (port, _):
        if kind:
            assert fetch.picture(f"http://a.example:{port}/", here()) == (kind, body)
        else:
            with pytest.raises(Refused):
                fetch.picture(f"http://a.example:{port}/", here())


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "204 No Content"])
def test_a_picture_of_an_error_is_none(status):
    with machine(answer(PNG, status)) as (port, _), pytest.raises(Refused):
        fetch.picture(f"http://a.example:{port}/", here())


@pytest.mark.parametrize(
    "said",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"],
)
def test_an_answer_that_is_none_is_refused(said):
    with machine(said) as (port, _), pytest.raises(Refused):
        fetch.get(f"http://a.example:{port}/", here())


def test_something_is_sent_once_and_a_redirect_is_the_answer():
    with machine(answer(b"", "307 Temporary Redirect", "Location: /there")) as (port, asked):
        found = fetch.post(f"http://a.example:{port}/hook", b"{}", {"Webhook-Id": "1"}, here())

    assert found.status == 307
    assert len(asked) == 1
    assert b"Webhook-Id: 1" in asked[0]
    assert asked[0].endswith(b"{}")
