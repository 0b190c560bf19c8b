"""Is a secret read only from where nobody else can, and never repeated by a failure?"""

from __future__ import annotations

import copy
import json
import os
import pickle
import time
from dataclasses import make_dataclass
from pathlib import Path

import pytest
from keyring import errors

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import keyrings, secrets
from emrnetcheck.net.secrets import Secret

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


def password(source: str) -> Secret | Failure:
    return secrets.read_password(source, service="emrnetcheck smtp.example.org", account="office")


def test_a_secret_is_shown_by_nothing_but_reveal() -> None:
    secret = Secret(SECRET)
    assert secret.reveal() == SECRET
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), repr(dataclass_with(secret))):
        assert SECRET not in shown
    assert secret == Secret(SECRET)
    assert secret != Secret("another")
    assert secret != SECRET
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        hash(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def dataclass_with(secret: Secret) -> object:
    return make_dataclass("Holder", ["password"])(secret)


@pytest.mark.parametrize("word", ["pass word", "abcd efgh ijkl mnop", " leading", "bätteri", "密码", "#;'\"\\"])
def test_a_password_may_be_what_people_make_of_it(word: str, tmp_path: Path) -> None:
    found = password(kept(tmp_path, f"{word}\r\n".encode()))
    assert isinstance(found, Secret)
    assert found.reveal() == word


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"  \n", b"s3cr3t\nsecond line", b"s3cr3t\x00", b"s3cr3t\x1b[m", b"\xff"]
)
def test_what_is_no_password_is_refused_and_not_repeated(content: bytes, tmp_path: Path) -> None:
    found = password(kept(tmp_path, content))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_CONFIGURED
    assert "s3cr3t" not in found.in_words()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    source = kept(tmp_path, SECRET.encode())
    os.chown(tmp_path / "token", 12345, -1)
    found = secrets.read(source)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.PERMISSION
    assert "another user" in found.in_words()


def test_a_password_is_kept_in_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    source = f"file:{tmp_path}/new folder/password"
    assert secrets.keep_password(source, Secret(SECRET), service="s", account="a") is None
    assert secrets.keep_password(source, Secret("another"), service="s", account="a") is None
    assert password(source) == Secret("another")
    assert [file.name for file in (tmp_path / "new folder").iterdir()] == ["password"]
    if os.name == "posix":
        assert (tmp_path / "new folder" / "password").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert isinstance(secrets.keep_password(f"file:{tmp_path}/file/x", Secret("x"), service="s", account="a"), Failure)
    found = secrets.keep_password("env:NAME", Secret(SECRET), service="s", account="a")
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.UNSUPPORTED


class Ring:
    """A keyring in memory, or one with a fault. Not of keyring's own class: those offer themselves to everybody."""

    def __init__(self, fault: Exception | None = None, *, slow_s: float = 0.0) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.fault, self.slow_s = fault, slow_s

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(self.slow_s)
        if self.fault is not None:
            raise self.fault
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.kept[service, username] = password


def test_the_keyring_keeps_a_password_by_server_and_account(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring()
    monkeypatch.setattr("keyring.core._keyring_backend", ring)
    found = password("keyring")
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_CONFIGURED
    assert "emrnetcheck email password" in found.in_words()
    named = {"service": "emrnetcheck smtp.example.org", "account": "office"}
    assert secrets.keep_password("keyring", Secret(SECRET), **named) is None
    assert password("keyring") == Secret(SECRET)
    assert ring.kept == {("emrnetcheck smtp.example.org", "office"): SECRET}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (errors.NoKeyringError(f"no backend {SECRET}"), FailureKind.UNSUPPORTED),
        (errors.InitError("no D-Bus"), FailureKind.UNSUPPORTED),
        (errors.KeyringLocked("locked"), FailureKind.PERMISSION),
        (RuntimeError(f"bus error: {SECRET}"), FailureKind.OTHER),
    ],
)
def test_a_keyring_that_cannot_be_used_is_a_failure(
    fault: Exception, kind: FailureKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", Ring(fault))
    for found in (password("keyring"), secrets.keep_password("keyring", Secret(SECRET), service="s", account="a")):
        assert isinstance(found, Failure)
        assert found.kind is kind
        assert SECRET not in found.in_words()


def test_a_keyring_that_waits_for_somebody_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.core._keyring_backend", Ring(slow_s=1.0))
    found = keyrings.read("service", "account", timeout_s=0.05)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.TIMEOUT
