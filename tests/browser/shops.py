"""A shop on another origin that has the chat, and the visitors who come to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import jwt
import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from ahadi.lib.environment import ROOT
from tests.browser.screens.eye import AXE

# A busy machine takes its time.
SOON = 60_000
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
    # Each shop of one installation has teams of its own.
    name += sys.argv[1].rpartition(":")[2]
    hours = WorkingHours.objects.create(name=name, time_zone=zone, hours=times)
    team = Team.objects.create(name=name, working_hours=hours)
    team.agents.add(*Agent.objects.all())
    site = Site.objects.create(name=name, origins=[sys.argv[1]], team=team)
    print(site.key)
key = SiteKey(site=Site.objects.order_by("-pk")[1], algorithm="HS256")
key.secret = sys.argv[2]
key.save()
print(key.kid)
"""
# Whoever was left waiting by another story waits no longer, and nobody leads a talk that it left open.
HUSH = """
import django; django.setup()
from ahadi.routing import ringing
from ahadi.routing.models import Ring
for ring in Ring.objects.open():
    ringing.end(ring)
for ring in Ring.objects.filter(finished=None):
    ringing.finish(ring)
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
        with urlopen(request, timeout=60) as answer:
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

    @property
    def frame(self):
        """The document of the panel itself."""
        return next(frame for frame in self.page.frames if "/widget/frame/" in frame.url)

    def faults(self):
        """What axe finds in the panel, and in the page with its button; a frame is looked into by itself."""
        for place in (self.frame, self.page):
            place.evaluate(AXE_FILE_PATH.read_text())
        return [self.frame.evaluate(AXE, []), self.page.evaluate(AXE, [])]


@pytest.fixture
def visit(browser, shop):
    contexts = []

    def come(width=1200, height=900, phone=False, **asked):
        context = browser.new_context(
            viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone
        )
        context.set_default_timeout(SOON)
        contexts.append(context)
        return Visit(context, shop, **asked)

    yield come
    for context in contexts:
        context.close()


def seen_by_desk(api, code):
    return [row["body_text"] for row in api(f"tickets/{code}/entries")["data"] if row["kind"] == "message"]
