"""How a customer without mail comes back to a request: a key to keep, or a code read out on the phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from ahadi.channels import keys
from ahadi.channels.models import GuestCode, GuestLink
from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.portal.tests.visits import WEDNESDAY, ask
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

KEY = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
PRIVATE = "The grinder stops after two seconds."


@pytest.fixture
def number(client):
    """A request by somebody who gave only a phone number."""
    return ask(client, email="", way="phone", phone="+44 20 7946 0999")


@pytest.fixture
def ticket(number):
    return Ticket.objects.get(number=number)


def shown_key(client, number, at=WEDNESDAY):
    with clock.at(at):
        found = KEY.search(client.get(f"/r/{number}/asked/").content.decode())
    return found[0] if found else None


def enter(client, number, key, at=WEDNESDAY):
    """Type a key or a code, then look."""
    with clock.at(at):
        answer = client.post(f"/r/{number}/key/", {"key": key})
        return answer, PRIVATE in client.get(f"/r/{number}/").content.decode()


def test_the_confirmation_gives_a_key_that_opens_the_request_elsewhere(
    client, client_of_somebody_else, number
):
    key = shown_key(client, number)

    answer, opened = enter(client_of_somebody_else, number, key, WEDNESDAY + timedelta(days=200))

    assert answer["Location"] == f"/r/{number}/"
    assert opened


@pytest.mark.parametrize("typed", [str.lower, lambda key: key.replace("-", " "), lambda key: f" {key} "])
def test_the_key_may_be_typed_in_any_way(client, client_of_somebody_else, number, typed):
    _answer, opened = enter(client_of_somebody_else, number, typed(shown_key(client, number)))

    assert opened


def test_nothing_that_is_stored_for_good_holds_the_key(client, number):
    key = shown_key(client, number)

    kept = GuestLink.objects.get(ticket__number=number).token_hash

    assert key not in kept
    assert key.replace("-", "") not in kept


def test_the_key_proves_no_phone_number(client, client_of_somebody_else, number):
    enter(client_of_somebody_else, number, shown_key(client, number))

    assert Address.objects.get(kind="phone").proven is None


def test_who_gave_a_mail_address_gets_no_key(client):
    number = ask(client)

    assert shown_key(client, number) is None
    with clock.at(WEDNESDAY):
        assert client.post(f"/r/{number}/keys/")["Location"] == f"/r/{number}/"
    assert not keys.redeem(Ticket.objects.get(number=number), "0000-0000-0000-0000")


@pytest.mark.parametrize("typed", ["", "K7QF", "0000-0000-0000-0000", "12345678", "••••", "ü" * 16])
def test_a_wrong_key_opens_nothing_and_says_what_to_do(client_of_somebody_else, number, typed):
    answer, opened = enter(client_of_somebody_else, number, typed)

    assert answer.status_code == 422
    assert 'id="id_key-error"' in answer.content.decode()
    assert not opened


def test_a_key_of_another_request_opens_nothing(client, client_of_somebody_else, number):
    other = ask(client, email="", way="phone", phone="+44 20 7946 0111", problem="Another.")

    _answer, opened = enter(client_of_somebody_else, number, shown_key(client, other))

    assert not opened


def test_a_key_dies_after_a_year_that_nobody_used_it(client, client_of_somebody_else, number):
    key = shown_key(client, number)

    _answer, opened = enter(client_of_somebody_else, number, key, WEDNESDAY + timedelta(days=366))

    assert not opened


def test_a_new_key_ends_the_one_before(client, client_of_somebody_else, number):
    old = shown_key(client, number)
    with clock.at(WEDNESDAY):
        answer = client.post(f"/r/{number}/keys/")
    new = shown_key(client, number)

    assert answer["Location"] == f"/r/{number}/asked/"
    assert new != old
    assert enter(client_of_somebody_else, number, old)[1] is False
    assert enter(client_of_somebody_else, number, new)[1] is True


def test_only_who_has_proven_themselves_gets_a_new_key(client_of_somebody_else, number):
    with clock.at(WEDNESDAY):
        answer = client_of_somebody_else.post(f"/r/{number}/keys/")

    assert answer["Location"] == f"/r/{number}/"
    assert GuestLink.objects.count() == 1


def test_who_closes_the_request_in_this_browser_takes_the_key_along(client, number):
    with clock.at(WEDNESDAY):
        client.post(f"/r/{number}/leaving/")

    assert not KEY.search(str(dict(client.session)))


def test_guessing_keys_ends_soon(client_of_somebody_else, number):
    answers = [
        enter(client_of_somebody_else, number, "0000-0000-0000-0000")[0].status_code for _ in range(31)
    ]

    assert answers[-1] == 429


def test_a_code_read_out_on_the_phone_opens_the_request_once(client_of_somebody_else, ticket):
    with clock.at(WEDNESDAY):
        code = keys.give_code(ticket, by=make.agent())

    assert enter(client_of_somebody_else, ticket.number, f"{code[:4]} {code[4:]}")[1] is True
    assert enter(Client(), ticket.number, code)[1] is False


def test_a_code_from_the_phone_may_be_typed_in_persian_digits(client_of_somebody_else, ticket):
    with clock.at(WEDNESDAY):
        code = keys.give_code(ticket, by=make.agent())

    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    assert enter(client_of_somebody_else, ticket.number, persian)[1] is True


def test_a_code_from_the_phone_lives_a_quarter_of_an_hour(client_of_somebody_else, ticket):
    with clock.at(WEDNESDAY):
        code = keys.give_code(ticket, by=make.agent())

    late = WEDNESDAY + timedelta(minutes=15)

    assert enter(client_of_somebody_else, ticket.number, code, late)[1] is False


def test_the_next_code_ends_the_one_before(client_of_somebody_else, ticket):
    with clock.at(WEDNESDAY):
        old, _new = (keys.give_code(ticket, by=make.agent()) for _ in range(2))

    assert enter(client_of_somebody_else, ticket.number, old)[1] is False


def test_five_wrong_codes_end_the_right_one(client_of_somebody_else, ticket):
    with clock.at(WEDNESDAY):
        code = keys.give_code(ticket, by=make.agent())
    wrong = f"{(int(code) + 1) % 10**8:08}"

    for _ in range(5):
        enter(client_of_somebody_else, ticket.number, wrong)

    assert enter(client_of_somebody_else, ticket.number, code)[1] is False


def test_the_stored_code_cannot_be_read_back(ticket):
    code = keys.give_code(ticket, by=make.agent())

    assert code not in GuestCode.objects.get().code_hash


def test_an_agent_gives_the_code_at_the_desk_and_the_history_says_so(client, ticket):
    agent = make.lead()
    desk = Client()
    desk.force_login(agent)

    with clock.at(WEDNESDAY):
        answer = desk.post(f"/desk/open/{ticket.number}/call-codes/")
        page = desk.get(answer["Location"]).content.decode()
        again = desk.get(answer["Location"]).content.decode()
    said = re.search(r"Read this out: \u2066(\d{4} \d{4})\u2069", page)

    assert said
    assert said[1] not in again
    event = ticket.entries.latest("seq")
    assert (event.code, event.agent, event.words.data) == ("call_code", agent, {})
    assert "gave the customer a code by phone" in again
    assert enter(Client(), ticket.number, said[1])[1] is True


def test_no_code_is_read_out_for_a_request_that_mail_reaches():
    ticket, desk = make.ticket(), Client()
    desk.force_login(make.lead())

    answer = desk.post(f"/desk/open/{ticket.number}/call-codes/")

    assert answer.status_code == 404
    assert "call-codes" not in desk.get(f"/desk/open/{ticket.number}/").content.decode()


def test_no_code_for_agents_who_do_not_see_the_ticket_and_for_nobody_else(ticket):
    stranger, nobody = Client(), Client()
    stranger.force_login(make.agent(teams=[make.team("Elsewhere")]))
    door = f"/desk/open/{ticket.number}/call-codes/"

    assert stranger.post(door).status_code == 404
    assert nobody.post(door)["Location"].startswith("/accounts/login/")
    assert stranger.get(door).status_code == 405
    assert GuestCode.objects.count() == 0
