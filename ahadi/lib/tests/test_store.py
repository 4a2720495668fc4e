"""Files come back byte for byte, from a folder and from a bucket, and trouble looks the same."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ahadi.lib import store
from ahadi.lib.shelves import Bucket

CONTENT = "Der Käfig — قفس".encode() * 1000


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    ).create_bucket(Bucket="ahadi-files")
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request, settings, tmp_path):
    if request.param == "folder":
        settings.AHADI_FILES = tmp_path
    else:
        endpoint = request.getfixturevalue("storage")
        settings.AHADI_FILES = Bucket(
            "ahadi-files", f"{tmp_path.name}/", endpoint, "us-east-1", "key", "secret"
        )


def test_what_was_put_comes_back_unchanged(place):
    name = store.put(CONTENT)

    assert name == hashlib.sha256(CONTENT).hexdigest()
    assert store.read(name) == CONTENT
    with store.open_file(name) as file:
        assert file.read(10) == CONTENT[:10]
        assert file.read() == CONTENT[10:]


def test_the_same_bytes_are_kept_once(place):
    assert store.put(CONTENT) == store.put(CONTENT)

    assert len(list(store.names())) == 1


def test_what_is_in_a_folder_survives_a_power_failure_with_its_name(settings, tmp_path, monkeypatch):
    settings.AHADI_FILES = str(tmp_path)
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda handle: synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")))
    )
    name = store.put(b"of great value")
    file = tmp_path / name[:2] / name[2:4] / name
    # The bytes before they have their name, then the name.
    assert [path.parent for path in synced] == [file.parent, file.parent.parent]
    assert synced[1] == file.parent
    # It may be of another process a moment ago.
    store.put(b"of great value")
    assert synced[2:] == [file.parent]


def test_a_folder_that_cannot_be_synced_is_no_failure_and_a_broken_disk_is(settings, tmp_path, monkeypatch):
    settings.AHADI_FILES = str(tmp_path)
    real = os.fsync

    def fail(handle: int, code: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(os, "fsync", lambda handle: fail(handle, errno.EINVAL))
    assert store.read(store.put(b"on a network")) == b"on a network"
    monkeypatch.setattr(os, "fsync", lambda handle: fail(handle, errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        store.put(b"on a broken disk")


def test_a_file_that_is_not_there_is_missed_clearly(place):
    with pytest.raises(FileNotFoundError):
        store.read("0" * 64)
    with pytest.raises(FileNotFoundError):
        store.open_file("0" * 64)


@pytest.mark.parametrize("name", ["", "../../secret.key", "A" * 64, "0" * 64 + "\n"])
def test_only_names_of_files_are_looked_up(place, name):
    with pytest.raises(FileNotFoundError):
        store.read(name)


def test_what_was_removed_is_gone_and_removing_it_again_is_no_trouble(place):
    name = store.put(CONTENT)

    store.remove(name)
    store.remove(name)

    assert name not in set(store.names())
    with pytest.raises(FileNotFoundError):
        store.read(name)


def test_trying_out_leaves_nothing(place):
    store.try_out()

    assert list(store.names()) == []


def test_a_storage_that_is_away_looks_like_a_disk_that_fails(settings):
    settings.AHADI_FILES = Bucket("ahadi-files", "", "http://127.0.0.1:1", "us-east-1", "key", "secret")

    with pytest.raises(OSError, match="cannot be reached"):
        store.put(CONTENT)


def test_a_bucket_that_does_not_exist_looks_like_a_disk_that_fails(settings, storage):
    settings.AHADI_FILES = Bucket("nobody-made-it", "", storage, "us-east-1", "key", "secret")

    with pytest.raises(OSError, match="NoSuchBucket"):
        store.put(CONTENT)
