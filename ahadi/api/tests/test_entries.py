from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from ahadi.channels.models import RawMessage
from ahadi.ledger import keys, verify
from ahadi.lib import clock, store
from ahadi.testing import make
from ahadi.tickets.models import Attachment, Entry

pytestmark = pytest.mark.django_db

FILE = {
    "name": "بلیط.txt",
    "content_type": "text/plain",
    "content_base64": base64.b64encode(b"Hello").decode(),
}


def test_a_reply_says_what_comes_next_and_when(program):
    ticket = make.ticket()
    due = clock.now() + timedelta(days=2)

    answer = program.post(
        f"tickets/{ticket.number}/replies",
        {"body": "We look into it.", "next_step": {"text": "Mara calls you", "due": due.isoformat()}},
    )

    assert answer.status == 201
    assert answer.json["kind"] == "reply"
    assert answer.json["author"]["kind"] == "agent"
    assert answer.json["body_text"] == answer.json["body_new_text"] == "We look into it."
    assert answer.json["body_html"] == "<p>We look into it.</p>"
    assert answer.json["delivery"]["state"] in ("queued", "kept")
    step = program.get(f"tickets/{ticket.number}").json["next_step"]
    assert step["text"] == "Mara calls you"
    assert datetime.fromisoformat(step["due"]) == due.replace(microsecond=due.microsecond // 1000 * 1000)


def test_a_reply_without_a_step_still_promises_news(program):
    ticket = make.ticket()

    program.post(f"tickets/{ticket.number}/replies", {"body": "We look into it."})

    assert program.get(f"tickets/{ticket.number}").json["next_step"]["code"] == "news"


def test_a_reply_may_solve(program):
    ticket = make.ticket()

    answer = program.post(f"tickets/{ticket.number}/replies", {"body": "Done.", "solve": True})

    assert answer.json["code"] == "solution"
    assert program.get(f"tickets/{ticket.number}").json["status"] == "solved"


def test_a_note_stays_inside_and_may_promise_or_solve(program):
    ticket = make.ticket()

    plain = program.post(f"tickets/{ticket.number}/notes", {"body": "Careful."})
    promised = program.post(
        f"tickets/{ticket.number}/notes", {"body": "Careful.", "next_step": {"text": "We call"}}
    )
    step = program.get(f"tickets/{ticket.number}").json["next_step"]
    program.post(f"tickets/{ticket.number}/notes", {"body": "Over.", "solve": True})

    assert (plain.json["kind"], plain.json["delivery"]) == ("note", None)
    assert promised.status == 201
    assert step["text"] == "We call"
    assert program.get(f"tickets/{ticket.number}").json["status"] == "solved"


def test_a_message_of_the_requester_opens_a_solved_ticket_again(program):
    ticket = make.ticket()
    ticket.solve(by=program.agent)

    answer = program.post(f"tickets/{ticket.number}/messages", {"body": "Still broken.", "channel": "phone"})

    assert (answer.status, answer.json["kind"], answer.json["channel"]) == (201, "message", "phone")
    assert answer.json["author"] == {
        "kind": "customer", "id": f"customer_{ticket.requester_id}", "name": "Anna Kern",
    }  # fmt: skip
    assert program.get(f"tickets/{ticket.number}").json["status"] == "open"


@pytest.mark.parametrize("noun", ["replies", "notes", "messages"])
def test_files_travel_with_words_and_come_back_byte_for_byte(program, noun):
    ticket = make.ticket()

    answer = program.post(f"tickets/{ticket.number}/{noun}", {"body": "See file.", "attachments": [FILE]})

    (file,) = answer.json["attachments"]
    assert (file["name"], file["content_type"], file["size"]) == ("بلیط.txt", "text/plain", 5)
    got = program.get(file["url"])
    assert (got.status, got.content) == (200, b"Hello")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")


def test_somebody_elses_attachment_is_not_there(program, program_of):
    ticket = make.ticket(team=make.team("Returns"))
    program.post(f"tickets/{ticket.number}/notes", {"attachments": [FILE]})

    answer = program_of(make.agent()).get(f"attachments/attachment_{Attachment.objects.get().pk}")

    assert answer.status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"body": "x", "next_step": {"text": ""}}, "/next_step/text"),
        ({"body": "x", "next_step": {"text": "y", "due": "tomorrow"}}, "/next_step/due"),
        ({"body": "x", "next_step": {"text": "y", "due": "2020-01-01T00:00:00Z"}}, "/next_step/due"),
        ({"body": "x", "next_step": {"text": "y", "due": "9999-12-31T23:59:59-12:00"}}, "/next_step/due"),
        ({"body": "x", "next_step": {"text": "y", "due": 1893456000}}, "/next_step/due"),
        ({"body": "x", "next_step": {"text": "y"}, "solve": True}, ""),
        ({"body": "x", "solve": "yes"}, "/solve"),
        (
            {"body": "x", "attachments": [{"name": "a", "content_base64": "???"}]},
            "/attachments/0/content_base64",
        ),
        ({"body": "x", "attachments": [{"content_base64": ""}]}, "/attachments/0/name"),
        ({"body": "x", "attachments": [{**FILE, "name": "../x"}]}, "/attachments/0/name"),
    ],
)
def test_a_wrong_reply_is_refused_with_its_place(program, body, pointer):
    ticket = make.ticket()

    answer = program.post(f"tickets/{ticket.number}/replies", body)

    assert answer.status == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert ticket.entries.count() == ticket.last_seq


def test_entries_come_in_order_in_pages_and_continue_after_a_seq(program):
    ticket = make.ticket()
    for number in range(4):
        program.post(f"tickets/{ticket.number}/notes", {"body": f"Note {number}"})
    last = ticket.last_seq + 4

    first = program.get(f"tickets/{ticket.number}/entries", limit=3)
    rest = program.get(first.json["next"])
    after = program.get(f"tickets/{ticket.number}/entries", after=last - 1)

    assert [entry["seq"] for entry in first.json["data"] + rest.json["data"]] == list(range(1, last + 1))
    assert [entry["seq"] for entry in after.json["data"]] == [last]


def test_html_comes_cleaned_and_text_comes_escaped(program):
    one = make.ticket(text="plain", html="<p onclick=x()>Hi<script>alert(1)</script></p>")
    two = make.ticket(text="<b>not bold</b>")

    shown = program.get(f"tickets/{one.number}/entries").json["data"][0]["body_html"]
    escaped = program.get(f"tickets/{two.number}/entries").json["data"][0]["body_html"]

    assert "Hi" in shown
    assert "script" not in shown
    assert "onclick" not in shown
    assert escaped == "<p>&lt;b&gt;not bold&lt;/b&gt;</p>"


def test_what_was_quoted_is_in_the_whole_text_only(program):
    ticket = make.ticket(text="New.\n> Old.", new_text="New.")

    entry = program.get(f"tickets/{ticket.number}/entries").json["data"][0]

    assert (entry["body_text"], entry["body_new_text"]) == ("New.\n> Old.", "New.")


def test_a_receipt_proves_everything_said_without_this_server(program, client):
    ticket = make.ticket()
    ticket.reply("One more thing.", by=program.agent)

    answer = program.get(f"tickets/{ticket.number}/receipt")

    vkeys = client.get("/ledger/vkey").content.decode().split()
    proven = verify.receipt(answer.content.decode(), vkeys)
    assert answer.status == 200
    assert {event["case"] for event in proven.events} == {ticket.number}
    assert proven.events[-1]["body"] == sha256(b"One more thing.").hexdigest()


def test_where_nothing_may_be_signed_the_receipt_is_late_and_says_so(program):
    ticket = make.ticket()
    keys.remember(1_000_000, bytes(32))

    answer = program.get(f"tickets/{ticket.number}/receipt")

    assert (answer.status, answer.json["code"]) == (404, "receipt_not_ready")
    assert answer.headers["Retry-After"] == "2"


def test_the_feed_tells_every_entry_once(program):
    one, two = make.ticket(), make.ticket()
    one.note("Between.", by=program.agent)

    seen, after = [], 0
    while page := program.get("events", after=after, limit=2).json["data"]:
        seen += page
        after = page[-1]["seq"]

    assert [event["seq"] for event in seen] == list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert {event["ticket"] for event in seen} == {one.number, two.number}
    assert (seen[-1]["kind"], seen[-1]["entry_seq"]) == ("note", one.last_seq)


def test_the_naughty_strings_come_back_unchanged(program, material, wish):
    strings = json.loads((material / "data/naughty/blns.json").read_text())
    lines = (material / "data/bidi/base-direction-auto.jsonl").read_text().splitlines()
    ticket = make.ticket()
    wanted = [text for text in [*strings, *(json.loads(line)["text"] for line in lines)] if text]

    came_back = []
    for text in wanted:
        answer = program.post(f"tickets/{ticket.number}/notes", {"body": text})
        if "\0" in text:
            assert (answer.status, answer.json["errors"][0]["code"]) == (422, "nul")
        else:
            assert answer.status == 201, (text, answer.content)
            came_back.append(answer.json["body_text"])

    assert came_back == [text for text in wanted if "\0" not in text]


def test_raw_messages_are_listed_with_their_outcome_and_given_byte_for_byte(program):
    ticket = make.ticket()
    content = b"From: a@b.example\r\n\r\n\xff\x00hello"
    common = {"size": len(content), "inbox": make.inbox(), "received": datetime(2026, 12, 1, 9, tzinfo=UTC)}
    whole = RawMessage.objects.create(
        sha256=store.put(content), outcome="ticket", entry=ticket.entries.get(seq=1), **common
    )
    held = RawMessage.objects.create(sha256="0" * 64, outcome="quarantine", reason="loop", **common)

    data = program.get("raw").json["data"]
    bytes_ = program.get(f"raw/{data[0]['id']}")

    assert [row["id"] for row in data] == [f"raw_{whole.pk}", f"raw_{held.pk}"]
    assert data[0] == {
        "id": f"raw_{whole.pk}",
        "sha256": whole.sha256,
        "inbox": "help@marlo.example",
        "received": "2026-12-01T09:00:00Z",
        "size": len(content),
        "outcome": "ticket",
        "ticket": ticket.number,
        "entry_seq": 1,
        "reason": None,
    }
    assert (data[1]["outcome"], data[1]["reason"], data[1]["ticket"]) == ("quarantine", "loop", None)
    assert bytes_.content == content
    assert program.get("raw/raw_999").status == program.get("raw/x").status == 404
    assert [row["id"] for row in program.get("raw", after=whole.pk).json["data"]] == [f"raw_{held.pk}"]


def test_people_teams_and_inboxes_are_listed(program, program_of):
    mara = make.agent(languages=["de", "fa"])
    make.inbox()
    make.address("anna@post.example", proven=False)
    make.ticket(by=make.address("zoe@post.example"), team=make.team("Returns"))

    customers = program.get("customers", email="ANNA@post.example").json["data"]
    agents = {row["email"]: row for row in program.get("agents").json["data"]}

    assert customers[0]["addresses"] == [{"kind": "email", "value": "anna@post.example", "proven": False}]
    assert agents[mara.email]["languages"] == ["de", "fa"]
    assert agents[mara.email]["teams"][0]["name"] == "Support"
    assert {row["name"] for row in program.get("teams").json["data"]} == {"Support", "Returns"}
    assert program.get("inboxes").json["data"][0]["address"] == "help@marlo.example"
    assert len(program.get("customers").json["data"]) == 2
    assert program_of(mara).get("customers").json["data"] == []
