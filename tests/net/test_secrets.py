"""Is a secret read only from where nobody else can, and never repeated by a failure?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import secrets

SECRET = "s3cr3t-token"


def kept(tmp_path: Path, content: bytes, mode: int = 0o600) -> str:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(mode)
    return f"file:{file}"


def test_a_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", f" {SECRET}\n")
    assert secrets.read("env:A_TOKEN") == SECRET
    monkeypatch.delenv("A_TOKEN")
    found = secrets.read("env:A_TOKEN")
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_CONFIGURED


def test_a_secret_of_a_file_that_is_its_owners_alone(tmp_path: Path) -> None:
    assert secrets.read(kept(tmp_path, SECRET.encode() + b"\r\n")) == SECRET


@pytest.mark.skipif(os.name != "posix", reason="files have no such mode")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o777])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    found = secrets.read(kept(tmp_path, SECRET.encode(), mode))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.PERMISSION
    assert "chmod 600" in found.in_words()


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"two words", b"s3cr3t\r\nX-Header: 1", b"s3cr3t\x00", b"\xff\xfe", "s3cr3té".encode()]
)
def test_what_no_header_can_hold_is_refused_and_not_repeated(tmp_path: Path, content: bytes) -> None:
    found = secrets.read(kept(tmp_path, content))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_CONFIGURED
    assert "s3cr3t" not in found.in_words()


def test_no_file_and_a_folder_are_failures(tmp_path: Path) -> None:
    assert isinstance(secrets.read(f"file:{tmp_path}/nothing"), Failure)
    assert isinstance(secrets.read(f"file:{tmp_path}"), Failure)
    assert isinstance(secrets.read("file:\x00"), Failure)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert isinstance(secrets.read(f"file:{tmp_path}/pipe"), Failure)
