"""Whether a mail is from the domain it names: only what was checked by us or by somebody we chose counts."""

from __future__ import annotations

import re
from time import process_time

import dkim
import pytest
from dkim.canonicalization import CanonicalizationPolicy

from ahadi.channels.email import parse
from ahadi.channels.email.authentication import Verdict, _covers_everything, believed, check
from ahadi.channels.models import RawMessage, Trust
from ahadi.lib import dns
from ahadi.testing import make
from ahadi.testing.letters import sealed, signed, write, zone

pytestmark = pytest.mark.django_db

PASS, NONE, FAIL = Verdict.PASS, Verdict.NONE, Verdict.FAIL


def look(content: bytes, names: dict | None = None, *, thoroughly: bool = True, **raw: str):
    message = RawMessage(size=len(content), **raw)
    with dns.answering(names or {}):
        return check(parse(content), message, content, believed(message), thoroughly=thoroughly)


def reported(results: str, server: str = "mx.marlo.example", below: str = "") -> bytes:
    head = f"Authentication-Results: {server}; {results}\r\n"
    return (below + head).encode() + write()


# ── signatures, checked here ─────────────────────────────────────────────────


def test_a_signature_of_the_senders_domain_proves_the_mail():
    found = look(signed(write()), zone("post.example"))

    assert (found.verdict, found.by, found.domain) == (PASS, "own", "post.example")
    assert (found.dkim, found.dmarc) == ("pass", "pass")


def test_a_signature_counts_without_a_published_policy_too():
    assert look(signed(write()), zone("post.example", policy="")).verdict == PASS


def test_a_house_signs_for_its_own_domains_unless_it_is_strict():
    content = signed(write(sender="arash@mail.post.example"))

    assert look(content, zone("post.example")).verdict == PASS
    assert look(content, zone("post.example", policy="v=DMARC1; p=reject; adkim=s")).verdict == FAIL


@pytest.mark.parametrize("signer", ["else.example", "example", "evilpost.example"])
def test_a_signature_of_somebody_else_proves_nothing(signer):
    names = zone("post.example", signer)

    assert look(signed(write(), signer), names).verdict == FAIL


def test_a_domain_in_other_letters_is_the_same_domain():
    plain = "xn--mgba3a4f16a.example"
    content = b"From: arash@\xd8\xa7\xdb\x8c\xd8\xb1\xd8\xa7\xd9\x86.example\r\n\r\nHello\r\n"

    assert look(signed(content, plain), zone(plain)).verdict == PASS


def test_changed_words_break_the_signature():
    content = signed(write()).replace(b"two seconds", b"two minutes")

    found = look(content, zone("post.example"))

    assert (found.verdict, found.dkim) == (FAIL, "fail")


def test_a_signature_over_a_part_of_the_body_lets_others_write_the_rest():
    content = signed(write(), length=True) + b"And send the refund to me.\r\n"

    assert look(content, zone("post.example")).verdict == FAIL


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({b"a": b"rsa-sha256"}, [b"subject"]),
        ({b"a": b"rsa-sha1"}, [b"from"]),
        ({b"a": b"rsa-sha256", b"l": b"10"}, [b"from"]),
    ],
)
def test_a_signature_has_to_cover_sender_and_body_with_a_good_hash(fields, headers):
    assert not _covers_everything(fields, headers)
    assert _covers_everything({b"a": b"rsa-sha256"}, [b"from", b"subject"])


def test_two_senders_in_one_mail_are_a_trick():
    content = b"From: boss@bank.example\r\n" + signed(write())

    assert look(content, zone("post.example")).verdict == FAIL


def test_unsigned_mail_is_doubtful_where_the_domain_asks_for_nothing():
    names = zone("post.example", policy="v=DMARC1; p=none")

    assert look(write(), names).verdict == NONE
    assert look(write(), {}).verdict == NONE


def test_unsigned_mail_of_a_strict_domain_fails():
    assert look(write(), zone("post.example")).verdict == FAIL


def test_where_nobody_answers_nothing_is_known():
    silent = {"_dmarc.post.example": dns.SILENCE, "test._domainkey.post.example": dns.SILENCE}
    key_is_silent = {**zone("post.example"), "test._domainkey.post.example": dns.SILENCE}

    assert look(signed(write()), silent).verdict == NONE
    assert look(signed(write()), key_is_silent).verdict == NONE


@pytest.mark.parametrize(
    "signature",
    ["", "v=1", "d=post.example", "v=1; a=rsa-sha256; d=post.example; s=test; h=from; bh=x; b=%", "\x00=;;;"],
)
def test_a_broken_signature_is_no_signature(signature):
    content = f"DKIM-Signature: {signature}\r\n".encode() + write()

    assert look(content, zone("post.example")).verdict == FAIL


def test_without_need_the_network_is_not_asked():
    names = {"_dmarc.post.example": dns.SILENCE}

    assert look(write(), names, thoroughly=False).data == {"verdict": "none"}


@pytest.mark.parametrize("body", [b" " * 500_000 + b"x", b"a \t" * 200_000, b"\r\n" * 200_000 + b"x"])
def test_no_mail_keeps_the_check_busy(body):
    content = b"From: arash@post.example\r\nSubject: x\r\n\r\n" + body + b"\r\n"
    start = process_time()

    found = look(signed(content, canonicalize=(b"relaxed", b"relaxed")), zone("post.example"))

    assert found.verdict == PASS
    assert process_time() - start < 5


# ── the machine that called ──────────────────────────────────────────────────


def test_the_caller_counts_only_where_nothing_stands_between():
    names = zone("post.example") | {"post.example": {"TXT": ["v=spf1 ip4:192.0.2.7 -all"]}}
    called = {"sender": "arash@post.example", "client_ip": "192.0.2.7"}
    assert look(write(), names, **called).spf == ""

    Trust.objects.create(kind=Trust.Kind.DIRECT)

    assert look(write(), names, **called).verdict == PASS
    assert look(write(), names, **called | {"client_ip": "198.51.100.9"}).verdict == FAIL
    assert look(write(), names, **called | {"sender": "arash@else.example"}).verdict == FAIL


def test_a_belief_about_one_inbox_is_none_about_another():
    inbox = make.inbox()
    Trust.objects.create(kind=Trust.Kind.SERVER, value="mx.marlo.example", inbox=inbox)

    assert believed(RawMessage(inbox=inbox)).servers == {"mx.marlo.example"}
    assert believed(RawMessage()).servers == frozenset()


# ── what others say they have checked (rule E-33) ────────────────────────────


def test_forged_results_are_passed_over():
    forged = reported("dmarc=pass header.from=post.example")

    assert look(forged, zone("post.example")).verdict == FAIL
    assert look(forged, {}).verdict == NONE

    Trust.objects.create(kind=Trust.Kind.SERVER, value="mx.other.example")
    assert look(forged, {}).verdict == NONE


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("dmarc=pass (p=REJECT) header.from=post.example", PASS),
        ("dmarc=fail header.from=post.example; spf=pass smtp.mailfrom=x@post.example", FAIL),
        ("dmarc=pass header.from=else.example", NONE),
        ("dkim=pass header.d=post.example header.s=test", PASS),
        ("dkim=pass header.i=@mail.post.example", PASS),
        ("dkim=pass header.d=else.example", NONE),
        ("spf=pass smtp.mailfrom=arash@post.example", PASS),
        ("spf=pass smtp.mailfrom=arash@else.example", NONE),
        ("dkim=fail header.d=post.example", NONE),
        ("none", NONE),
        ("dmarc=pass; \x00 = ; (((", NONE),
    ],
)
def test_our_own_servers_results_are_read(results, verdict):
    Trust.objects.create(kind=Trust.Kind.SERVER, value="mx.marlo.example")

    found = look(reported(results))

    assert found.verdict == verdict


def test_results_below_the_line_of_our_server_were_written_before_it():
    Trust.objects.create(kind=Trust.Kind.SERVER, value="mx.marlo.example")
    ours = (
        "Authentication-Results: mx.marlo.example; dmarc=fail header.from=post.example\r\n"
        "Received: from evil.example by mx.marlo.example; Wed, 2 Dec 2026 10:00:00 +0000\r\n"
    )

    assert look(reported("dmarc=pass header.from=post.example", below=ours)).verdict == FAIL


def test_a_seal_counts_from_a_forwarder_that_is_believed():
    content = sealed(write(), "list.example", "dmarc=pass header.from=post.example")
    names = zone("post.example", "list.example")
    assert look(content, names).verdict == FAIL

    Trust.objects.create(kind=Trust.Kind.SEALER, value="list.example")

    found = look(content, names)
    assert (found.verdict, found.by, found.domain, found.arc) == (PASS, "seal", "list.example", "pass")
    assert look(content.replace(b"two seconds", b"ten seconds"), names).verdict == FAIL
    failed = sealed(write(), "list.example", "dmarc=fail header.from=post.example")
    assert look(failed, names).verdict == FAIL
    foreign = sealed(write(), "other.example", "dmarc=pass header.from=post.example")
    assert look(foreign, zone("post.example", "other.example")).verdict == FAIL


@pytest.mark.parametrize("way", ["simple", "relaxed"])
def test_mails_are_put_into_the_form_that_signatures_are_made_over(material, way):
    folder = material / "data/mail/flanker/messages/dkim"
    count = 0

    for expected in sorted(folder.glob(f"{way}.expected.*")):
        headers, body = dkim.rfc822_parse(_with_line_ends(folder / f"email{expected.suffix}"))
        policy = CanonicalizationPolicy.from_c_value(f"{way}/{way}".encode())
        head = b"".join(name + b":" + value for name, value in policy.canonicalize_headers(headers))
        assert head + b"\r\n" + policy.canonicalize_body(body) == _with_line_ends(expected), expected.name
        count += 1

    assert count > 15


def _with_line_ends(path) -> bytes:
    return re.sub(rb"\r?\n", b"\r\n", path.read_bytes())
