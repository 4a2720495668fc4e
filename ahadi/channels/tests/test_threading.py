"""Laws of the place of a mail, tried with mails that nobody would write."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ahadi.channels.email import parse, signature
from ahadi.channels.email.authentication import Checked, Verdict
from ahadi.channels.email.evidence import Strength, leads
from ahadi.channels.email.inbound import address_of, find, look
from ahadi.channels.email.threading import DECISIONS, Decision, Writer, place
from ahadi.channels.models import RawMessage
from ahadi.testing import make

pytestmark = pytest.mark.django_db
LAWS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

NUMBERS = ["K7QF-9T2M-XR4D", "AAAA-BBBB-CCCC"]
WORDS = st.text(max_size=60)
SENDERS = st.sampled_from(["arash@post.example", "eve@else.example", "mara@house.example", "", "@", "x@y@z"])


@pytest.fixture
def people():
    make.company()
    make.inbox()
    agent = make.agent("Mara Lind", email="mara@house.example")
    mine = make.ticket(by=make.address("arash@post.example"))
    theirs = make.ticket(by=make.address("lea@shop.example"))
    return agent, mine, theirs


def pointers(ticket, agent, twist: str) -> dict[str, str]:
    """Everything that points to a ticket, as it is or with something else in its place."""
    number = ticket.number
    made = {
        "To": signature.reply_address(number, "help@marlo.example"),
        "Cc": signature.agent_address(number, "help@marlo.example", agent.pk, "reply"),
        "In-Reply-To": signature.message_id(number, 1, "marlo.example"),
        "References": f"<a@b> {signature.message_id(number, 2, 'marlo.example')}",
        "Subject": f"Re: [{number}]",
        "X-Marker": signature.marker(number, 1),
    }
    return {name: value.replace(twist, "") if twist else value for name, value in made.items()}


@st.composite
def mails(draw, names):
    """A mail with some pointers, some of them broken, and any other headers."""
    return {
        "sender": draw(SENDERS),
        "names": draw(st.sets(st.sampled_from(names))),
        "twist": draw(st.sampled_from(["", "a", "7", ".", "+", "@", "<", "k7"])),
        "which": draw(st.integers(0, 1)),
        "words": draw(WORDS),
        "verdict": draw(st.sampled_from(list(Verdict))),
        "is_automatic": draw(st.booleans()),
    }


def build(plan, ticket, agent) -> bytes:
    lines = [f"From: {plan['sender']}"]
    made = pointers(ticket, agent, plan["twist"])
    lines += [f"{name}: {made[name]}" for name in sorted(plan["names"])]
    body = plan["words"] + (made["X-Marker"] if "X-Marker" in plan["names"] else "")
    return "\r\n".join([*lines, "", body]).encode("utf-8", "replace")


NAMES = ["To", "Cc", "In-Reply-To", "References", "Subject", "X-Marker"]


@LAWS
@given(plan=mails(NAMES))
def test_nobody_writes_on_a_ticket_of_somebody_else(people, plan):
    agent, *tickets = people
    ticket = tickets[plan["which"]]
    mail = parse(build(plan, ticket, agent))
    raw = RawMessage(sha256="0" * 64, size=1)
    speaker = agent if mail.sender.email == agent.email else None

    address = address_of(mail.sender, raw)
    found = place(
        leads(mail, raw, speaker), address, Checked(plan["verdict"]), is_automatic=plan["is_automatic"]
    )

    if found.decision == Decision.APPEND:
        assert found.ticket is not None
        assert address.customer_id == found.ticket.requester_id
        assert found.verdict != Verdict.FAIL
    if found.decision == Decision.SPEAK:
        assert (address.value, found.verdict, found.strength) == (agent.email, Verdict.PASS, Strength.BOUND)
        assert not plan["is_automatic"]
    assert found.evidence["decision"] == found.decision


@LAWS
@given(content=st.binary(max_size=400), head=st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=4))
def test_no_mail_breaks_the_weighing(people, content, head):
    lines = [f"{name}: {value}" for name, value in head.items()]
    written = "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + content
    for raw_bytes in (content, written):
        raw = RawMessage(sha256="0" * 64, size=len(raw_bytes), recipients=["help@marlo.example"])
        parsed = parse(raw_bytes)

        seen = look(raw, parsed, raw_bytes, find(parsed.sender))

        assert seen.checked.verdict in Verdict


def test_the_table_has_a_row_for_everybody_and_a_column_for_everything():
    assert set(DECISIONS) == {(writer, verdict) for writer in Writer for verdict in Verdict}
    assert all(set(row) == set(Strength) for row in DECISIONS.values())


def test_only_people_of_a_ticket_append_and_only_proven_agents_speak():
    for (writer, verdict), row in DECISIONS.items():
        if Decision.APPEND in row.values():
            assert (writer, verdict != Verdict.FAIL) == (Writer.PARTICIPANT, True)
        if Decision.SPEAK in row.values():
            assert (writer, verdict) == (Writer.AGENT, Verdict.PASS)
