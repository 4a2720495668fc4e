"""The chat on a page of another origin, under a strict policy: nothing is lost, everybody can use it."""

from __future__ import annotations

import json
import re
import smtplib
import subprocess
import sys
import threading
import time
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import jwt
import pytest
from axe_playwright_python.sync_playwright import Axe

from ahadi.lib.environment import ROOT
from tests.browser.place import until

pytestmark = pytest.mark.browser

SOON = 15_000
# Two teams, so that the stories do not depend on the hour at which they are played.
SITES = """
import sys, django; django.setup()
from ahadi.lib import clock
from ahadi.channels.models import Site, SiteKey
from ahadi.people.models import Agent, Company, Team, WorkingHours
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
always = {day: [["00:00", "24:00"]] for day in days}
later = {days[(clock.now().weekday() + 3) % 7]: [["09:00", "17:00"]]}
for name, times in (("Open", always), ("Shut", later)):
    zone = Company.current().time_zone
    hours = WorkingHours.objects.create(name=name, time_zone=zone, hours=times)
    team = Team.objects.create(name=name, working_hours=hours)
    team.agents.add(*Agent.objects.all())
    site = Site.objects.create(name=name, origins=[sys.argv[1]], team=team)
    print(site.key)
key = SiteKey(site=Site.objects.get(team__name="Open"), algorithm="HS256")
key.secret = sys.argv[2]
key.save()
print(key.kid)
"""
SECRET = "the site's own server knows this, and the desk"
PAGE = """<!doctype html>
<html lang="{lang}" dir="{way}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<main><h1>Rondo grinder</h1><p>Conical steel burrs.</p><button>Add to basket</button></main>
<script nonce="abc">
window.Ahadi = window.Ahadi || function () {{ (Ahadi.q = Ahadi.q || []).push(arguments); }};
window.told = [];
window.refused = [];
for (const type of ["ready", "open", "close", "unread", "message", "identified", "error"]) {{
  Ahadi("on", type, (event) => told.push(event));
}}
document.addEventListener("securitypolicyviolation", (event) => refused.push(event.blockedURI));
{more}
</script>
<script async src="{desk}/widget.js" data-site="{key}"{attributes}></script></html>"""
# The same script a second time, as careless pages have it: how many buttons there are then.
TWICE = """() => new Promise((done) => {
  const again = document.createElement("script");
  again.src = document.querySelector("script[src]").src;
  again.onload = () => done(document.querySelectorAll("ahadi-chat").length);
  document.body.append(again);
})"""
MAIL = "From: Anna <{address}>\r\nTo: {to}\r\nSubject: Re: Nobody there?\r\n\r\nI write by mail now."
# Where an answer to the newest mail to somebody goes.
REPLY_TO = """
import sys, time, django; django.setup()
from email import message_from_bytes
from ahadi.channels.models import OutgoingMail
for _turn in range(100):
    mail = OutgoingMail.objects.filter(recipients__icontains=sys.argv[1]).order_by("-pk").first()
    if mail:
        print(message_from_bytes(bytes(mail.raw))["Reply-To"])
        break
    time.sleep(0.1)
"""
# What the log gets, and whether it speaks then.
LISTEN = """
if (location.pathname === "/widget/frame/") addEventListener("DOMContentLoaded", () => {
  window.heard = [];
  const log = document.querySelector("[data-log]");
  new MutationObserver((all) => {
    for (const { addedNodes } of all) {
      for (const node of addedNodes) heard.push([log.getAttribute("aria-live"), node.textContent]);
    }
  }).observe(log, { childList: true, subtree: true });
});
"""


def play(site, script, *given):
    """What a script says that knows the data of the site."""
    environment = site.environment | {"DJANGO_SETTINGS_MODULE": "ahadi.settings"}
    command = [sys.executable, "-c", script, *given]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


class Shop:
    """A page of another origin, which allows the chat and nothing else."""

    def __init__(self, site):
        self.desk = site.url
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        given = play(site, SITES, self.url, SECRET).split()
        self.keys = dict(zip(("open", "shut", "kid"), given, strict=True))

    def handler(shop):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_given):
                pass

            def do_GET(self):
                asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                body = shop.page(**asked).encode()
                policy = f"default-src 'none'; script-src 'nonce-abc' {shop.desk}; frame-src {shop.desk}"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

        return Handler

    def proof(self, person):
        """What the site's own server says about its visitor."""
        now = int(time.time())
        claims = {"sub": person, "name": person, "aud": self.keys["open"], "iat": now, "exp": now + 3600}
        return jwt.encode(claims, SECRET, "HS256", headers={"kid": self.keys["kid"]})

    def page(self, lang="en", hours="open", more="", attributes=""):
        way = "rtl" if lang in ("fa", "he") else "ltr"
        key = self.keys.get(hours, hours)
        return PAGE.format(lang=lang, way=way, more=more, desk=self.desk, key=key, attributes=attributes)


@pytest.fixture(scope="module")
def shop(site):
    shop = Shop(site)
    yield shop
    shop.server.shutdown()


@pytest.fixture(scope="module")
def api(site):
    """What agents do, through the API."""
    scopes = "tickets:read,tickets:write"
    token = site.ask("token", "create", "--agent", "jonas@marlo.example", "--scopes", scopes).strip()

    def call(path, body=None, method="POST"):
        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"{site.url}/api/v1/{path}", data, method=method if data else "GET")
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    return call


class Visit:
    """A visitor's page, and the panel in it."""

    def __init__(self, context, shop, **asked):
        self.context = context
        self.page = context.new_page()
        self.page.wrong = []
        self.page.on("pageerror", lambda error: self.page.wrong.append(str(error)))
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        self.page.goto(f"{shop.url}/?{query}")
        self.launcher = self.page.locator("ahadi-chat button")
        self.dialog = self.page.locator("ahadi-chat dialog")
        self.panel = self.page.frame_locator("ahadi-chat iframe")
        self.text = self.panel.locator("[data-text]")

    def open(self):
        self.launcher.click()
        self.panel.locator("[data-entries] > *").first.wait_for(timeout=SOON)
        return self

    def say(self, words):
        self.text.fill(words)
        self.text.press("Enter")
        return self

    def code(self):
        self.panel.locator("[data-code]:not(:empty)").wait_for(timeout=SOON)
        return self.panel.locator("[data-code]").inner_text()

    def entry(self, words):
        return self.panel.locator(".chat__entry", has_text=words)

    def sent(self, words):
        self.entry(words).locator("[data-state]", has_text=re.compile("^(Sent|Seen)")).wait_for(timeout=SOON)
        return self


@pytest.fixture
def visit(browser, shop):
    contexts = []

    def come(width=1200, height=900, phone=False, **asked):
        context = browser.new_context(
            viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone
        )
        contexts.append(context)
        return Visit(context, shop, **asked)

    yield come
    for context in contexts:
        context.close()


def seen_by_desk(api, code):
    return [row["body_text"] for row in api(f"tickets/{code}/entries")["data"] if row["kind"] == "message"]


def test_a_visitor_on_a_foreign_page_and_an_agent_at_the_desk_talk_live(site, browser, visit, api):
    visitor = visit(more="Ahadi('open');")
    visitor.panel.locator("[data-entries] > *").first.wait_for(timeout=SOON)
    truth = visitor.panel.locator("[data-sentence]").inner_text()
    buttons = visitor.page.evaluate(TWICE)
    visitor.say("My Rondo stops\nand blinks red").sent("My Rondo stops")
    code = visitor.code()
    agent = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    site.sign_in(agent)
    agent.goto(f"{site.url}/desk/open/{code}/")
    agent.locator(".thread .entry", has_text="blinks red").wait_for(timeout=SOON)
    agent.locator("#text").fill("I ask our workshop right away.")
    agent.keyboard.press("Control+Enter")
    visitor.entry("I ask our workshop").wait_for(timeout=SOON)
    visitor.text.press("Escape")
    visitor.dialog.wait_for(state="hidden")
    focused = visitor.page.evaluate("document.activeElement.localName")
    agent.locator("#text").fill("It needs a new part.")
    agent.keyboard.press("Control+Enter")
    visitor.page.locator("ahadi-chat button[aria-label$='1']").wait_for(timeout=SOON)
    visitor.launcher.click()
    visitor.entry("a new part").wait_for(timeout=SOON)
    visitor.say("How long?")
    agent.locator(".thread .entry", has_text="How long?").wait_for(timeout=SOON)
    api(f"tickets/{code}", {"assignee": "grace@marlo.example", "sentence": "A new part is wanted."}, "PATCH")
    visitor.panel.locator("[data-name]", has_text="Grace").wait_for(timeout=SOON)
    agent.context.close()

    assert truth.startswith("Open now")
    assert buttons == 1
    assert focused == "ahadi-chat"
    assert visitor.page.evaluate("refused") == []
    assert visitor.page.wrong == []
    kinds = [event["type"] for event in visitor.page.evaluate("told")]
    assert {"ready", "open", "close", "unread", "message"} <= set(kinds)
    assert "error" not in kinds


def test_what_happens_while_the_line_is_cut_is_there_when_it_is_back(visit, api):
    visitor = visit().open().say("It stops.").sent("It stops.")
    code = visitor.code()

    visitor.context.set_offline(True)
    for words in ("Still here one", "Still here two", "Still here three"):
        visitor.say(words)
        api(f"tickets/{code}/replies", {"body": f"Heard: {words}"})
    api(f"tickets/{code}/replies", {"body": "Your new part is on its way.", "solve": True})
    visitor.panel.locator("[data-line]", has_text="Reconnecting").wait_for(timeout=SOON)
    visitor.context.set_offline(False)
    visitor.entry("new part is on its way").wait_for(timeout=SOON)
    visitor.sent("Still here three")
    visitor.panel.locator("[data-line]:empty").wait_for(state="attached", timeout=SOON)

    shown = visitor.panel.locator(".chat__bubble").all_inner_texts()
    for each in ("one", "two", "three"):
        assert [text for text in shown if text == f"Still here {each}"] == [f"Still here {each}"]
        assert len([text for text in shown if f"Heard: Still here {each}" in text]) == 1
    assert seen_by_desk(api, code)[1:] == ["Still here one", "Still here two", "Still here three"]


def test_unsent_words_and_a_draft_survive_a_reload_and_nothing_is_sent_twice(visit, api):
    visitor = visit().open().say("It stops.").sent("It stops.")
    code = visitor.code()
    lost = []

    # The server has written it down, and the answer is lost on the way.
    def lose(route):
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    visitor.page.route("**/widget/messages/", lose)
    visitor.say("Twice blinks the lamp.")
    visitor.text.press_sequentially("I was just wr")
    visitor.entry("Twice blinks").locator("[data-state]", has_text="Waits").wait_for(timeout=SOON)
    visitor.page.unroute("**/widget/messages/")
    visitor.page.reload()
    visitor.open().sent("Twice blinks")

    assert lost
    assert visitor.text.input_value() == "I was just wr"
    assert visitor.entry("Twice blinks").count() == 1
    assert seen_by_desk(api, code) == ["It stops.", "Twice blinks the lamp."]


def test_on_a_phone_the_panel_is_the_screen_and_back_closes_it(visit):
    visitor = visit(390, 780, phone=True).open()

    box = visitor.dialog.bounding_box()
    size = visitor.text.evaluate("(node) => getComputedStyle(node).fontSize")
    is_modal = visitor.dialog.evaluate("(node) => node.matches(':modal')")
    wide = visitor.panel.locator("body").evaluate("(node) => node.scrollWidth - innerWidth")
    visitor.text.tap()
    visitor.page.evaluate("history.back()")
    visitor.dialog.wait_for(state="hidden")

    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 780)
    assert size == "16px"
    assert is_modal
    assert wide <= 0
    assert visitor.page.url.startswith(visitor.page.evaluate("location.origin"))


def test_everything_is_done_with_the_keyboard_and_history_is_not_read_again(visit):
    visitor = visit()
    visitor.launcher.wait_for()
    keys = visitor.page.keyboard
    for key in ("Tab", "Tab", "Enter"):
        keys.press(key)
    log = visitor.panel.locator("[data-log]")
    visitor.panel.locator("[data-text]:focus").wait_for(timeout=SOON)
    keys.type("Only keys")
    keys.press("Enter")
    visitor.sent("Only keys")
    visitor.panel.locator("[data-log][aria-live=polite]").wait_for(timeout=SOON)
    keys.press("Shift+Tab")
    keys.press("F6")
    on_page = visitor.page.evaluate("document.activeElement.localName")
    keys.press("F6")
    visitor.panel.locator("[data-text]:focus").wait_for(timeout=SOON)
    keys.press("Escape")
    visitor.dialog.wait_for(state="hidden")
    visitor.page.add_init_script(LISTEN)
    visitor.page.reload()
    visitor.open().entry("Only keys").wait_for(timeout=SOON)
    heard = log.evaluate("() => window.heard")

    assert on_page == "ahadi-chat"
    assert any("Only keys" in text for _live, text in heard)
    assert {live for live, _text in heard} == {"off"}
    assert visitor.page.wrong == []


@pytest.mark.parametrize("lang", ["fa", "he"])
def test_in_persian_and_hebrew_the_panel_stands_at_the_other_side_without_a_fault(visit, lang):
    visitor = visit(lang=lang).open().say("آسیابم می‌ایستد" if lang == "fa" else "הטוחן נעצר")
    visitor.code()
    visitor.panel.locator(".chat__entry--automatic, [data-way]:not([hidden])").first.wait_for(timeout=SOON)

    found = Axe().run(visitor.page).response["violations"]

    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found] == []
    assert visitor.dialog.bounding_box()["x"] < 100
    mine = visitor.panel.locator(".chat__entry--mine").bounding_box()
    log = visitor.panel.locator("[data-log]").bounding_box()
    assert mine["x"] - log["x"] < 40
    assert visitor.panel.locator("html").get_attribute("dir") == "rtl"


def test_closed_hours_take_the_message_and_the_talk_goes_on_by_mail_and_back(site, visit):
    visitor = visit(hours="shut").open()
    sentence = visitor.panel.locator("[data-sentence]").inner_text()
    is_asked_before = visitor.panel.locator("[data-way]").is_visible()
    visitor.say("Nobody there?").sent("Nobody there?")
    code = visitor.code()
    way = visitor.panel.locator("#way")
    way.fill("anna@")
    way.press("Enter")
    visitor.panel.locator("#way-fault:not(:empty)").wait_for(timeout=SOON)
    address = f"anna{time.time_ns()}@post.example"
    way.fill(address)
    way.press("Enter")
    visitor.panel.locator("[data-shown]", has_text="@post.example").wait_for(timeout=SOON)
    visitor.page.reload()
    visitor.open().entry("Nobody there?").wait_for(timeout=SOON)

    reply_to = parseaddr(play(site, REPLY_TO, address))[1]
    with smtplib.SMTP("127.0.0.1", site.smtp_port, timeout=30) as server:
        server.sendmail(address, [reply_to], MAIL.format(address=address, to=reply_to))
    visitor.entry("I write by mail now").wait_for(timeout=SOON)

    assert sentence.startswith("Closed")
    assert not is_asked_before
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)
    assert not way.is_visible()
    assert visitor.code() == code


def test_signing_out_leaves_nothing_of_the_person_in_the_browser(visit, shop):
    visitor = visit().open()
    visitor.page.evaluate("(jwt) => Ahadi('identify', (done) => done(jwt))", shop.proof("anna"))
    until(visitor.page, "told.some((event) => Boolean(event.visitor?.is_proven))")
    visitor.say("My secret").sent("My secret")
    visitor.text.press_sequentially("and my draft")

    visitor.page.evaluate("Ahadi('logout')")
    visitor.dialog.wait_for(state="hidden")
    frame = next(frame for frame in visitor.page.frames if "/widget/frame/" in frame.url)
    until(frame, "!document.cookie.includes('ahadi')")
    visitor.open()

    assert visitor.entry("My secret").count() == 0
    assert visitor.text.input_value() == ""
    assert visitor.panel.locator("section[data-promise]").is_hidden()


def test_before_consent_nothing_is_asked_and_nothing_is_kept(visit):
    visitor = visit(attributes=" data-consent=wait")
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.reload(wait_until="networkidle")
    visitor.page.evaluate("Ahadi('open')")
    before = visitor.page.evaluate("[document.querySelectorAll('ahadi-chat').length, document.cookie]")
    asked_before = [url for url in asked if "/widget/" in url]

    visitor.page.evaluate("Ahadi('consent')")
    visitor.panel.locator("[data-entries] > *").first.wait_for(timeout=SOON)
    visitor.page.evaluate("Ahadi.shutdown()")
    visitor.page.locator("ahadi-chat").wait_for(state="detached", timeout=SOON)
    visitor.page.evaluate("Ahadi.boot({ theme: 'dark' })")
    visitor.launcher.wait_for(timeout=SOON)

    assert before == [0, ""]
    assert asked_before == []
    assert visitor.page.locator("ahadi-chat").count() == 1


def test_a_site_that_is_not_on_the_list_is_told_why(visit):
    visitor = visit(hours="nobody")
    visitor.launcher.click()

    assert visitor.panel.locator("h1").inner_text() == "The chat does not open here"
