from __future__ import annotations

import pytest

from ahadi.testing import make
from ahadi.tickets.models import Entry, Field, Ticket

pytestmark = pytest.mark.django_db


def test_a_program_opens_a_ticket_and_reads_it_back(program, wish):
    answer = program.post("tickets", wish)

    assert answer.status == 201
    read = program.get(f"tickets/{answer.json['number']}")
    assert read.status == 200
    assert read.json == answer.json
    assert read.json["subject"] == "The grinder stops"
    assert read.json["status"] == "open"
    assert read.json["channel"] == "api"
    assert read.json["language"] == "en"
    assert read.json["requester"]["email"] == "anna@post.example"
    assert read.json["assignee"] is None
    assert read.json["team"]["name"] == "Support"
    assert read.json["next_step"]["owner"]["kind"] == "team"
    assert read.json["next_step"]["due"].endswith("Z")
    assert read.json["priority"] == "normal"
    assert read.json["tags"] == []
    assert read.json["entries_count"] == Ticket.objects.get().entries.count()
    assert answer.headers["Location"] == f"/api/v1/tickets/{read.json['number']}"


def test_the_statement_alone_is_a_request(program, wish):
    statement = {"situation": "At home.", "problem": "It stops.", "wish": "A new one.", "tried": ""}

    answer = program.post("tickets", {**wish, "body": "", "statement": statement, "tags": ["grinder", "b2b"]})

    assert answer.status == 201
    assert answer.json["statement"] == statement
    assert answer.json["tags"] == ["b2b", "grinder"]
    first = program.get(f"tickets/{answer.json['number']}/entries").json["data"][0]
    assert first["body_text"] == "At home.\n\nIt stops.\n\nA new one."


def test_the_language_is_detected_unless_it_is_given(program, wish):
    text = "Buna ziua, rasnita de cafea nu mai porneste de ieri si as vrea sa o trimit la reparat."

    detected = program.post("tickets", {**wish, "body": text})
    given = program.post("tickets", {**wish, "requester": {"email": "b@post.example", "language": "fa"}})

    assert detected.json["language"] == "ro"
    assert given.json["language"] == "fa"


def test_the_channel_may_be_named(program, wish):
    assert program.post("tickets", {**wish, "channel": "phone"}).json["channel"] == "phone"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"requester": {"email": "nobody"}}, "/requester/email"),
        ({"requester": {}}, "/requester/email"),
        ({"requester": {"email": "a@b.example", "age": 7}}, "/requester/age"),
        ({"requester": {"email": "a@b.example", "language": "xx"}}, "/requester/language"),
        ({"colour": "red"}, "/colour"),
        ({"body": 5}, "/body"),
        ({"body": ""}, ""),
        ({"subject": "two\nlines"}, "/subject"),
        ({"subject": "x" * 251}, "/subject"),
        ({"channel": "No Channel"}, "/channel"),
        ({"tags": "grinder"}, "/tags"),
        ({"tags": [""]}, "/tags/0"),
        ({"statement": {"hope": "x"}}, "/statement/hope"),
        ({"body": "a\0b"}, "/body"),
        ({"body": "a\ud800b"}, "/body"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_kept(program, wish, change, pointer):
    answer = program.post("tickets", {**wish, **change})

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == 422
    assert answer.json["code"] == "invalid"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert all(error["code"] and error["detail"].endswith(".") for error in answer.json["errors"])
    assert not any("pattern" in error["detail"] for error in answer.json["errors"])
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("name", ["status", "limit", "colour"])
def test_a_wrong_filter_is_named(program, name):
    answer = program.get(f"tickets?{name}=nope")

    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == f"/{name}"


@pytest.mark.parametrize(
    "body", ["{", "[1", b"\xff\xfe", "NaN", '{"a": Infinity}', "[" * 100_000, "1" * 5000]
)
def test_a_body_that_is_no_json_is_refused(program, body):
    answer = program.send("POST", "tickets", body)

    assert answer.status == 400
    assert answer.json["code"] == "malformed"


def test_a_form_is_not_json(program):
    response = program.client.post("/api/v1/tickets", {"subject": "x"})

    assert response.status_code == 415


def test_tickets_are_listed_newest_first_in_pages_that_stay_stable(program):
    made = [make.ticket().number for _ in range(5)]

    first = program.get("tickets", limit=2)
    late = make.ticket().number
    second = program.get(first.json["next"])
    third = program.get("tickets", limit=2, after=second.json["next"])

    listed = [ticket["number"] for page in (first, second, third) for ticket in page.json["data"]]
    assert listed == made[::-1]
    assert late not in listed
    assert third.json["next"] is None
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"after": "12"}, {"after": "1:forged"}, {"page": 2}]
    + [{"status": "lost"}, {"assignee": "nobody@x.example"}, {"team": "Nobody"}, {"q": "a\0"}],
)  # fmt: skip
def test_a_wrong_parameter_is_refused(program, query):
    assert program.get("tickets", **query).status == 422


def test_tickets_are_filtered(program):
    mara, other = make.agent(), make.team("Returns")
    mine = make.ticket(subject="Broken lamp", text="The lamp broke.", assignee=mara)
    theirs = make.ticket(team=other, by=make.address("dora@post.example"))
    theirs.solve(by=mara)
    program.patch(f"tickets/{theirs.number}", {"tags": ["b2b"]})

    def found(**query):
        return [ticket["number"] for ticket in program.get("tickets", **query).json["data"]]

    assert found(status="solved") == [theirs.number]
    assert found(assignee=mara.email) == found(assignee=f"agent_{mara.pk}") == [mine.number]
    assert found(assignee="none") == [theirs.number]
    assert found(team="Returns") == found(team=f"team_{other.pk}") == [theirs.number]
    assert found(requester="Dora@Post.Example") == [theirs.number]
    assert found(requester=f"customer_{mine.requester_id}") == [mine.number]
    assert found(tag="b2b") == [theirs.number]
    assert found(q="lamps broke") == []
    assert found(q="LAMP broke") == [mine.number]
    assert found(q="lamp is:open -tag:refund") == [mine.number]
    assert found(q="lamp is:solved") == []
    assert found(status="open", tag="b2b") == []


def test_a_ticket_is_changed_field_by_field_and_every_change_is_an_entry(program):
    mara, ticket = make.agent(), make.ticket()
    other, before = make.team("Returns"), ticket.last_seq
    wanted = {
        "subject": "A better subject",
        "team": "Returns",
        "assignee": mara.email,
        "priority": "high",
        "tags": ["b2b", "grinder"],
        "status": "waiting",
    }

    answer = program.patch(f"tickets/{ticket.number}", wanted)

    assert answer.status == 200
    assert answer.json["subject"] == "A better subject"
    assert answer.json["team"] == {"id": f"team_{other.pk}", "name": "Returns"}
    assert answer.json["assignee"]["email"] == mara.email
    assert answer.json["next_step"]["owner"] == {"kind": "agent", "id": f"agent_{mara.pk}", "name": mara.name}
    assert (answer.json["priority"], answer.json["status"]) == ("high", "waiting")
    assert answer.json["tags"] == ["b2b", "grinder"]
    assert [entry.code for entry in Entry.objects.filter(ticket=ticket, seq__gt=before).order_by("seq")] == [
        "subject", "team", "assigned", "priority", "tags", "waiting",
    ]  # fmt: skip


def test_a_ticket_leaves_a_person_only_with_a_sentence(program):
    mara, theo = make.agent(), make.agent("Theo Brandt")
    ticket = make.ticket(assignee=mara)
    place = f"tickets/{ticket.number}"

    refused = program.patch(place, {"assignee": theo.email})
    handed = program.patch(place, {"assignee": theo.email, "sentence": "The parcel is with customs."})

    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/sentence")
    assert handed.json["assignee"]["email"] == theo.email
    entry = Entry.objects.filter(ticket=ticket, code="assigned").latest("seq")
    assert entry.words.data["sentence"] == "The parcel is with customs."


def test_a_change_that_changes_nothing_leaves_no_entry(program):
    ticket = make.ticket()

    answer = program.patch(f"tickets/{ticket.number}", {"status": "open", "assignee": None, "tags": []})

    assert answer.json["entries_count"] == ticket.last_seq


def test_a_solved_ticket_has_no_next_step_and_an_open_one_has(program):
    ticket = make.ticket()

    solved = program.patch(f"tickets/{ticket.number}", {"status": "solved"})
    opened = program.patch(f"tickets/{ticket.number}", {"status": "open"})

    assert solved.json["next_step"] is None
    assert opened.json["next_step"]["text"]


@pytest.mark.parametrize(
    "change",
    [{"status": "closed"}, {"status": None}, {"priority": 9}, {"team": None}, {"team": "Nobody"}]
    + [{"assignee": "nobody@x.example"}, {"subject": ""}, {"tags": None}, {"number": "x"}],
)
def test_a_wrong_change_is_refused_whole(program, change):
    ticket = make.ticket()

    answer = program.patch(f"tickets/{ticket.number}", {"priority": "high", **change})

    assert answer.status == 422
    assert program.get(f"tickets/{ticket.number}").json["entries_count"] == ticket.last_seq


def test_an_old_etag_stops_a_change_and_a_current_one_saves_a_reading(program):
    ticket = make.ticket()
    tag = program.get(f"tickets/{ticket.number}").headers["ETag"]

    unchanged = program.get(f"tickets/{ticket.number}", headers={"If-None-Match": tag})
    first = program.patch(f"tickets/{ticket.number}", {"priority": "high"}, {"If-Match": tag})
    second = program.patch(f"tickets/{ticket.number}", {"priority": "low"}, {"If-Match": tag})

    assert (unchanged.status, unchanged.content) == (304, b"")
    assert (first.status, second.status) == (200, 412)


def test_what_an_agent_may_not_see_is_not_there(program_of, wish):
    mara = program_of(make.agent())
    hidden = make.ticket(team=make.team("Returns"))
    seen = make.ticket()

    assert [ticket["number"] for ticket in mara.get("tickets").json["data"]] == [seen.number]
    assert mara.get(f"tickets/{seen.number}").status == 200
    for answer in (
        mara.get(f"tickets/{hidden.number}"),
        mara.get(f"tickets/{hidden.number}/entries"),
        mara.patch(f"tickets/{hidden.number}", {"priority": "high"}),
        mara.post(f"tickets/{hidden.number}/replies", {"body": "x"}),
        mara.post(f"tickets/{hidden.number}/notes", {"body": "x"}),
        mara.post(f"tickets/{hidden.number}/messages", {"body": "x"}),
        mara.get("tickets/0000-0000-0000"),
        mara.get("tickets/nonsense"),
    ):
        assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_list_of_many_costs_as_many_queries_as_a_list_of_few(program, django_assert_num_queries):
    for _ in range(3):
        make.ticket()

    program.get("tickets")
    # One of them asks for the fields of all tickets on the page.
    with django_assert_num_queries(6):
        program.get("tickets")


def test_a_search_that_cannot_be_understood_is_told_in_a_sentence(program):
    answer = program.get("tickets", q="is:sleepy")

    assert answer.status == 422
    assert "“sleepy”" in str(answer.json)


def test_a_ticket_is_merged_and_taken_apart_by_a_program(program):
    anna = make.address()
    first, second = make.ticket(by=anna), make.ticket(by=anna)

    answer = program.patch(f"tickets/{first.number}", {"merged_into": second.number})
    refused = program.post(f"tickets/{first.number}/replies", {"body": "Hello"}, {"Idempotency-Key": "one"})
    changed = program.patch(f"tickets/{first.number}", {"priority": "high"})
    apart = program.patch(f"tickets/{first.number}", {"merged_into": None})

    assert (answer.json["status"], answer.json["merged_into"]) == ("solved", second.number)
    assert (refused.status, refused.json["code"], changed.status) == (409, "merged", 409)
    assert (apart.json["status"], apart.json["merged_into"]) == ("open", None)


def test_a_program_merges_no_tickets_of_two_customers(program):
    first, second = make.ticket(by=make.address("reza@post.example")), make.ticket()

    answer = program.patch(f"tickets/{first.number}", {"merged_into": second.number})

    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "other_customer")


def test_fields_are_filled_and_needed_ones_hold_up_the_end(program):
    ticket = make.ticket()
    Field.objects.create(name="Order", code="order", is_required=True)
    Field.objects.create(name="Pieces", code="pieces", kind="number")

    early = program.patch(f"tickets/{ticket.number}", {"status": "solved"})
    wrong = program.patch(f"tickets/{ticket.number}", {"fields": {"order": "M-1", "pieces": "many"}})
    filled = program.patch(f"tickets/{ticket.number}", {"status": "solved", "fields": {"order": "M-1"}})

    assert (early.status, early.json["errors"][0]["code"]) == (422, "missing_fields")
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (422, "/fields/pieces")
    assert (filled.json["status"], filled.json["fields"]) == ("solved", {"order": "M-1"})


def test_a_ticket_is_snoozed_no_longer_than_its_promise(program, frozen):
    ticket = make.ticket()

    away = program.patch(f"tickets/{ticket.number}", {"snoozed_until": "2026-12-02T11:00:00Z"})
    late = program.patch(f"tickets/{ticket.number}", {"snoozed_until": "2026-12-12T11:00:00Z"})
    back = program.patch(f"tickets/{ticket.number}", {"snoozed_until": None})

    assert (away.json["snoozed_until"], late.status) == ("2026-12-02T11:00:00Z", 422)
    assert back.json["snoozed_until"] is None
