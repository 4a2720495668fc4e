"""Two machines that thank each other for their mails filled the mailbox of a person over night.

Here the other one answers every mail at once, in every way machines do, also from ever new addresses: it
gets one confirmation, everything it says stays on one request, and no machine of ours answers a machine.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from aiosmtpd.controller import Controller

from ahadi.channels import intake
from ahadi.channels.email import door
from ahadi.channels.models import Delivery, RawMessage
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets.models import Entry, Ticket
from tests.stories import mailbox
from tests.stories.test_kill import House, free_port

pytestmark = pytest.mark.django_db

ROBOT = "robot@peer.example"
# Longer than any duel that ends by itself.
ROUNDS = 12

Answer = Callable[["Robot", EmailMessage, EmailMessage], None]


@dataclass
class Robot:
    """A mail server at which a machine answers whatever comes."""

    door: int
    habits: list[Answer]
    got: list[EmailMessage] = field(default_factory=list)
    said: int = 0
    heard: int = 0
    address: str = ROBOT
    work: Callable[[], None] = lambda: None

    async def handle_DATA(self, server, session, envelope) -> str:
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def begin(self) -> None:
        """The mail that starts it, as a person would write it."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.address, mailbox.HELP, "Grinder"
        mail["Message-ID"] = f"<first.{self.address}>"
        mail.set_content("The grinder stops after two seconds.")
        self._send(mail, self.address, mailbox.HELP)

    def go_on(self, rounds: int = ROUNDS) -> None:
        """Answer whatever came, until nothing comes any more."""
        for _round in range(rounds):
            self.work()
            for mail in self.got[self.heard :]:
                self.heard += 1
                self.answer(mail)
        self.work()

    def answer(self, theirs: EmailMessage) -> None:
        """Thank for a mail at once."""
        mail, number = EmailMessage(policy=SMTP), self.said
        mail["From"], mail["To"] = self.address, str(theirs["From"])
        mail["Subject"] = "Thank you for your mail"
        mail["Message-ID"] = f"<{number}.{self.address}>"
        mail.set_content(f"We have received your mail. Our number for it is {number}.")
        for habit in self.habits:
            habit(self, mail, theirs)
        self._send(mail, str(mail["From"]), mail["To"].addresses[0].addr_spec)

    def _send(self, mail: EmailMessage, sender: str, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.door, timeout=30) as server:
            server.sendmail("" if mail.get("X-Envelope") else sender, [to], mail.as_bytes())
        self.said += 1


def _set(mail: EmailMessage, name: str, value: str) -> None:
    del mail[name]
    mail[name] = value


def names_the_mail(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    _set(mail, "In-Reply-To", theirs["Message-ID"])
    _set(mail, "References", theirs["Message-ID"])


def keeps_the_subject(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    _set(mail, "Subject", f"Re: {theirs['Subject']}")


def uses_the_reply_address(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    _set(mail, "To", theirs["Reply-To"])


def says_that_it_is_a_machine(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    _set(mail, "Auto-Submitted", "auto-replied")


def leaves_the_envelope_empty(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    _set(mail, "X-Envelope", "empty")


def changes_its_address(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    _set(mail, "From", f"robot{robot.said}@{robot.address.partition('@')[2]}")


def quotes(robot: Robot, mail: EmailMessage, theirs: EmailMessage) -> None:
    said = theirs.get_body(("plain",)).get_content()
    mail.set_content("We have received this:\n\n> " + "\n> ".join(said.splitlines()))


@pytest.fixture
def duel(settings, monkeypatch) -> Iterator[Callable[..., Robot]]:
    """Play until nobody says anything any more, or for too long; between the two runs real SMTP."""
    make.company()
    make.inbox(mailbox.HELP)
    # The threads of the door have no part in the transaction of a test.
    came: list[RawMessage] = []

    def take(_keeper: door.Keeper, messages: list[RawMessage]) -> list[None]:
        came.extend(messages)
        return [None] * len(messages)

    monkeypatch.setattr(door.Keeper, "_take", take)
    opened, servers = door.start("127.0.0.1", free_port()), []

    def work() -> None:
        while came:
            intake.take([came.pop(0)])
        jobs.run_due()

    def play(*habits: Answer) -> Robot:
        robot = Robot(opened.port, list(habits), work=work)
        servers.append(Controller(robot, hostname="127.0.0.1", port=free_port()))
        servers[0].start()
        settings.AHADI_SMTP_OUT = f"smtp://127.0.0.1:{servers[0].port}"
        robot.begin()
        robot.go_on()
        return robot

    yield play
    opened.stop()
    for server in servers:
        server.stop()


MANNERS = {
    "politely": [names_the_mail, keeps_the_subject, uses_the_reply_address, says_that_it_is_a_machine],
    "without saying that it is a machine": [names_the_mail, keeps_the_subject, uses_the_reply_address],
    "to the plain address": [names_the_mail, keeps_the_subject],
    "to the reply address alone": [uses_the_reply_address],
    "naming nothing, as a machine": [says_that_it_is_a_machine],
    "naming nothing, from an empty envelope": [leaves_the_envelope_empty],
    "from ever new addresses": [
        names_the_mail,
        keeps_the_subject,
        uses_the_reply_address,
        changes_its_address,
    ],
    "from ever new addresses to the plain one": [names_the_mail, changes_its_address],
    "from ever new addresses to the reply address": [uses_the_reply_address, changes_its_address],
    "from ever new addresses, as a machine": [names_the_mail, says_that_it_is_a_machine, changes_its_address],
}


@pytest.mark.parametrize("manner", MANNERS)
def test_whoever_answers_every_mail_hears_one_confirmation_on_one_request(duel, manner):
    robot = duel(*MANNERS[manner])

    assert len(robot.got) == 1
    assert Ticket.objects.count() == 1
    assert RawMessage.objects.exclude(outcome="").count() == robot.said == 2
    assert not RawMessage.objects.filter(outcome="quarantine").exists()
    assert Delivery.objects.filter(state="sent").count() == 1


# What names nothing but a code stands for nobody: by the table of rule E-30 it is a request of its own.
WEAK = {
    "with the code in the subject": [keeps_the_subject],
    "with the code in the subject, from ever new addresses": [keeps_the_subject, changes_its_address],
    "quoting, from ever new addresses": [quotes, changes_its_address],
}


@pytest.mark.parametrize("manner", WEAK)
def test_whoever_merely_knows_the_code_is_not_confirmed_again(duel, manner):
    robot = duel(*WEAK[manner])

    assert len(robot.got) == 1
    assert Ticket.objects.count() <= 2


@pytest.mark.parametrize("manner", MANNERS)
def test_no_automatic_text_follows_an_automatic_text(duel, manner):
    duel(*MANNERS[manner])

    mail = Delivery.objects.get()
    theirs = Entry.objects.filter(ticket=mail.entry.ticket, seq__gt=mail.entry.seq)
    assert mail.automatic
    assert not theirs.filter(kind=Entry.Kind.REPLY).exists()


def test_a_person_who_answers_is_not_answered_by_our_machine(duel):
    robot = duel(names_the_mail, keeps_the_subject, uses_the_reply_address, says_that_it_is_a_machine)
    ticket = Ticket.objects.get()

    ticket.reply("Who are you?", by=make.agent("Mara Lind"))
    robot.go_on()

    human = robot.got[-1]
    assert len(robot.got) == 2
    assert "Auto-Submitted" not in human
    assert Ticket.objects.count() == 1
    ticket.refresh_from_db()
    assert ticket.status == "open"


class Post:
    """The mail servers of all robots: each mail goes to the robot of its domain."""

    def __init__(self, robots: list[Robot]) -> None:
        self.robots = {robot.address.partition("@")[2]: robot for robot in robots}

    async def handle_DATA(self, server, session, envelope) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        self.robots[envelope.rcpt_tos[0].partition("@")[2]].got.append(mail)
        return "250 OK"


def test_all_of_them_at_once_against_the_product_in_a_process_of_its_own(tmp_path, request):
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the processes of this test have a database of their own")
    sink = free_port()
    house = House(tmp_path, free_port(), sink)
    robots = [
        Robot(house.door, habits, address=f"robot@peer{number}.example")
        for number, habits in enumerate(MANNERS.values())
    ]
    server = Controller(Post(robots), hostname="127.0.0.1", port=sink)
    server.start()
    process = house.start()

    for robot in robots:
        robot.begin()
    quiet, end = 0, time.monotonic() + 60
    while quiet < 5 and time.monotonic() < end:
        time.sleep(0.2)
        waiting = house.ask("SELECT count(*) FROM outbox_job") != [(0,)]
        news = any(robot.heard < len(robot.got) for robot in robots)
        quiet = 0 if waiting or news else quiet + 1
        for robot in robots:
            robot.go_on(rounds=1)
    process.kill()
    process.wait()
    server.stop()

    assert [len(robot.got) for robot in robots] == [1] * len(robots)
    assert house.ask("SELECT count(*) FROM tickets_ticket") == [(len(robots),)]
    assert house.ask("SELECT count(*) FROM channels_rawmessage") == [(2 * len(robots),)]
    assert house.ask("SELECT state, automatic, count(*) FROM channels_delivery GROUP BY 1, 2") == [
        ("sent", 1, len(robots))
    ]
