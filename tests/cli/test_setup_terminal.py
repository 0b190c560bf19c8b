"""setup as a process at a real terminal. Everything --offline: nothing leaves this computer."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emrnetcheck.config import load
from emrnetcheck.model import Access

_AS_CHILD = """
import fcntl, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
# Whoever runs the tests in the background has it ignored, and so would whoever they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
from emrnetcheck.__main__ import main
main(sys.argv[1:])
"""
_PATIENCE_S = 60.0
_ONCE_MORE_S = 3.0
_PROMPT = re.compile(rb"\]:? \Z")


class AtTerminal:
    """A person at a terminal of 80 columns, who waits for each prompt."""

    def __init__(self, arguments: list[str], environ: dict[str, str]) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        command = [sys.executable, "-c", _AS_CHILD, *arguments]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
        )
        os.close(slave)
        self.seen = b""

    def _read(self) -> bool:
        """False when the other end is closed."""
        ready, _, _ = select.select([self.master], [], [], 0.2)
        if ready:
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # EIO: nobody holds the terminal any more
                return False
            self.seen += piece
            return bool(piece)
        return True

    def prompt(self) -> None:
        """Wait until it asks."""
        until_s = time.monotonic() + _PATIENCE_S
        while not (_PROMPT.search(self.seen) or self.seen.endswith(b"Your answer: ")):
            assert self._read(), self.screen
            assert time.monotonic() < until_s, self.screen

    def type(self, *keys: bytes) -> None:
        for each in keys:
            self.prompt()
            self.seen += b"|"  # so that the old prompt is none
            os.write(self.master, each)

    def end(self, *, again: bytes = b"") -> int:
        """The status; all that was printed is in `screen` then.

        again: what a person presses once more who sees nothing happen. A signal that comes after Python's last look
        and before the terminal is read waits until that reading ends.
        """
        until_s = time.monotonic() + _PATIENCE_S
        again_s = time.monotonic() + _ONCE_MORE_S
        while self._read():
            assert time.monotonic() < until_s, self.screen
            if again and time.monotonic() > again_s:
                again_s += _ONCE_MORE_S
                os.write(self.master, again)
        return self.process.wait(_PATIENCE_S)

    @property
    def screen(self) -> str:
        return self.seen.decode("utf-8", "replace").replace("\r\n", "\n")

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self.master)


Start = Callable[..., AtTerminal]


@pytest.fixture
def at_terminal(tmp_path: Path) -> Iterator[Start]:
    started: list[AtTerminal] = []
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EMRNETCHECK_")}
    environ |= {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "none"), "LC_ALL": "C.UTF-8"}

    def start(*options: str) -> AtTerminal:
        started.append(AtTerminal(["setup", "--offline", *options], environ))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "emrnetcheck" / "emrnetcheck.toml"


def test_a_session_and_then_another(at_terminal: Start, file: Path) -> None:
    """Fresh; again without a change; again with one that is refused; then with one that is wanted."""
    first = at_terminal()
    first.type(b"2\n", b"\n", b"here\n", b"\n", b"\n", b"emr.example.org\n", b"2\n", b"3\n", *[b"\n"] * 4)
    first.type("Clinique générale\n".encode(), b"\n", b"y\n")
    assert first.end() == 0, first.screen
    site = load(file)
    assert (site.access, site.hostname, site.addressing, site.users) == (Access.VPN, "emr.example.org", "static", 3)
    assert site.name == "Clinique générale"
    assert max(len(line) for line in first.screen.splitlines() if str(file) not in line) <= 80
    written = file.read_bytes()
    again = at_terminal()
    again.type(*[b"\n"] * 14)
    assert again.end() == 0
    assert "Nothing has changed" in again.screen
    refused = at_terminal("--users", "5")
    refused.type(*[b"\n"] * 13, b"n\n")
    assert refused.end() == 0
    assert "+users = 5" in refused.screen
    assert file.read_bytes() == written
    wanted = at_terminal("--users", "5")
    wanted.type(*[b"\n"] * 13, b"\n")
    assert wanted.end() == 0
    assert file.read_bytes() == written.replace(b"users = 3", b"users = 5")


def test_the_weekly_mail_is_asked_about_and_no_password(at_terminal: Start, file: Path) -> None:
    """With a provider that is known, with one that is not, and taken back."""
    first = at_terminal("--access", "lan_only", "--lan-address", "here")
    first.type(*[b"\n"] * 6, b"y\n", b"\n", b"doctor@elm.example\n", b"office@gmail.com\n", *[b"\n"] * 2, b"y\n")
    assert first.end() == 0, first.screen
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.host, mail.server.username, mail.to) == (
        "smtp.gmail.com",
        "office@gmail.com",
        ("doctor@elm.example",),
    )
    assert "This needs an answer" in first.screen
    assert max(len(line) for line in first.screen.splitlines() if str(file) not in line) <= 80
    other = at_terminal("--mail-from", "office@elm.example")
    other.type(*[b"\n"] * 9, b"mail.elm.example\n", b"2525\n", b"3\n", b"2\n", b"\n", b"y\n")
    assert other.end() == 0, other.screen
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.host, mail.server.port, mail.server.security) == ("mail.elm.example", 2525, "tls")
    assert mail.server.username == "office@elm.example"
    nobody = at_terminal()
    nobody.type(*[b"\n"] * 8, b"n\n", b"\n", b"y\n")
    assert nobody.end() == 0, nobody.screen
    assert load(file).mail is None


@pytest.mark.parametrize("answered", [0, 4, 14])
def test_ctrl_c_ends_with_130_and_nothing_written(at_terminal: Start, file: Path, answered: int) -> None:
    session = at_terminal()
    session.type(*[b"\n"] * answered, b"\x03")
    assert session.end(again=b"\x03") == 130
    assert "Ended. Nothing was written." in session.screen
    assert "Traceback" not in session.screen
    assert not file.parent.exists()


def test_ctrl_d_ends_with_2_and_nothing_written(at_terminal: Start, file: Path) -> None:
    session = at_terminal()
    session.type(b"\n", b"\x04")
    assert session.end() == 2
    assert "Standard input ended before all was answered. Nothing was written." in " ".join(session.screen.split())
    assert not file.parent.exists()


def test_what_is_no_text_is_asked_again(at_terminal: Start) -> None:
    session = at_terminal("--dry-run")
    session.type(b"\xff\xfe\n", b"\x1b[A\n", b"4\n", *[b"\n"] * 8)
    assert session.end() == 0, session.screen
    assert session.screen.count("That cannot be used: must be a number from 1 to 4") == 2
    assert 'access = "lan_only"' in session.screen


@pytest.mark.parametrize("stdin", ["closed", "a pipe", "nothing"])
def test_without_a_terminal_it_says_what_to_do(tmp_path: Path, file: Path, stdin: str) -> None:
    opened = {"a pipe": subprocess.PIPE, "nothing": subprocess.DEVNULL, "closed": None}[stdin]
    shell = ["sh", "-c", 'exec "$0" "$@" <&-'] if stdin == "closed" else []
    ran = subprocess.run(
        [*shell, sys.executable, "-m", "emrnetcheck", "setup"],
        stdin=opened,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path)},
    )
    assert ran.returncode == 2, ran.stderr
    assert "give the answers as options with --no-input" in " ".join(ran.stderr.split())
    assert ran.stdout == ""
    assert not file.parent.exists()
