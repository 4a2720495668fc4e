"""What people upload never runs here: it is handed out as a file, never as a page."""

from __future__ import annotations

from typing import Any

import pytest

from ahadi.testing import make
from ahadi.tickets.models import Attachment
from ahadi.tickets.said import File
from tests.access.world import knock, proven, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

PAGE = b"<html><script>alert(document.domain)</script></html>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
# A name and a type that lie, each with what it really is.
UPLOADS = [
    File("page.html", "text/html", PAGE),
    File("drawing.svg", "image/svg+xml", DRAWING),
    File("drawing.png", "image/png", DRAWING),
    File("photo.jpg", "image/jpeg", PAGE),
    File("paper.pdf", "application/pdf", b"%PDF-1.7 /JavaScript (app.alert(1))"),
    File("feed.xml", "text/xml", b'<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml"/>'),
    File("code.pht", "application/x-httpd-php", b"<?php system($_GET[0]); ?>"),
    File("../../etc/cron.d/x", "text/plain", b"* * * * * root id"),
    File('a"; filename=b.html\r\nX-Bad: yes', "text/html", PAGE),
]


def is_harmless(answer: Any) -> bool:
    # A browser draws what is sent as PNG as a picture or not at all, whatever its bytes are.
    is_picture = answer["Content-Type"] in ("image/png", "image/jpeg")
    return (
        answer.status_code == 200
        and (is_picture or answer["Content-Disposition"].startswith("attachment"))
        and answer["X-Content-Type-Options"] == "nosniff"
        and "sandbox" in answer["Content-Security-Policy"]
        and "X-Bad" not in answer
        and "/" not in answer["Content-Disposition"].partition("filename")[2].replace("%2F", "/").strip('"')
    )


@pytest.mark.parametrize("file", UPLOADS, ids=lambda file: repr(file.name))
def test_agents_are_handed_a_file_and_never_a_page(file: File):
    ticket = make.ticket(files=[file])
    attachment = Attachment.objects.get(entry__ticket=ticket)

    answer, _written = knock(signed_in(make.agent()), "GET", f"/desk/attachments/{attachment.pk}/")

    assert is_harmless(answer)


@pytest.mark.parametrize("file", UPLOADS, ids=lambda file: repr(file.name))
def test_customers_are_handed_a_file_and_never_a_page(file: File):
    ticket = make.ticket()
    ticket.reply("Here it is.", by=make.agent(), files=[file])
    attachment = Attachment.objects.get(entry__ticket=ticket)

    answer, _written = knock(proven(ticket), "GET", f"/r/{ticket.number}/files/{attachment.pk}/")

    assert is_harmless(answer)


def test_a_file_of_a_note_is_not_handed_to_customers():
    ticket = make.ticket()
    ticket.note("For us.", by=make.agent(), files=[UPLOADS[0]])
    attachment = Attachment.objects.get(entry__ticket=ticket)

    answer, _written = knock(proven(ticket), "GET", f"/r/{ticket.number}/files/{attachment.pk}/")

    assert answer.status_code == 404


def test_a_file_of_a_foreign_ticket_does_not_exist():
    ticket = make.ticket(team=make.team("Workshop"), files=[UPLOADS[0]])
    attachment = Attachment.objects.get(entry__ticket=ticket)

    of_agent, _ = knock(signed_in(make.agent()), "GET", f"/desk/attachments/{attachment.pk}/")
    of_guest, _ = knock(proven(make.ticket()), "GET", f"/r/{ticket.number}/files/{attachment.pk}/")

    assert of_agent.status_code == of_guest.status_code == 404
