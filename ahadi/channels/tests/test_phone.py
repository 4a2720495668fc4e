"""Telephone systems: believed by signature, taken once in any order; recordings with consent."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from django.conf import settings

from ahadi.channels.models import Call, PhoneEvent, PhoneLine
from ahadi.channels.phone import asterisk, door, incoming, rounds, telephony, telling, twilio
from ahadi.channels.tests import lines
from ahadi.channels.tests.lines import NUMBER, SECRET, fake, new_line
from ahadi.lib import clock
from ahadi.people import identify
from ahadi.people.models import Address, Customer
from ahadi.routing import ringing
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

accepted, board, line = lines.accepted, lines.board, lines.line


@pytest.fixture
def tell(client, line, django_capture_on_commit_callbacks):
    """The system tells of a call."""

    def post(kind, name="", *, secret=SECRET, at=None, body=None, key=None, **data):
        event = {"type": f"call.{kind}", "data": {"call": "c1", "from": NUMBER, "to": "+4930", **data}}
        whole = json.dumps(event).encode() if body is None else body
        name, at = name or f"{kind}-{data.get('call', 'c1')}", int((at or clock.now()).timestamp())
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": door.sign(secret, name, at, whole),
        }
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(
                f"/in/phone/{key or line.key}/", whole, content_type="application/json", headers=headers
            ).status_code

    return post


def test_a_call_that_comes_in_is_shown_with_what_is_open_and_missed_ones_are_called_back(tell, client):
    agent = make.agent("Mara Lind")
    ringing.sit([agent.pk])
    number = identify.find_or_create(Address.Kind.PHONE, NUMBER, "Anna Kern", "en")
    ticket = make.ticket(by=number)

    assert tell("incoming") == 204
    (caller,) = incoming.for_agent(agent)
    client.force_login(agent)
    panel = client.get("/desk/rings/").content.decode()
    assert tell("missed") == 204

    assert caller.tickets == [ticket]
    assert "Anna Kern" in panel
    assert ticket.subject in panel
    assert incoming.for_agent(agent) == []
    back = Call.objects.get(direction="out")
    assert (back.ticket, back.ring.rings_at) == (ticket, [agent.pk])
    ticket.refresh_from_db()
    assert ticket.step_code == Ticket.Step.CALL


def test_a_stranger_who_is_missed_gets_a_ticket_and_after_hours_a_call_at_opening(tell):
    evening = clock.now() + timedelta(hours=9)

    with clock.at(evening):
        assert tell("missed") == 204

    ticket, back = Ticket.objects.get(), Call.objects.get(direction="out")
    assert "Missed call" in ticket.subject
    assert (back.wanted.isoformat(), back.ring) == ("2026-12-03T09:00:00+00:00", None)


def test_strangers_of_whom_nothing_was_written_down_are_forgotten_after_a_day(tell):
    known = identify.find_or_create(Address.Kind.PHONE, NUMBER, "Anna Kern", "en")
    tell("incoming")
    tell("incoming", call="c2", **{"from": "+442079460001"})
    tell("missed", call="c3", **{"from": "+442079460002"})

    at_once = rounds.tidy()
    with clock.at(clock.now() + timedelta(days=2)):
        tell("incoming", call="c4", **{"from": "+442079460003"})
        forgotten = rounds.tidy()

    assert (at_once, forgotten) == (0, 1)
    left = Address.objects.order_by("value").values_list("value", flat=True)
    assert list(left) == ["+442079460002", "+442079460003", known.value]
    assert Call.objects.get(external="c2").address is None
    assert Customer.objects.count() == 3


def test_never_by_phone_holds_for_missed_calls_too(tell):
    number = identify.find_or_create(Address.Kind.PHONE, NUMBER, "Anna Kern", "en")
    number.customer.avoided = ["phone"]
    number.customer.save()

    tell("missed")

    assert Ticket.objects.count() == 1
    assert not Call.objects.filter(direction="out").exists()


def test_what_is_told_twice_or_in_disorder_changes_nothing(tell):
    agent = make.agent("Mara Lind")
    told = ["ended", "answered", "incoming", "incoming", "ended", "missed"]

    answers = [tell(kind, agent=agent.email) for kind in told]

    assert answers == [204] * 6
    assert PhoneEvent.objects.count() == 4
    call = Call.objects.get()
    assert (call.agent, call.outcome, call.answered is not None) == (agent, "", True)
    assert not Ticket.objects.exists()


def test_a_call_in_one_agents_hands_is_shown_to_nobody_else(tell):
    mara, noa = make.agent("Mara Lind"), make.agent("Noa Levi")
    other = make.agent("Ben Other", teams=[make.team("Billing")])

    tell("incoming")
    assert [bool(incoming.for_agent(each)) for each in (mara, noa, other)] == [True, True, False]
    tell("answered", agent=mara.email)
    assert [bool(incoming.for_agent(each)) for each in (mara, noa, other)] == [True, False, False]


@pytest.mark.parametrize("wrong", ["secret", "old", "future", "body", "key", "unsigned"])
def test_what_is_not_signed_by_the_line_is_refused(tell, client, line, wrong):
    make.company()
    moved = {"old": -6, "future": 6}.get(wrong, 0) * timedelta(minutes=1)
    if wrong == "unsigned":
        answer = client.post(f"/in/phone/{line.key}/", b"{}", content_type="application/json").status_code
    elif wrong == "body":
        answer = tell("missed", secret=SECRET, body=b"not json")
    else:
        given = {"secret": "whsec_AAAA"} if wrong == "secret" else {"key": "x"} if wrong == "key" else {}
        answer = tell("missed", at=clock.now() + moved, **given)

    assert answer == {"key": 404, "body": 400}.get(wrong, 401)
    assert not PhoneEvent.objects.exists()


def test_withheld_numbers_and_nonsense_are_taken_without_a_caller(tell):
    assert tell("incoming", **{"from": "anonymous"}) == 204
    assert tell("dancing", "d") == 400
    assert Call.objects.get().address is None


def test_twilio_is_believed_by_its_signature_over_address_and_form(client):
    make.company()
    line = new_line("twilio", "token-of-twilio", account="AC1", number="+4930123")
    path = f"/in/phone/{line.key}/"
    form = {
        "CallSid": "CA1",
        "CallStatus": "no-answer",
        "From": NUMBER,
        "To": "+4930",
        "Direction": "inbound",
    }

    def post(signature):
        return client.post(path, form, headers={"X-Twilio-Signature": signature})

    address = settings.AHADI_URL + path
    good = twilio.sign("token-of-twilio", address, form)
    answers = [post(each).status_code for each in ("", "x", twilio.sign("other", address, form), good, good)]

    assert answers == [401, 401, 401, 200, 200]
    assert Call.objects.get(direction="in").external == "CA1"
    assert Call.objects.filter(direction="out").count() == 1


def test_twilios_signature_is_the_one_of_its_documentation():
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }

    assert twilio.sign("12345", address, form) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_asterisk_rings_at_the_agent_and_dials_the_customer_by_its_dial_plan(accepted):
    with fake((200, b'{"id": "1700000000.1"}')) as (url, asked):
        line = new_line("ari", "pw", url=url, account="ahadi", application="out", number="+4930123")
        name = telephony.start(accepted, accepted.agent)

    (where, _body, proof) = asked[0]
    sent = parse_qs(where.query)
    assert (where.path, name) == ("/ari/channels", "1700000000.1")
    assert (sent["endpoint"], sent["extension"], sent["context"]) == (["PJSIP/100"], [NUMBER], ["out"])
    assert proof == "Basic YWhhZGk6cHc="
    accepted.refresh_from_db()
    assert (accepted.line, accepted.external) == (line, name)


def test_twilio_rings_at_the_agent_and_dials_the_customer(accepted):
    with fake((201, b'{"sid": "CA9"}')) as (url, asked):
        new_line("twilio", "token", url=url, account="AC1", number="+4930123")
        telephony.start(accepted, accepted.agent)

    where, body, _proof = asked[0]
    assert where.path == "/2010-04-01/Accounts/AC1/Calls.json"
    assert body["To"] == ["PJSIP/100"]
    assert body["Twiml"] == [f'<Response><Dial callerId="+4930123">{NUMBER}</Dial></Response>']


def test_a_system_that_refuses_leaves_the_dialling_to_the_agent(accepted, client):
    client.force_login(accepted.agent)
    with fake((503, b"")) as (url, _asked):
        new_line("ari", "pw", url=url, application="out")
        page = client.post(f"/desk/open/{accepted.ticket.number}/call/start/", follow=True).content.decode()

    assert "Asterisk answered 503" in page
    assert "tel:+44-20-7946-0182" in page


@pytest.mark.parametrize(
    ("kind", "paused", "resumed"),
    [
        (
            "twilio",
            ("/2010-04-01/Accounts/AC1/Calls/c7/Recordings/Twilio.CURRENT.json", {"Status": ["paused"]}),
            ("/2010-04-01/Accounts/AC1/Calls/c7/Recordings/Twilio.CURRENT.json", {"Status": ["in-progress"]}),
        ),
        ("ari", ("/ari/recordings/live/c7/pause", {}), ("/ari/recordings/live/c7/pause", {})),
    ],
)
def test_a_recording_is_paused_while_a_card_number_is_read_out(accepted, client, kind, paused, resumed):
    ticket, place = accepted.ticket, f"/desk/open/{accepted.ticket.number}/call/"
    client.force_login(accepted.agent)
    with fake((200, b"{}")) as (url, asked):
        line = new_line(kind, "pw", url=url, account="AC1", number="+4930123")
        before = client.get(place).content.decode()
        Call.objects.filter(pk=accepted.pk).update(line=line, external="c7")
        page = client.post(
            f"{place}recording/", {"pause": "1", "text": "Their card ends in"}
        ).content.decode()
        client.post(f"{place}recording/", {"pause": "0"})

    assert "recording/" not in before
    assert "Nothing is recorded now." in page
    assert "Their card ends in" in page
    told = [(where.path, {"Status": body["Status"]} if body else {}) for where, body, _proof in asked]
    assert told == [paused, resumed]
    marks = ticket.entries.filter(code__startswith="recording_").order_by("seq")
    assert [mark.code for mark in marks] == ["recording_paused", "recording_resumed"]


def test_only_whoever_is_in_the_call_pauses_its_recording_and_a_refusal_is_told(accepted, client):
    other = make.agent("Jonas Berg")
    place = f"/desk/open/{accepted.ticket.number}/call/recording/"
    with fake((404, b"")) as (url, asked):
        line = new_line("ari", "pw", url=url)
        Call.objects.filter(pk=accepted.pk).update(line=line, external="c7")
        client.force_login(other)
        theirs = client.post(place, {"pause": "1"}).content.decode()
        nobody = len(asked)
        client.force_login(accepted.agent)
        refused = client.post(place, {"pause": "1"}).content.decode()

    assert (nobody, len(asked)) == (0, 1)
    assert "the recording is as it was" in theirs
    assert "Asterisk answered 404" in refused
    assert not accepted.ticket.entries.filter(code__startswith="recording_").exists()


def test_asterisks_events_are_read_from_its_socket(line):
    from websockets.sync.server import serve

    events = [
        {"type": "StasisStart", "channel": {"id": "1.1", "state": "Ring", "caller": {"number": NUMBER}}},
        {"type": "Dial"},
        {"type": "ChannelStateChange", "channel": {"id": "1.1", "state": "Up", "caller": {"number": NUMBER}}},
        {"type": "ChannelDestroyed", "cause": 16, "channel": {"id": "1.1", "caller": {}}},
        {"type": "ChannelDestroyed", "cause": 19, "channel": {"id": "1.2", "caller": {"number": NUMBER}}},
    ]
    heard = []

    def speak(socket):
        heard.append((socket.request.path, socket.request.headers["Authorization"]))
        for event in ["no json", *map(json.dumps, events)]:
            socket.send(event)

    with serve(speak, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        pbx = new_line("ari", "pw", url=f"http://127.0.0.1:{port}", account="ahadi", application="out")
        told = list(asterisk.listen(pbx))
        server.shutdown()

    assert [(each.kind, each.call) for each in told] == [
        ("incoming", "1.1"), ("answered", "1.1"), ("ended", "1.1"), ("missed", "1.2"),
    ]  # fmt: skip
    assert heard == [("/ari/events?app=out&subscribeAll=false", "Basic YWhhZGk6cHc=")]
    for each in told:
        telling.take(pbx, each, {})
    assert Call.objects.filter(direction="out").count() == 1


def test_an_administrator_sets_up_a_line_and_sees_its_secret_once(client):
    make.company()
    client.force_login(make.admin())
    told = {"name": "PBX", "kind": "events", "team": make.team().pk, "is_active": "on"}

    page = client.post("/desk/settings/telephone/", told, follow=True).content.decode()
    again = client.get(f"/desk/settings/telephone/{PhoneLine.objects.get().pk}/").content.decode()

    line = PhoneLine.objects.get()
    assert line.secret.startswith("whsec_")
    assert line.secret in page
    assert line.secret not in again
    assert line.secret not in line.sealed_secret
    assert urlencode({"": line.key})[1:] in client.get("/desk/settings/telephone/").content.decode()
