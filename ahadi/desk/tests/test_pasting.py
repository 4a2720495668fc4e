from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ahadi.channels.models import Draft, OutgoingMail
from ahadi.desk.models import Picture
from ahadi.lib import clock, store
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets.models import Attachment, Entry, Ticket
from tests.access.world import proven

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def paste(client: Any, ticket: Ticket, content: bytes = DOT, name: str = "image.png") -> Any:
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return client.post(f"/desk/open/{ticket.number}/pictures/", {"file": file})


def send(client: Any, ticket: Ticket, text: str, **more: str) -> None:
    given = {"text": text, "seq": str(ticket.last_seq), "then": "open", **more}
    answer = client.post(f"/desk/open/{ticket.number}/replies/", given)
    assert answer.status_code == 302, answer.content.decode()


def leave() -> None:
    with clock.at(clock.now() + timedelta(seconds=30)):
        jobs.run_due()


def test_a_pasted_picture_stands_between_the_words_for_everybody_who_reads_them(client: Any):
    ticket = make.ticket(data={"no_acknowledgement": True})
    client.force_login(make.agent())
    name = paste(client, ticket).json()["name"]

    send(client, ticket, f"Press here:\n![{name}]\nand wait.")
    leave()

    # At the desk it is seen where it stands, and not listed once more.
    file = Attachment.objects.get(entry__ticket=ticket)
    page = client.get(f"/desk/open/{ticket.number}/").content.decode()
    assert (file.name, file.is_inline, file.content_type) == (name, True, "image/png")
    assert f'<img src="/desk/attachments/{file.pk}/" alt="{name}">' in page
    assert 'class="attachments"' not in page
    # So it is on the customer's page.
    theirs = proven(ticket).get(f"/r/{ticket.number}/").content.decode()
    assert f'<img src="/r/{ticket.number}/files/{file.pk}/" alt="{name}">' in theirs
    assert 'class="attachments"' not in theirs
    # The mail brings it along with the words that show it.
    mail = message_from_bytes(bytes(OutgoingMail.objects.latest("pk").raw), policy=default)
    related = next(part for part in mail.walk() if part.get_content_type() == "multipart/related")
    html, picture = related.iter_parts()
    assert f'src="cid:{file.content_id}"' in html.get_content()
    assert picture["Content-ID"] == f"<{file.content_id}>"
    assert picture.get_content() == DOT
    assert "is attached" not in mail.get_body(("plain",)).get_content()


def test_a_picture_survives_the_draft_and_an_answer_that_was_taken_back(client: Any):
    ticket, agent = make.ticket(data={"no_acknowledgement": True}), make.agent()
    client.force_login(agent)
    root = f"/desk/open/{ticket.number}/"
    name = paste(client, ticket).json()["name"]
    assert client.get(f"{root}pictures/{name}/").content == DOT

    send(client, ticket, f"![{name}]")
    assert not Picture.objects.exists()
    draft = Draft.objects.get()
    client.post(f"{root}drafts/{draft.pk}/withdrawal/")

    # It is in the editor again, and goes along again.
    assert client.get(f"{root}pictures/{name}/").content == DOT
    send(client, ticket, f"Better: ![{name}]", draft=str(draft.pk))
    leave()
    assert Attachment.objects.get(entry__ticket=ticket).is_inline


def test_a_picture_whose_name_was_taken_out_of_the_words_stays_here(client: Any):
    ticket = make.ticket(data={"no_acknowledgement": True})
    client.force_login(make.agent())
    name = paste(client, ticket).json()["name"]
    send(client, ticket, f"![{name}]")
    draft = Draft.objects.get()
    client.post(f"/desk/open/{ticket.number}/drafts/{draft.pk}/withdrawal/")

    send(client, ticket, "Without it.", draft=str(draft.pk))
    leave()

    assert not Attachment.objects.filter(entry__ticket=ticket).exists()


def test_a_file_that_the_words_name_stands_between_them_without_any_script(client: Any):
    ticket = make.ticket(data={"no_acknowledgement": True})
    client.force_login(make.agent())
    file = SimpleUploadedFile("map.png", DOT, content_type="image/png")

    client.post(f"/desk/open/{ticket.number}/notes/", {"text": "See ![map.png]", "files": file})

    note = Entry.objects.get(ticket=ticket, kind="note")
    assert note.attachments.get().is_inline
    assert 'alt="map.png"' in client.get(f"/desk/open/{ticket.number}/").content.decode()


@pytest.mark.parametrize(
    "content",
    [b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', b"<html>", b"", DOT + bytes(5 << 20)],
    ids=["drawing", "page", "nothing", "too large"],
)
def test_only_pictures_of_some_megabytes_are_kept(client: Any, content: bytes):
    ticket = make.ticket(data={"no_acknowledgement": True})
    client.force_login(make.agent())

    answer = paste(client, ticket, content)

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not Picture.objects.exists()


def test_twenty_wait_at_most_and_old_ones_go(client: Any):
    ticket = make.ticket(data={"no_acknowledgement": True})
    client.force_login(make.agent())
    for _number in range(20):
        assert paste(client, ticket).status_code == 200
    assert paste(client, ticket).status_code == 422
    sha256 = Picture.objects.latest("pk").sha256

    with clock.at(clock.now() + timedelta(days=31)):
        assert paste(client, ticket, b"GIF89a....").status_code == 200

    assert Picture.objects.count() == 1
    with pytest.raises(FileNotFoundError):
        store.read(sha256)


def test_nobody_else_sees_or_sends_what_was_pasted(client: Any):
    ticket, writer, colleague = make.ticket(data={"no_acknowledgement": True}), make.agent(), make.agent()
    client.force_login(writer)
    name = paste(client, ticket).json()["name"]

    client.force_login(colleague)
    send(client, ticket, f"![{name}]")
    leave()

    assert client.get(f"/desk/open/{ticket.number}/pictures/{name}/").status_code == 404
    assert not Attachment.objects.filter(entry__ticket=ticket).exists()
    assert Picture.objects.count() == 1


def test_a_hostile_name_stays_words(client: Any):
    ticket = make.ticket(data={"no_acknowledgement": True})
    client.force_login(make.agent())
    file = SimpleUploadedFile('a" onerror="alert(1).png', DOT, content_type="image/png")

    client.post(
        f"/desk/open/{ticket.number}/notes/", {"text": '![a" onerror="alert(1).png] ![x<b>]', "files": file}
    )

    page = client.get(f"/desk/open/{ticket.number}/").content.decode()
    assert 'onerror="' not in page
    assert "![x&lt;b&gt;]" in page
