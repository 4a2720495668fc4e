"""Promises in a real browser at moments that are given: every page is made at that time."""

from __future__ import annotations

import contextvars
import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from ahadi.lib import clock
from ahadi.portal import quota
from ahadi.promises import rounds
from ahadi.routing import rounds as routing
from ahadi.routing.models import Absence
from ahadi.testing import make
from ahadi.tickets.models import Ticket
from ahadi.ui import assets
from tests.stories import mailbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

HOST = "http://testserver"
ANNA = "anna@post.example"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = {day: [["08:00", "16:00"]] for day in ("sat", "sun", "mon", "tue", "wed")}


class House:
    """The product at a moment: every page a browser asks for is made then."""

    def __init__(self, browser, now):
        self.browser, self.now, self.contexts = browser, now, []
        # The browser calls back from a greenlet of its own, which would open another connection.
        self.here = contextvars.copy_context()

    def window(self, language="en-GB", zone="Europe/London", agent=None, width=390):
        """A window of somebody, with a clock of their own place."""
        client = Client(headers={"accept-language": language})
        client.cookies["time_zone"] = zone
        if agent is not None:
            client.force_login(agent)
        size = {"width": width, "height": 900}
        context = self.browser.new_context(locale=language, timezone_id=zone, viewport=size)
        self.contexts.append(context)
        context.route("**/*", lambda route: self.here.copy().run(self._answer, route, client))
        context.set_default_timeout(90000)
        return context.new_page()

    def live(self, length):
        """Let time go by, with a worker that does what comes due."""
        self.now += length
        with clock.at(self.now):
            routing.hand_over()
            rounds.attend()

    def _answer(self, route, client):
        asked = route.request
        place = urlsplit(asked.url)
        if place.path.startswith("/static/"):
            _serve(route, place.path.removeprefix("/static/"))
            return
        if "stream" in place.path:
            route.abort()
            return
        path = place.path + (f"?{place.query}" if place.query else "")
        kind = asked.headers.get("content-type", "application/octet-stream")
        with clock.at(self.now):
            answer = client.generic(asked.method, path, asked.post_data_buffer or b"", kind)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if 300 <= answer.status_code < 400:
            _lead_on(route, answer.headers["Location"])
            return
        route.fulfill(status=answer.status_code, content_type=answer.headers["Content-Type"], body=body)


def _lead_on(route, address):
    # A browser asks the network, where this house is not, for what an answer of a route leads to.
    route.fulfill(content_type="text/html", body=f"<script>location.replace({json.dumps(address)})</script>")


def _serve(route, name):
    if name == "ui/all.css":
        route.fulfill(content_type="text/css", body=_stylesheet())
    elif found := finders.find(name):
        route.fulfill(path=found)
    else:
        # Fonts are cut when a product is set up.
        route.abort()


_stylesheet = cache(assets.stylesheet)


@pytest.fixture
def house(browser, monkeypatch):
    """A house on a Wednesday morning."""
    # The browser waits in an event loop of this thread, in which the pages are made as well.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    # Nobody has asked anything yet.
    quota.limiter().storage.reset()
    found = House(browser, datetime(2026, 12, 2, 10, tzinfo=UTC))
    yield found
    for context in found.contexts:
        context.close()


def ask(house, page, **fields):
    page.goto(f"{HOST}/ask/")
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    house.now += MINUTE
    page.locator("form.form .form__send button").first.click()
    page.wait_for_url("**/asked/")
    return re.search(r"/r/([^/]+)/", page.url)[1]


def open_newest_mail(house, page, address):
    """The customer opens the link in the newest mail, and reads both."""
    with clock.at(house.now):
        mail = mailbox.received(address)[-1]
    page.goto(HOST + mailbox.link_in(mail))
    if page.locator("form.form").count():
        page.get_by_role("button", name="Show my request").click()
    page.locator(".steps").first.wait_for()
    return mailbox.text_of(mail), main(page)


def main(page):
    return page.locator("main").inner_text()


def test_asked_on_nowruz_the_answer_has_a_day_after_it_in_the_visitors_calendar(house):
    closed = {f"2027-03-{day}": "نوروز" for day in range(21, 25)}
    make.company(time_zone="Asia/Tehran", hours=WEEK, holidays=closed, language="fa", phone="+98 21 91")
    house.now = datetime(2027, 3, 21, 8, tzinfo=UTC)
    page = house.window("fa-IR", "Asia/Tehran")

    page.goto(f"{HOST}/")
    contact = main(page)
    ask(house, page, problem="بسته گم شده است.", email="shirin@post.example")
    told = main(page)

    assert "نوروز" in contact
    # Saturday 7 Farvardin is the first open day: the feast, then the Thursday and the Friday.
    assert "۷ فروردین" in contact
    assert "۷ فروردین" in told
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_friday_evening_tehran_opens_on_saturday_and_tel_aviv_on_sunday(house):
    hours = make.company(time_zone="Asia/Tehran", hours=WEEK, language="fa", phone="+98 21 91").working_hours
    house.now = datetime(2026, 12, 4, 16, tzinfo=UTC)
    page = house.window("fa-IR", "Asia/Tehran")

    page.goto(f"{HOST}/")
    tehran = main(page)
    hours.time_zone = "Asia/Jerusalem"
    hours.hours = {day: [["09:00", "18:00"]] for day in ("sun", "mon", "tue", "wed", "thu")}
    hours.save()
    other = house.window("he-IL", "Asia/Jerusalem")
    other.goto(f"{HOST}/")
    tel_aviv = main(other)

    assert "۱۴ آذر" in tehran
    assert "6 בדצמבר" in tel_aviv


def test_a_lost_parcel_keeps_its_next_step_when_it_takes_longer_and_its_owner_leaves_on_holiday(house):
    make.company()
    make.admin()
    make.inbox(mailbox.HELP)
    mara, theo = make.agent("Mara Lind"), make.agent("Theo Brandt")
    customer = house.window()

    # Asked, and taken over by somebody who promises a time.
    number = ask(house, customer, problem="The parcel with my grinder is lost.", email=ANNA)
    asked = main(customer)
    with clock.at(house.now):
        ticket = Ticket.objects.get(number=number)
        ticket.assign(mara, by=mara)
        ticket.reply("I ask the courier.", by=mara, due=house.now + 3 * HOUR, step="Mara asks the courier")
    customer.goto(f"{HOST}/r/{number}/")
    owned = main(customer)

    # It takes longer: the customer reads the new time before the old one has passed.
    house.live(2 * HOUR + 50 * MINUTE)
    told, moved = open_newest_mail(house, customer, ANNA)

    # She leaves on holiday: another name, the same promise.
    with clock.at(house.now):
        ticket.refresh_from_db()
        due = ticket.due
        Absence.objects.create(agent=mara, substitute=theo, begins=house.now, ends=house.now + 7 * DAY)
    house.live(MINUTE)
    handed_over, handed = open_newest_mail(house, customer, ANNA)

    ticket.refresh_from_db()
    assert "12:01" in asked
    assert "Mara asks the courier" in owned
    assert "13:01" in owned
    assert "15:01" in told
    assert "15:01" in moved
    assert "Theo" in handed_over
    assert "Theo" in handed
    assert (ticket.assignee, ticket.due) == (theo, due)


def test_never_by_phone_is_chosen_on_the_page_and_holds_at_the_desk(house):
    make.company(phone="+44 20 7946 0000")
    mara = make.agent("Mara Lind")
    customer, desk = house.window(), house.window(agent=mara, width=1440)
    number = ask(house, customer, problem="The grinder stops.", email=ANNA)

    customer.goto(f"{HOST}/r/{number}/preferences/")
    customer.check("[name=never_phone]")
    customer.locator("form.form .form__send button").first.click()
    customer.wait_for_url(f"**/r/{number}/")
    desk.goto(f"{HOST}/desk/open/{number}/")
    seen = desk.locator("body").inner_text()
    desk.goto(f"{HOST}/desk/open/{number}/call/")
    warned = main(desk)
    desk.check("[name=outcome][value=unreached]")
    send = desk.get_by_role("button", name="Write it down")
    send.click()
    desk.locator("#summary").wait_for()
    desk.fill("[name=against]", "The house is on fire.")
    send.click()
    written = desk.locator(".thread").get_by_text("Reason: The house is on fire.")
    written.wait_for()

    assert "Never by" in seen
    assert "never wants to be called" in warned
    assert "in a way they did not want" in written.inner_text()
