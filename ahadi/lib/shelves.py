"""Where files lie: a folder of this machine, or a bucket of S3-compatible storage."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

# Beyond this a file read from a bucket waits on disk instead of in memory.
IN_MEMORY = 4 * 1024 * 1024


class Shelf(Protocol):
    """Keeps bytes by name; a name is never written twice with different bytes."""

    def put(self, name: str, content: bytes) -> None:
        """Keep the bytes durably; raises OSError where that fails."""

    def read(self, name: str) -> bytes:
        """The bytes; raises FileNotFoundError where there are none."""

    def open(self, name: str) -> BinaryIO:
        """The bytes as a file to stream; raises FileNotFoundError where there are none."""

    def remove(self, name: str) -> None:
        """Destroy the bytes, if there are any."""

    def names(self) -> Iterator[str]:
        """Every name, in no order."""

    def try_out(self) -> None:
        """Write something that leaves no trace; raises OSError where that fails."""


class Folder:
    """Files in a folder, two levels deep, so that no folder grows beyond what people can list."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, content: bytes) -> None:
        target = self._path(name)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_durably(content, target)
        # Somebody else may have put the same there a moment ago.
        _sync(target.parent)

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        return self._path(name).open("rb")

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        return (path.name for path in self.root.glob("??/??/*") if not path.name.startswith("tmp"))

    def try_out(self) -> None:
        with tempfile.TemporaryFile(dir=self.root) as file:
            file.write(b"ok")

    def _path(self, name: str) -> Path:
        return self.root / name[:2] / name[2:4] / name


@dataclass(frozen=True)
class Bucket:
    """Files as objects of one bucket; many machines share it.

    Without a key in the address the storage's own ways to prove who asks are used: environment, machine role.
    """

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = field(default="", repr=False)

    def put(self, name: str, content: bytes) -> None:
        with _as_file_errors():
            self._client.put_object(Bucket=self.name, Key=self.prefix + name, Body=content)

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> BinaryIO:
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            with _as_file_errors():
                self._client.download_fileobj(self.name, self.prefix + name, cast(IO[Any], file))
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return cast(BinaryIO, file)

    def remove(self, name: str) -> None:
        with _as_file_errors():
            self._client.delete_object(Bucket=self.name, Key=self.prefix + name)

    def names(self) -> Iterator[str]:
        with _as_file_errors():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.name, Prefix=self.prefix):
                for item in page.get("Contents", ()):
                    yield item["Key"].removeprefix(self.prefix)

    def try_out(self) -> None:
        self.put("try-out", b"ok")
        self.remove("try-out")

    @property
    def _client(self) -> Any:
        # A connection made before the servers were forked must not be shared by them.
        return _client(self, os.getpid())


@cache
def _client(bucket: Bucket, process: int) -> Any:
    # Installations with a folder never pay for loading it.
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=bucket.endpoint or None,
        region_name=bucket.region or None,
        aws_access_key_id=bucket.key or None,
        aws_secret_access_key=bucket.secret or None,
        config=Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 3}),
    )


@contextmanager
def _as_file_errors() -> Iterator[None]:
    """Say what went wrong as a disk would, so that nobody has to know where files lie."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        wrong = FileNotFoundError if code in ("NoSuchKey", "404") else OSError
        raise wrong(f"The storage of files answered: {error}") from error
    except BotoCoreError as error:
        raise OSError(f"The storage of files cannot be reached: {error}") from error


def _write_durably(content: bytes, target: Path) -> None:
    # The rename makes the file appear whole or not at all, whatever moment the process is killed.
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Let the names in a folder be on the disk too: after a power failure a file without its name is lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems have no such thing.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
