"""Settings are read, and refused in one clear line."""

from __future__ import annotations

import stat

import pytest

from ahadi.lib import environment
from ahadi.lib.shelves import Bucket


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def read(data, **given):
    return environment.read({"AHADI_DATA": str(data), **given})


def test_without_settings_everything_has_a_default(data):
    given = read(data)

    assert (given.url, given.host, given.port) == ("http://localhost:8000", "127.0.0.1", 8000)
    assert given.smtp_in == ("127.0.0.1", 8025)
    assert given.files == data / "files"
    assert given.database["NAME"] == data / "ahadi.sqlite3"


def test_files_may_lie_in_a_bucket_and_its_secret_is_never_shown(data):
    given = read(data, AHADI_FILES="s3://me:h%2Fush@Mails/raw?endpoint=http://localhost:9000&region=eu-1")

    assert given.files == Bucket("Mails", "raw/", "http://localhost:9000", "eu-1", "me", "h/ush")
    assert "h/ush" not in repr(given)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("AHADI_PORT", "eighty", "number from 1 to 65535"),
        ("AHADI_PORT", "70000", "number from 1 to 65535"),
        ("AHADI_PORT", "٨٠", "number from 1 to 65535"),
        ("AHADI_PORT", "", "is empty"),
        ("AHADI_URL", "help.example.com", "http:// or https://"),
        ("AHADI_URL", "https://help.example.com/desk", "nothing after the host"),
        ("AHADI_URL", "http://localhost:many", "port must be a number"),
        ("AHADI_SMTP_IN", "8025", "127.0.0.1:8025"),
        ("AHADI_SMTP_OUT", "mail.example.com", "smtp://"),
        ("AHADI_DATABASE", "mysql://localhost/ahadi", "postgres://"),
        ("AHADI_DATABASE", "postgres://localhost", "/name"),
        ("AHADI_REDIS", "localhost:6379", "redis://"),
        ("AHADI_TIME_ZONE", "Mars/Olympus", "time zone"),
        ("AHADI_TIME_ZONE", "../../etc/passwd", "time zone"),
        ("AHADI_LANGUAGE", "tlh", "one of"),
        ("AHADI_FILES", "ftp://bucket", "s3://"),
        ("AHADI_FILES", "s3://?endpoint=http://localhost", "s3://"),
        ("AHADI_FILES", "s3://bucket?endpont=http://localhost", "not endpont"),
        ("AHADI_FILES", "s3://bucket?endpoint=localhost:9000", "http://"),
        ("AHADI_HOST", "a\nb", "one line"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_with_its_name(data, name, value, reason):
    with pytest.raises(environment.Unreadable) as refusal:
        read(data, **{name: value})

    assert str(refusal.value).startswith(f"{name} ")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_unknown_name_is_refused(data):
    with pytest.raises(environment.Unreadable, match="AHADI_PROT "):
        read(data, AHADI_PROT="8000")


def test_names_of_others_do_not_matter(data):
    assert read(data, PORT="x", AHADINESS="x").port == 8000


def test_a_value_may_lie_in_a_file(data, tmp_path):
    (tmp_path / "secret").write_text("quiet\n")

    given = read(data, AHADI_SECRET_KEY_FILE=str(tmp_path / "secret"))

    assert given.secret_key == "quiet"
    assert "quiet" not in repr(given)


def test_a_value_file_that_is_absent_is_refused(data):
    with pytest.raises(environment.Unreadable, match="AHADI_SECRET_KEY_FILE cannot be read: /absent"):
        read(data, AHADI_SECRET_KEY_FILE="/absent")


def test_a_value_and_its_file_together_are_refused(data):
    with pytest.raises(environment.Unreadable, match="both given"):
        read(data, AHADI_PORT="1", AHADI_PORT_FILE="/some")


def test_the_file_in_the_data_folder_counts_and_the_environment_wins(data):
    data.mkdir()
    (data / ".env").write_text(
        "# ports\nexport AHADI_PORT=9000  # not eighty\nAHADI_URL='https://a.example'\nOTHER=1\n\n"
    )

    assert read(data).port == 9000
    assert read(data).is_secure
    assert read(data, AHADI_PORT="9001").port == 9001


@pytest.mark.parametrize("line", ["AHADI_PROT=1", "AHADI_PORT", "AHADI_PORT=x", "AHADI_DATA=/elsewhere"])
def test_a_wrong_line_in_the_file_is_refused(data, line):
    data.mkdir()
    (data / ".env").write_text(line)

    with pytest.raises(environment.Unreadable):
        read(data)


def test_an_empty_door_is_closed(data):
    assert read(data, AHADI_SMTP_IN="").smtp_in is None


def test_the_secret_is_made_once_and_for_its_owner_only(data):
    environment.make_secret_key(data)
    first = read(data).secret_key

    environment.make_secret_key(data)

    assert read(data).secret_key == first
    assert len(first) > 60
    assert stat.S_IMODE((data / environment.SECRET_KEY_FILE).stat().st_mode) == 0o600


def test_a_database_address_is_taken_apart(data):
    database = read(data, AHADI_DATABASE="postgres://us%40er:p%2Fw@db:5433/name?sslmode=require").database

    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("us@er", "p/w", "db")
    assert (database["PORT"], database["NAME"], database["OPTIONS"]["sslmode"]) == ("5433", "name", "require")


def test_a_database_may_be_reached_by_a_socket(data):
    assert read(data, AHADI_DATABASE="postgres:///name?host=/run/pg").database["HOST"] == "/run/pg"


def test_cookies_and_hosts_follow_the_public_address(data):
    given = read(data, AHADI_URL="https://help.example.com:8443/")

    assert given.origin == "https://help.example.com:8443"
    assert given.allowed_hosts[0] == "help.example.com"


def test_another_port_alone_moves_the_local_address(data):
    assert read(data, AHADI_PORT="9000").url == "http://localhost:9000"
    assert read(data, AHADI_PORT="9000", AHADI_URL="https://a.example").url == "https://a.example"
