from __future__ import annotations

import base64
import os
import signal
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahadi.lib.mail import Attachment, bounded, parcel, parse
from ahadi.lib.mail.parsing import MAX_SIZE
from ahadi.lib.mail.parsing import parse as parse_here
from ahadi.lib.tests.shared import data

HEAD = b"From: Jane <jane@example.org>\r\nSubject: Broken\r\n"
# Five hundred parameters for each line: the standard library looks at every one again and again.
COSTLY = HEAD + b"Content-Disposition: attachment; " + b"filename*0*=a; " * 200_000


def with_file(size: int) -> bytes:
    content = base64.encodebytes(bytes(range(256)) * (size // 256))
    return (
        HEAD + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nHello\r\n--q\r\n"
        b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + content
        + b"--q--\r\n"
    )


@pytest.fixture(autouse=True)
def _ended():
    yield
    bounded.end()


def test_a_large_mail_is_read_in_another_process_and_comes_back_whole():
    raw = with_file(300_000)

    assert parse(raw) == parse_here(raw)
    assert bounded._READER._process is not None


def test_a_small_mail_needs_no_other_process():
    parse(HEAD + b"\r\nHello")

    assert bounded._READER._process is None


def test_a_mail_that_takes_too_long_is_given_up_and_the_next_one_read():
    late = bounded.read(COSTLY, seconds=0.2)
    following = parse(with_file(100_000))

    assert late.defects[0] == "unreadable:too-slow"
    assert (late.sender.email, late.subject) == ("jane@example.org", "Broken")
    assert [len(file.content) for file in following.attachments] == [100_000 // 256 * 256]


def test_the_time_is_that_of_the_processor_so_that_a_busy_machine_reads_the_same(monkeypatch):
    monkeypatch.setattr(bounded, "PATIENCE", 200)
    parse(with_file(100_000))
    pid = bounded._READER._process.pid
    os.kill(pid, signal.SIGSTOP)
    go_on = threading.Timer(0.4, os.kill, [pid, signal.SIGCONT])
    go_on.start()

    read = bounded.read(with_file(100_000), seconds=0.3)

    go_on.join()
    assert [file.name for file in read.attachments] == ["a.png"]
    assert "unreadable:too-slow" not in read.defects


def test_a_process_that_stands_still_is_given_up(monkeypatch):
    monkeypatch.setattr(bounded, "PATIENCE", 1)
    parse(with_file(100_000))
    os.kill(bounded._READER._process.pid, signal.SIGSTOP)

    read = bounded.read(with_file(100_000), seconds=0.2)

    assert read.defects[0] == "unreadable:too-slow"
    assert bounded._READER._process is None


def test_the_process_that_died_is_begun_again():
    parse(with_file(100_000))
    bounded._READER._process.kill()
    bounded._READER._process.wait()

    read = parse(with_file(100_000))

    assert [file.name for file in read.attachments] == ["a.png"]


def test_what_needs_too_much_memory_is_named():
    # Twenty megabytes of headers become some hundreds of megabytes of objects.
    raw = HEAD + b"\r\n".join(b"x%d: y" % number for number in range(1_500_000)) + b"\r\n\r\nHello"

    read = bounded.read(raw, seconds=30)

    assert read.subject == "Broken"
    assert read.defects[0] in ("unreadable:MemoryError", "unreadable:too-costly")


def test_the_other_process_knows_no_settings(monkeypatch):
    monkeypatch.setenv("AHADI_SECRET_KEY", "a-secret-of-this-process")
    parse(with_file(100_000))

    with open(f"/proc/{bounded._READER._process.pid}/environ", "rb") as environment:
        assert b"a-secret-of-this-process" not in environment.read()


def test_a_mail_beyond_the_largest_size_keeps_its_head_and_a_defect():
    read = parse(HEAD + b"\r\n" + b"x" * MAX_SIZE)

    assert read.subject == "Broken"
    assert "unreadable:too-large" in read.defects
    assert len(read.text) < 100_000


def test_every_mail_of_the_shared_collection_survives_the_way_back():
    files = [path for path in sorted(data("mail").rglob("*")) if path.is_file()]

    for path in files:
        mail = parse_here(path.read_bytes())
        assert parcel.opened(parcel.packed(mail)) == mail, path.name


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_a_broken_parcel_is_refused_and_never_believed(content):
    with pytest.raises((ValueError, KeyError, TypeError)):
        parcel.opened(content)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=8), st.binary(max_size=3_000)), max_size=6))
def test_no_byte_of_an_attachment_is_lost(files):
    parts = b"".join(
        b"--q\r\nContent-Type: x/y; name=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"
        % (name.encode(), base64.encodebytes(content))
        for name, content in files
    )
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n" + parts + b"--q--\r\n"

    read = parse_here(raw)

    assert [(file.name, file.content) for file in read.attachments] == files
    assert parcel.opened(parcel.packed(read)) == read


def test_the_parts_of_a_signed_mail_stay_byte_for_byte():
    parts = (
        b"Content-Type: text/plain; name=a.txt\r\n\r\nline \r\n  =20 \t\r\n",
        b"Content-Type: application/pgp-signature; name=s.asc\r\n\r\n-----BEGIN PGP",
    )
    head = HEAD + b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=q\r\n'
    raw = head + b"".join(b"\r\n--q\r\n" + part for part in parts) + b"\r\n--q--\r\n"

    read = parse_here(raw)

    assert read.attachments[0] == Attachment("a.txt", "text/plain", b"line \r\n  =20 \t\r\n")
    assert read.seal == "signed pgp"


def test_nothing_is_left_behind_when_it_ends():
    parse(with_file(100_000))
    pid = bounded._READER._process.pid

    bounded.end()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_forked_process_asks_one_of_its_own():
    parse(with_file(100_000))
    ours = bounded._READER._process.pid

    child = os.fork()
    if not child:
        is_right = len(parse(with_file(100_000)).attachments) == 1 and bounded._READER._process.pid != ours
        bounded.end()
        os._exit(0 if is_right else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert bounded._READER._process.pid == ours
    assert len(parse(with_file(100_000)).attachments) == 1
