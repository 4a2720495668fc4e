"""Small servers for tests that say what they are told to say, in the open or over TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# What was heard, in; what is said, out; None hangs up.
Answer = Callable[[str], str | None]


class Script:
    """A server on a port of its own that answers line by line; without a greeting it hangs up."""

    def __init__(self, greeting: str, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.greeting, self.answer, self.context = greeting, answer, context
        self.heard: list[str] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            line, _address = self._door.accept()
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            talk = self.context.wrap_socket(line, server_side=True) if self.context else line
            with talk:
                if not self.greeting:
                    return
                talk.sendall(self.greeting.encode())
                for heard in talk.makefile("r", encoding="latin-1", newline="\r\n"):
                    self.heard.append(heard.rstrip())
                    said = self.answer(heard.rstrip())
                    if said is None:
                        return
                    talk.sendall(said.encode())


def imap(context: ssl.SSLContext | None = None, capabilities: str = "IMAP4rev1", **said: str) -> Script:
    """An IMAP server that agrees to everything but what is given: a command and what it answers."""

    def answer(heard: str) -> str:
        tag, _space, rest = heard.partition(" ")
        command = rest.split(" ")[0].upper()
        if not rest:
            # A further line of a sign-in.
            return f"{answer_tag[0]} {said.get('AUTHENTICATE', 'OK done')}\r\n"
        if command == "CAPABILITY":
            return f"* CAPABILITY {capabilities}\r\n{tag} OK done\r\n"
        if command == "AUTHENTICATE" and not said.get("AUTHENTICATE", "").startswith("BAD"):
            answer_tag[0] = tag
            return "+ \r\n"
        if command == "EXAMINE" and "EXAMINE" not in said:
            return f"* 3 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 4] ok\r\n{tag} OK done\r\n"
        before, _line, last = said.get(command, "OK done").rpartition("\n")
        return "".join(f"* {line}\r\n" for line in before.splitlines()) + f"{tag} {last}\r\n"

    answer_tag = [""]
    return Script("* OK ready\r\n", answer, context)


def smtp(context: ssl.SSLContext | None = None, extensions: str = "AUTH PLAIN LOGIN", **said: str) -> Script:
    """An SMTP server that agrees to everything but what is given."""

    def answer(heard: str) -> str:
        command = heard.split(" ")[0].upper()
        if command == "EHLO":
            names = extensions.split(",") if extensions else []
            lines = ["250-there", *(f"250-{name}" for name in names), "250 SIZE 1000000"]
            return "\r\n".join([*lines, ""])
        return said.get(command, "235 ok" if command == "AUTH" else "250 ok") + "\r\n"

    return Script("220 there\r\n", answer, context)


class Authority(NamedTuple):
    """Somebody who signs certificates, and the file with their own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    file: Path


def authority(folder: Path) -> Authority:
    """An authority that nobody trusts until SSL_CERT_FILE names its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign(key, "Authority", None, None, key)
    file = folder / "authority.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(key, certificate, file)


def context(
    folder: Path, signer: Authority | None = None, host: str = "127.0.0.1", days: int = 30
) -> ssl.SSLContext:
    """What a server shows: signed by an authority or by itself, good for so many days, or expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _sign(key, host, host, signer, signer.key if signer else key, days)
    file = folder / f"{host}-{days}-{bool(signer)}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    return made


def _sign(
    key: ec.EllipticCurvePrivateKey,
    name: str,
    host: str | None,
    signer: Authority | None,
    signing: ec.EllipticCurvePrivateKey,
    days: int = 30,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer = signer.certificate.subject if signer else subject
    end = datetime.now(UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if host is not None:
        made = made.add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
    return made.sign(signing, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
