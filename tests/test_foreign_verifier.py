"""Somebody else's program checks our receipts: Go's own code for its checksum database."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ahadi.ledger import commitment, log, tiles, verify
from ahadi.ledger.models import Checkpoint
from ahadi.testing import make
from ahadi.tickets import sequencing

pytestmark = pytest.mark.django_db

GOCODE = Path("/usr/share/gocode")
PROGRAM = """
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func hash(text string) tlog.Hash {
	var found tlog.Hash
	raw, err := base64.StdEncoding.DecodeString(text)
	must(err)
	copy(found[:], raw)
	return found
}

func open(text []byte, vkey string) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	signed, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return size, hash(lines[2])
}

// receipt LEAF VKEY RECEIPT | growth VKEY OLD NEW HASH…
func main() {
	if os.Args[1] == "growth" {
		old, err := os.ReadFile(os.Args[3])
		must(err)
		new, err := os.ReadFile(os.Args[4])
		must(err)
		var proof tlog.TreeProof
		for _, text := range os.Args[5:] {
			proof = append(proof, hash(text))
		}
		oldSize, oldRoot := open(old, os.Args[2])
		newSize, newRoot := open(new, os.Args[2])
		must(tlog.CheckTree(proof, newSize, newRoot, oldSize, oldRoot))
		fmt.Println("grown")
		return
	}
	leaf, err := os.ReadFile(os.Args[2])
	must(err)
	text, err := os.ReadFile(os.Args[4])
	must(err)
	cut := bytes.Index(text, []byte("\\n\\n"))
	size, root := open(text[cut+2:], os.Args[3])
	var index int64
	var proof tlog.RecordProof
	for _, line := range strings.Split(string(text[:cut]), "\\n")[1:] {
		if strings.HasPrefix(line, "extra ") {
			continue
		}
		if strings.HasPrefix(line, "index ") {
			index, err = strconv.ParseInt(line[6:], 10, 64)
			must(err)
			continue
		}
		proof = append(proof, hash(line))
	}
	must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(leaf)))
	fmt.Println("proven")
}
"""


@pytest.fixture(scope="module")
def foreign(tmp_path_factory) -> Any:
    """The program, built once."""
    if shutil.which("go") is None or not (GOCODE / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("Go or its sumdb is missing: apt install golang-go golang-golang-x-mod-dev.")
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "main.go").write_text(PROGRAM)
    own = {"GO111MODULE": "off", "GOPATH": str(GOCODE), "GOCACHE": str(folder / "cache")}
    subprocess.run(["go", "build", "-o", "foreign", "main.go"], cwd=folder, env=os.environ | own, check=True)

    def run(*words: object) -> tuple[int, str]:
        done = subprocess.run([folder / "foreign", *map(str, words)], capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    return run


@pytest.fixture
def receipt(tmp_path) -> tuple[Path, Path, str]:
    """The leaf, the receipt and the key of a request among others."""
    tickets = [make.ticket(f"Matter {number}") for number in range(20)]
    sequencing.sequence()
    text = str(sequencing.receipt(tickets[7]))
    extra = verify.proof(text).extra
    newest = extra[32:].split(b"\n")[0]
    (leaf := tmp_path / "leaf").write_bytes(commitment.leaf_data(extra[:32], newest))
    (proof := tmp_path / "receipt").write_text(text)
    return leaf, proof, log.vkeys()[0]


def test_a_foreign_program_believes_our_receipt(foreign, receipt):
    leaf, proof, vkey = receipt

    assert foreign("receipt", leaf, vkey, proof) == (0, "proven")


def test_a_foreign_program_refuses_what_was_changed(foreign, receipt):
    leaf, proof, vkey = receipt
    leaf.write_bytes(leaf.read_bytes().replace(b"case-event/v1\n", b"case-event/v1\n\n"))

    assert foreign("receipt", leaf, vkey, proof)[0] == 1


def test_a_foreign_program_believes_that_the_ledger_only_grew(foreign, tmp_path):
    for _count in range(3):
        make.ticket()
        sequencing.sequence()
    old, new = Checkpoint.objects.order_by("pk")[0], Checkpoint.objects.order_by("-pk")[0]
    (first := tmp_path / "old").write_text(old.note)
    (second := tmp_path / "new").write_text(new.note)
    way = tiles.Tree(log.read, new.size).consistency(old.size)
    hashes = [base64.b64encode(hash_).decode() for hash_ in way]

    assert foreign("growth", log.vkeys()[0], first, second, *hashes) == (0, "grown")
    assert foreign("growth", log.vkeys()[0], first, second, *hashes[::-1])[0] == 1
