"""setup, from the first question to the file: with somebody at the keyboard, and with nobody."""

from __future__ import annotations

import io
import itertools
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.cli.setup import session
from emrnetcheck.cli.setup.mail_questions import MAIL_QUESTIONS
from emrnetcheck.cli.setup.questions import QUESTIONS as EVERY
from emrnetcheck.config import load
from emrnetcheck.evidence.port import PortTry, Spoken
from emrnetcheck.model import Access, Failure, FailureKind, Site
from emrnetcheck.model.mail import MailServer, Security
from emrnetcheck.model.mail_settings import MailSettings
from emrnetcheck.net.lookup import Resolved
from emrnetcheck.probes import answers as looks
from emrnetcheck.probes import surroundings
from emrnetcheck.probes.answers import Inside, PageSeen
from emrnetcheck.probes.surroundings import KeptName, Surroundings
from emrnetcheck.profiles import PageKind
from tests.cli.conftest import Call, Ended

Typed = Callable[..., Ended]

OFFICE = Surroundings(
    address="192.168.1.30",
    interface="eth0",
    medium="wired",
    gateway="192.168.1.1",
    own=frozenset({"127.0.0.1", "192.168.1.30"}),
    peers=("192.168.1.20",),
)
NAME, SERVER, PEER = "emr.example.org", "192.168.1.10", "192.168.1.20"


class Terminal(io.StringIO):
    """Somebody who types these lines."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def office(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The office as it answers; a test changes what it wants to be otherwise."""
    seen: dict[str, Any] = {
        "around": OFFICE,
        "leads": Resolved(("93.184.216.34",), "system"),
        "there": {SERVER, PEER},
        "open": {SERVER, OFFICE.address},
        "page": PageSeen(200, PageKind.OSCAR, tls=True),
        "asked": [],
    }

    def noted(what: str, given: object) -> None:
        asked = seen["asked"]
        assert isinstance(asked, list)
        asked.append((what, given))

    def server_at(lan_address: str | None, port: int, hostname: str | None) -> Inside:
        address = lan_address or str(OFFICE.address)
        is_open = address in seen["open"]
        failure = None if is_open else Failure(FailureKind.REFUSED, "connect", f"{address}:{port}")
        attempt = PortTry(address, port, is_open, 0.2, failure)
        noted("server", (address, port))
        inside = seen.get("inside")
        if isinstance(inside, Inside):
            return inside
        return Inside(lan_address is None, address, (), None, attempt, Spoken(("a",)) if is_open else None, None)

    def where(name: str) -> object:
        noted("name", name)
        return seen["leads"]

    monkeypatch.setattr(surroundings, "look_around", lambda: seen["around"])
    monkeypatch.setattr(looks, "server_at", server_at)
    monkeypatch.setattr(looks, "where_name_leads", where)
    monkeypatch.setattr(looks, "who_is_there", lambda asked: frozenset(asked) & seen["there"])
    monkeypatch.setattr(looks, "first_open", lambda tried, _: next((a for a in tried if a in seen["open"]), None))
    monkeypatch.setattr(looks, "page_at", lambda *_: seen["page"])
    return seen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "clinic.toml"


@pytest.fixture
def typed(call: Call, monkeypatch: pytest.MonkeyPatch, file: Path) -> Typed:
    """Run setup with these lines typed."""
    monkeypatch.setattr(session, "can_ask", lambda *_: True)

    def with_lines(*lines: str, options: tuple[str, ...] = ()) -> Ended:
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
        return call("setup", "--config", file, *options)

    return with_lines


@pytest.fixture
def alone(call: Call, file: Path) -> Call:
    def without_input(*options: str | Path) -> Ended:
        return call("setup", "--no-input", "--config", file, *options)

    return without_input


# access, profile, server, port, path, name, fixed?, users, work, peers, servers, consent, clinic, mail?, write?
DIRECT = ("1", "1", SERVER, "", "", NAME, "1", "6", "3", PEER, "", "y", "Elm Street Clinic", "", "y")
QUESTIONS = tuple(question for question in EVERY if question not in MAIL_QUESTIONS[1:])
"""Those that everybody is asked who wants no mail."""
DIRECT_SITE = Site(
    name="Elm Street Clinic",
    hostname=NAME,
    lan_address=SERVER,
    users=6,
    workload="documents",
    peers=(PEER,),
    outside_consent=True,
    emr_declared=True,
)


def test_from_the_first_question_to_the_file(typed: Typed, file: Path, office: dict[str, object]) -> None:
    ended = typed(*DIRECT)
    assert (ended.status, ended.out) == (0, "")
    assert load(file) == DIRECT_SITE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert office["asked"] == [("server", (SERVER, 8443)), ("name", NAME)]
    for said in (
        "This computer: 192.168.1.30, by cable.",
        f"A computer answers at {SERVER}.",
        f"The server answers at port 8443 of {SERVER}, with encryption.",
        "There is the log-in page of OSCAR at /oscar/.",
        "6 people who open scanned pages: the line has to carry about 13 Mbps outwards (upload) for them.",
        f"{NAME} leads to 93.184.216.34.",
        "It answers.",
        "whoever knows the number of the test can read its result",
        "Now run the check: emrnetcheck --config",
    ):
        assert said in " ".join(ended.err.split())


def test_every_line_of_the_file_fits_a_terminal_and_every_key_has_a_comment(typed: Typed, file: Path) -> None:
    typed(*DIRECT)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 80
    for above, line in itertools.pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert above.startswith("# ")


def test_no_line_on_the_screen_is_longer_than_a_terminal(typed: Typed, file: Path) -> None:
    questions = len(QUESTIONS)
    ended = typed(*(each for answer in DIRECT[:questions] for each in ("?", answer)), "y")
    assert load(file) == DIRECT_SITE
    as_echoed = ended.err.replace("] ", "]\n").replace("]: ", "]:\n")
    assert [line for line in as_echoed.splitlines() if len(line) > 80 and str(file) not in line] == []
    for question in QUESTIONS:
        assert " ".join(question.explain.split()) in " ".join(ended.err.split())


def test_in_the_office_only_nothing_is_asked_about_the_internet(typed: Typed, file: Path) -> None:
    ended = typed("4", "1", "here", "", "", "", "n", "Elm", "", "y")
    assert ended.status == 0
    site = load(file)
    assert (site.access, site.hostname, site.lan_address, site.name) == (Access.LAN_ONLY, None, None, "Elm")
    assert "EMR's name on the Internet" not in ended.err
    assert "Every check may ask these" in ended.err


def test_what_was_found_out_is_suggested(typed: Typed, file: Path, office: dict[str, object]) -> None:
    office["around"] = Surroundings(
        address=OFFICE.address,
        own=OFFICE.own,
        listening=(443,),
        looks_like="openemr",
        names=(KeptName("clinic.dyn.example", "ddclient"),),
        unread=("inadyn",),
    )
    office["page"] = PageSeen(200, PageKind.OPENEMR, tls=True)
    ended = typed(*[""] * len(QUESTIONS), "y")
    site = load(file)
    assert (site.profile, site.port, site.path, site.hostname) == ("openemr", 443, "/", "clinic.dyn.example")
    assert "The log-in page of OpenEMR answers on this computer, at port 443." in ended.err
    assert "ddclient on this computer keeps the name clinic.dyn.example up to date." in ended.err
    assert "inadyn runs on this computer, but this user may not read its settings." in ended.err


WRONG = {
    "access": (0, "7", "must be a number from 1 to 4"),
    "server": (2, "127.0.0.1", "must be the server's address on the office network"),
    "port": (3, "99999", "99999: must be less than or equal to 65535"),
    "port in words": (3, "eight", "must be a whole number such as 4"),
    "path": (4, "oscar", '"oscar": must be a path such as "/oscar/", without spaces'),
    "name": (5, "https://emr.example.org", "must be a host name such as"),
    "arrow keys": (5, "\x1b[D\x1b[D", "must be a host name such as"),
    "users": (7, "0", "0: must be greater than or equal to 1"),
    "peers": (9, "192.168.1.300", "must be an IP address such as"),
    "no peers": (9, ",", 'must be one or more, with commas between, or "auto"'),
    "servers": (10, "example.org", 'must be "cloudflare", "speedtest" or'),
    "consent": (11, "maybe", "must be y for yes or n for no"),
    "clinic": (12, "El\x1b[2Jm", "must be one line of text"),
    "an escape in a path": (4, "/\x1b[2J", '"/\\u001b[2J": must be without control characters'),
    "half a character": (4, "/\udcff", '"/\\udcff": must be'),
    "a line without end": (12, "x" * 10_000, "must be one line of text"),
}


@pytest.mark.parametrize(("at", "answer", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_told_and_asked_again(typed: Typed, file: Path, at: int, answer: str, told: str) -> None:
    ended = typed(*DIRECT[:at], answer, *DIRECT[at:])
    assert ended.status == 0
    assert f"That cannot be used: {told}" in " ".join(ended.err.split()) or f": {told}" in " ".join(ended.err.split())
    assert load(file) == DIRECT_SITE
    assert ended.err.replace("\n", "").isprintable()


DOUBTS = {
    "a name that leads nowhere": (
        {"leads": Failure(FailureKind.NAME_NOT_FOUND, "look up", NAME)},
        6,
        f"{NAME} leads nowhere: the name does not exist. Is it spelled right?",
    ),
    "a server that is not there": ({"there": {PEER}}, 3, f"No computer answers at {SERVER}."),
    "a peer that is off": ({"there": {SERVER}}, 10, f"No answer from {PEER}. Is it on?"),
}


@pytest.mark.parametrize(("seen", "after", "told"), DOUBTS.values(), ids=DOUBTS)
def test_a_doubtful_answer_is_kept_when_it_is_said_twice(
    typed: Typed, file: Path, office: dict[str, object], seen: dict[str, object], after: int, told: str
) -> None:
    office.update(seen)
    ended = typed(*DIRECT[:after], "", *DIRECT[after:])
    assert told in " ".join(ended.err.split())
    assert "Enter keeps this answer; or type another one." in ended.err
    assert load(file) == DIRECT_SITE


def test_a_doubtful_answer_can_be_mended(typed: Typed, file: Path) -> None:
    ended = typed(*DIRECT[:7], "44", "4", *DIRECT[8:])
    assert "44 people at the same moment are very many for one clinic." in ended.err
    assert load(file).users == 4


TOLD = {
    "not running": ({"open": set()}, "Nothing answers at port 8443 of 192.168.1.10 yet (refused: nothing listens"),
    "another EMR": (
        {"page": PageSeen(200, PageKind.OPENEMR, tls=True)},
        "does not look like OSCAR: it is that of OpenE",
    ),
    "a router": ({"page": PageSeen(200, PageKind.ROUTER, tls=True)}, "it is a page of a router"),
    "no page": ({"page": PageSeen(404, PageKind.OTHER, tls=True)}, "no page at /oscar/: it answers with error 404"),
    "a password": ({"page": PageSeen(401, PageKind.OTHER, tls=True)}, "asks for a password before it shows /oscar/"),
    "elsewhere": ({"page": PageSeen(302, PageKind.OTHER, tls=True, elsewhere=True)}, "sends on to another server"),
    "cut off": ({"page": Failure(FailureKind.RESET, "GET")}, "No page came from there: the connection was cut."),
    "a private name": ({"leads": Resolved((SERVER,), "system")}, "That is no address of the Internet"),
    "no name server": (
        {"leads": Failure(FailureKind.NAME_TIMEOUT, "look up", NAME)},
        "exists could not be told: the name server did not answer in time",
    ),
}


@pytest.mark.parametrize(("seen", "told"), TOLD.values(), ids=TOLD)
def test_what_the_trial_of_an_answer_shows_is_told(
    typed: Typed, file: Path, office: dict[str, object], seen: dict[str, object], told: str
) -> None:
    office.update(seen)
    ended = typed(*DIRECT)
    assert told in " ".join(ended.err.split())
    assert load(file) == DIRECT_SITE


def at(address: str, *, is_open: bool = True) -> PortTry:
    return PortTry(address, 8443, is_open, 0.2, None if is_open else Failure(FailureKind.REFUSED, "connect"))


SHUT = at(SERVER, is_open=False)
PORTS = {
    "plain": (
        Inside(False, SERVER, None, None, at(SERVER), Spoken((), Failure(FailureKind.PLAIN_HTTP, "TLS")), None),
        "Something answers at port 8443 of 192.168.1.10, but without encryption (http).",
    ),
    "another program": (
        Inside(False, SERVER, None, None, at(SERVER), Spoken((), Failure(FailureKind.NOT_TLS, "TLS")), None),
        "! Something answers at port 8443 of 192.168.1.10, but not as an EMR does: what answers there speaks no TLS.",
    ),
    "loopback": (
        Inside(True, SERVER, ("127.0.0.1",), at("127.0.0.1"), SHUT, None, None),
        "! Something answers at port 8443, but to this computer only: nobody else can open it.",
    ),
    "elsewhere": (
        Inside(True, SERVER, ("10.8.0.2",), at("127.0.0.1", is_open=False), SHUT, None, at("10.8.0.2")),
        "Something answers at port 8443 of 10.8.0.2 only, not at port 8443 of 192.168.1.10.",
    ),
}


@pytest.mark.parametrize(("inside", "told"), PORTS.values(), ids=PORTS)
def test_how_the_port_answers_is_told(
    typed: Typed, file: Path, office: dict[str, object], inside: Inside, told: str
) -> None:
    office["inside"] = inside
    ended = typed(*DIRECT)
    assert told in " ".join(ended.err.split())
    assert load(file) == DIRECT_SITE


def test_for_a_tunnel_it_is_right_that_nobody_else_gets_in(typed: Typed, office: dict[str, object]) -> None:
    office["inside"] = PORTS["loopback"][0]
    ended = typed("3", *DIRECT[1:])
    assert "to this computer only. For a tunnel that is right." in " ".join(ended.err.split())


def test_one_can_go_back(typed: Typed, file: Path) -> None:
    ended = typed("<", "2", "<", *DIRECT)
    assert "This is the first question." in ended.err
    assert load(file) == DIRECT_SITE


def test_an_option_spares_its_question(typed: Typed, file: Path) -> None:
    ended = typed(*DIRECT[1:-3], "", "y", options=("--access", "direct", "--name", "Elm Street Clinic"))
    assert "(by --access)" in ended.err
    assert load(file) == DIRECT_SITE


def test_offline_nothing_outside_is_tried(typed: Typed, file: Path, office: dict[str, object]) -> None:
    ended = typed(*DIRECT[:2], "93.184.216.34", *DIRECT[3:], options=("--offline",))
    assert ended.status == 0
    assert office["asked"] == []
    assert "Not tried: 93.184.216.34 is not in this office (--offline)." in ended.err
    assert "Not tried: looking a name up leaves the office (--offline)." in ended.err
    assert ended.err.count("Trying it ...") == 1  # the peer


def test_whoever_wants_nobody_to_be_asked_can_say_so(typed: Typed, file: Path) -> None:
    ended = typed(*DIRECT[:10], "none", *DIRECT[11:])
    assert load(file).upload_servers == ()
    assert "whether the line is fast enough cannot be told" in " ".join(ended.err.split())


def test_again_without_a_change_writes_nothing(typed: Typed, file: Path) -> None:
    typed(*DIRECT)
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    ended = typed(*[""] * len(QUESTIONS))
    assert ended.status == 0
    assert "Nothing has changed" in ended.err
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before


OLD = """\
# ours
[emr]
hostname = "emr.example.org"   # at the provider since 2019
lan_address = "192.168.1.10"
[limits]
router.slow_wired_ms = 7  # old switch
"""


def with_old(file: Path, text: str = OLD) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_change_is_shown_and_keeps_the_rest(typed: Typed, file: Path) -> None:
    with_old(file).chmod(0o640)
    ended = typed(*[""] * 5, "emr2.example.org", "", "9", *[""] * 6, "y")
    for line in (
        '-hostname = "emr.example.org"   # at the provider since 2019',
        '+hostname = "emr2.example.org"   # at the provider since 2019',
        "+users = 9",
    ):
        assert line in ended.err.splitlines()
    text = file.read_text(encoding="utf-8")
    assert text.startswith('# ours\n[emr]\nhostname = "emr2.example.org"   # at the provider since 2019\n')
    assert text.endswith("\n[limits]\nrouter.slow_wired_ms = 7  # old switch\n")
    assert text.count("\n") == OLD.count("\n") + 2
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(file).limits == {"router": {"slow_wired_ms": 7.0}}


@pytest.mark.parametrize("answer", ["n", "no", "N"])
def test_whoever_says_no_keeps_the_old_file_byte_for_byte(typed: Typed, file: Path, answer: str) -> None:
    before = with_old(file).stat()
    ended = typed(*[""] * 7, "9", *[""] * 6, "what?", answer)
    assert ended.status == 0
    assert ended.err.endswith("Nothing was written.\n")
    assert file.read_text(encoding="utf-8") == OLD
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_an_answer_of_the_file_that_cannot_be_used_is_told_and_replaced(typed: Typed, file: Path) -> None:
    with_old(file, "[emr]\nport = 99999 # why\n")
    ended = typed(*["", "", "", "443", "", "none"], *[""] * 8, "y")
    assert "The file's answer cannot be used: 99999: must be less than or equal to 65535." in ended.err
    assert file.read_text(encoding="utf-8").splitlines()[1] == "port = 443 # why"


REFUSED = {
    "no TOML": ("[emr\n", "is not valid TOML"),
    "a key that is not known": ("[emr]\nhostnam = 1\n", 'did you mean "hostname"?'),
    "a wrong value that is not asked about": ("[upload]\nmax_mb = 0\n", "[upload] max_mb = 0: must be"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_a_broken_file_is_left_alone_and_nothing_is_asked(typed: Typed, file: Path, text: str, told: str) -> None:
    with_old(file, text)
    ended = typed()
    assert ended.status == 2
    assert told in " ".join(ended.err.split())
    assert ended.err.endswith("Mend that first. Nothing was written.\n")
    assert file.read_text(encoding="utf-8") == text


def test_what_cannot_be_changed_faithfully_is_said_and_shown(typed: Typed, file: Path) -> None:
    text = 'emr = { hostname = "emr.example.org" }\n'
    with_old(file, text)
    ended = typed(*[""] * 7, "9", *[""] * 6)
    assert ended.status == 2
    assert "cannot be changed by this command" in " ".join(ended.err.split())
    assert "  [emr] users = 9" in ended.err.splitlines()
    assert file.read_text(encoding="utf-8") == text


def test_somebody_else_s_change_meanwhile_is_not_overwritten(
    typed: Typed, file: Path, office: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_old(file)
    monkeypatch.setattr(looks, "who_is_there", lambda asked: file.write_text("[emr]\nport = 1\n") and frozenset(asked))
    ended = typed(*[""] * 7, "9", *[""] * 6, "y")
    assert ended.status == 2
    assert "was changed by somebody else meanwhile" in " ".join(ended.err.split())
    assert file.read_text(encoding="utf-8") == "[emr]\nport = 1\n"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_link_stays_a_link(typed: Typed, file: Path, tmp_path: Path) -> None:
    real = with_old(tmp_path / "real" / "ours.toml")
    file.parent.mkdir()
    file.symlink_to(real)
    assert typed(*[""] * 7, "9", *[""] * 6, "y").status == 0
    assert file.is_symlink()
    assert load(real).users == 9
    assert [path.name for path in real.parent.iterdir()] == [real.name]


@pytest.mark.parametrize("to", ["itself", "a folder"])
def test_what_is_no_file_is_refused(typed: Typed, file: Path, tmp_path: Path, to: str) -> None:
    file.parent.mkdir()
    file.symlink_to(file if to == "itself" else tmp_path)
    ended = typed()
    assert ended.status == 2
    assert "Nothing was written." in ended.err


def test_a_folder_that_may_not_be_written_is_told_before_anything_is_asked(
    typed: Typed, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    ended = typed()
    assert ended.status == 2
    assert "may not write into the folder" in " ".join(ended.err.split())
    assert "How will people" not in ended.err


def test_a_disk_that_is_full_leaves_the_old_file(typed: Typed, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_old(file)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ended = typed(*[""] * 7, "9", *[""] * 6, "y")
    assert ended.status == 2
    assert "could not be written: No space left on device. Nothing was changed." in " ".join(ended.err.split())
    assert file.read_text(encoding="utf-8") == OLD
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("answered", range(len(DIRECT)))
def test_ctrl_c_at_any_question_writes_nothing(
    typed: Typed, file: Path, monkeypatch: pytest.MonkeyPatch, answered: int
) -> None:
    lines = iter(DIRECT[:answered])

    class Interrupted(Terminal):
        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # as io.StringIO has it
            try:
                return next(lines) + "\n"
            except StopIteration:
                raise KeyboardInterrupt from None

    monkeypatch.setattr("tests.cli.test_setup.Terminal", Interrupted)
    ended = typed()
    assert ended.status == 130
    assert ended.err.endswith("\nEnded. Nothing was written.\n")
    assert not file.parent.exists()


@pytest.mark.parametrize("answered", [0, 5, len(DIRECT) - 1])
def test_when_input_ends_nothing_is_written(typed: Typed, file: Path, answered: int) -> None:
    ended = typed(*DIRECT[:answered])
    assert ended.status == 2
    assert "Standard input ended before all was answered. Nothing was written." in " ".join(ended.err.split())
    assert not file.parent.exists()


FLAGS = (
    *("--access", "direct", "--profile", "oscar", "--lan-address", SERVER, "--port", "8443", "--path", "/oscar/"),
    *(
        "--hostname",
        NAME,
        "--addressing",
        "dynamic",
        "--users",
        "6",
        "--workload",
        "documents",
        "--peer",
        PEER,
        "--upload-server",
        "cloudflare",
    ),
    *("--upload-server", "speedtest", "--consent", "--name", "Elm Street Clinic"),
)


MAIL_FLAGS = (
    *("--mail", "--mail-to", "doctor@elm.example", "--mail-to", "it@elm.example", "--mail-from", "office@elm.example"),
    *("--smtp-host", "mail.elm.example", "--smtp-port", "2525", "--smtp-security", "tls", "--smtp-user", "office"),
)


def test_by_options_alone_it_is_the_same_file(alone: Call, typed: Typed, file: Path) -> None:
    assert alone(*FLAGS).status == 0
    by_options = file.read_text(encoding="utf-8")
    file.unlink()
    typed(*DIRECT)
    assert file.read_text(encoding="utf-8") == by_options
    assert load(file) == DIRECT_SITE


def test_every_question_has_an_option_that_is_documented() -> None:
    assert {question.flag for question in EVERY} <= set(FLAGS + MAIL_FLAGS)
    page = (Path(__file__).parents[2] / "docs" / "setup.md").read_text(encoding="utf-8")
    for question in EVERY:
        assert f"`{question.flag}" in page
        for value in (*(value for value, _ in question.choices), question.nothing):
            assert value in page


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ((), ["--access", "--lan-address"]),
        (("--access", "direct"), ["--lan-address", "--hostname"]),
        (("--access", "vpn"), ["--lan-address"]),
        (("--access", "tunnel", "--lan-address", "here"), ["--hostname"]),
    ],
)
def test_what_is_missing_is_told_and_not_guessed(
    alone: Call, file: Path, options: tuple[str, ...], missing: list[str]
) -> None:
    ended = alone(*options)
    assert ended.status == 2
    lines = ended.err.splitlines()
    assert lines[0] == "With --no-input these answers are missing:"
    assert [line.split()[0] for line in lines[1:-1] if line.strip().startswith("--")] == missing
    assert not file.exists()


def test_what_was_not_given_is_told_and_left_out(alone: Call, file: Path) -> None:
    ended = alone("--access", "lan_only", "--lan-address", "here")
    assert ended.status == 0
    assert "--consent: nobody outside is asked (not given)." in ended.err
    assert "--users" not in ended.err
    assert file.read_text(encoding="utf-8").count(" = ") == 1


def test_an_option_that_makes_no_sense_is_told(alone: Call, file: Path) -> None:
    ended = alone("--access", "lan_only", "--lan-address", "here", "--users", "5")
    assert "--users is left aside: by the other answers nobody outside uses the EMR." in ended.err
    assert load(file).users == Site().users


def test_wrong_options_are_all_told(alone: Call, file: Path) -> None:
    ended = alone("--access", "open", "--users", "0", "--hostname", "a b", "--name", "El\x1bm")
    assert ended.status == 2
    for flag in ("--access: ", "--users: 0: must be", '--hostname: "a b": must be', '--name: "El\\u001bm": must be'):
        assert flag in ended.err
    assert not file.exists()


def test_over_another_file_only_with_yes(alone: Call, file: Path) -> None:
    with_old(file)
    ended = alone("--users", "9")
    assert ended.status == 2
    assert "+users = 9" in ended.err
    assert "add --yes to have it changed" in " ".join(ended.err.split())
    assert file.read_text(encoding="utf-8") == OLD
    assert alone("--users", "9", "--yes").status == 0
    assert load(file).users == 9


def test_the_password_of_a_database_stays_out_of_what_is_shown(alone: Call, file: Path) -> None:
    with_old(file, '[history]\nurl = "postgresql://emr:s3cret@db/emr"\n')
    ended = alone("--hostname", NAME, "--users", "9", "--yes")
    assert ended.status == 0
    assert ' url = "postgresql://emr:...@db/emr"' in ended.err.splitlines()
    assert "s3cret" not in ended.err
    assert "emr:s3cret@db" in file.read_text(encoding="utf-8")


def test_what_is_taken_back_stays_as_a_comment(alone: Call, file: Path) -> None:
    with_old(file)
    assert alone("--lan-address", "here", "--yes").status == 0
    assert '# lan_address = "192.168.1.10"\n' in file.read_text(encoding="utf-8")
    assert load(file).lan_address is None


def test_a_dry_run_prints_the_file_and_writes_nothing(alone: Call, typed: Typed, file: Path) -> None:
    ended = alone(*FLAGS, "--dry-run")
    assert ended.status == 0
    assert not file.parent.exists()
    alone(*FLAGS)
    assert file.read_text(encoding="utf-8") == ended.out
    ended = alone("--users", "9", "--dry-run")
    assert "+users = 9" in ended.err
    assert ended.out == file.read_text(encoding="utf-8").replace("users = 6", "users = 9")
    assert load(file).users == 6
    assert alone("--dry-run").out == file.read_text(encoding="utf-8")


def test_odd_names_reach_the_file_as_they_are(alone: Call, file: Path) -> None:
    name = 'Clinique "générale" \\ \u202e診療所 #1'.replace("\u202e", "")
    assert alone("--access", "lan_only", "--lan-address", "here", "--name", name).status == 0
    assert load(file).name == name


def test_plain_is_ascii(typed: Typed) -> None:
    ended = typed(*DIRECT[:-3], "Clinique générale", "", "y", options=("--plain",))
    assert ended.status == 0
    assert ended.err.isascii()


def test_without_a_terminal_it_says_what_to_do(call: Call, file: Path) -> None:
    ended = call("setup", "--config", file)
    assert ended.status == 2
    assert "--no-input" in ended.err
    assert not file.exists()


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    return tmp_path / "no-settings" / "emrnetcheck.toml"


def test_without_a_name_it_is_the_user_s_file(call: Call, own_folder: Path) -> None:
    ended = call("setup", "--no-input", "--access", "vpn", "--lan-address", "here")
    assert ended.status == 0
    assert load(own_folder).access is Access.VPN
    assert ended.err.endswith("Now run the check: emrnetcheck\n")


GMAIL = MailServer("smtp.gmail.com", 587, Security.STARTTLS, "elm.office@gmail.com", "gmail.com")
# mail?, to whom, from where, provider, user name, write?
WITH_MAIL = (*DIRECT[:-2], "y", "doctor@elm.example, it@elm.example", "elm.office@gmail.com", "", "", "y")
MAIL_SITE = replace(
    DIRECT_SITE,
    mail=MailSettings(GMAIL, "elm.office@gmail.com", ("doctor@elm.example", "it@elm.example"), "keyring"),
)


def test_whoever_wants_mail_is_led_to_the_first_one(typed: Typed, file: Path) -> None:
    ended = typed(*WITH_MAIL)
    assert ended.status == 0
    assert load(file) == MAIL_SITE
    assert "The password there: an app password (16 letters), not the usual one." in " ".join(ended.err.split())
    told = " ".join(ended.err[ended.err.index("For the mails") :].split())
    steps = ["email password", "email test", "schedule install"]
    at = [told.index(f"{number}. emrnetcheck {step} --config") for number, step in enumerate(steps, 1)]
    assert at == sorted(at)
    assert "make an app password at myaccount.google.com/apppasswords" in told
    assert ended.err.splitlines()[-1].startswith("Now run the check: emrnetcheck --config")


def test_the_questions_about_mail_fit_a_terminal_and_are_explained(typed: Typed, file: Path) -> None:
    answers = (*DIRECT[: len(QUESTIONS) - 1], "y", "a@elm.example", "b@elm.example", "m.elm.example", "2525", "2", "")
    ended = typed(*(each for answer in answers for each in ("?", answer)), "y")
    assert ended.status == 0
    as_echoed = ended.err.replace("] ", "]\n").replace("]: ", "]:\n").replace("answer: ", "answer:\n")
    assert [line for line in as_echoed.splitlines() if len(line) > 80 and str(file) not in line] == []
    for question in EVERY:
        assert " ".join(question.explain.split()) in " ".join(ended.err.split())
    lines = file.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 80


SERVERS = {
    "another one": (
        ("m.elm.example", "", ""),
        MailServer("m.elm.example", 587, Security.STARTTLS, "b@elm.example", ""),
    ),
    "tls by its port": (("m.elm.example", "465", "me"), MailServer("m.elm.example", 465, Security.TLS, "me", "")),
    "an odd port": (("m.elm.example", "2525", "2", "me"), MailServer("m.elm.example", 2525, Security.TLS, "me", "")),
    "nobody": (("m.elm.example", "", "none"), MailServer("m.elm.example", 587, Security.STARTTLS, None, "")),
    "here": (("localhost", "", ""), MailServer("localhost", 25, Security.NONE, None, "")),
    "here, with a log-in": (
        ("localhost", "587", "1", "me"),
        MailServer("localhost", 587, Security.STARTTLS, "me", ""),
    ),
    "an own domain": (("2", ""), MailServer("smtp.office365.com", 587, Security.STARTTLS, "b@elm.example", "")),
    "tls of a provider": (("3", ""), MailServer("smtp.mail.yahoo.com", 465, Security.TLS, "b@elm.example", "")),
}


@pytest.mark.parametrize(("answers", "server"), SERVERS.values(), ids=SERVERS)
def test_only_what_does_not_follow_is_asked_of_a_mail_server(
    typed: Typed, file: Path, answers: tuple[str, ...], server: MailServer
) -> None:
    ended = typed(*DIRECT[:-2], "y", "a@elm.example", "b@elm.example", *answers, "y")
    assert ended.status == 0
    mail = load(file).mail
    assert mail is not None
    assert replace(mail.server, helo="") == server
    assert ("email password" in ended.err) == (server.username is not None)
    before = file.read_bytes()
    again = typed(*[""] * (len(QUESTIONS) + 2 + len(answers)))
    assert "Nothing has changed" in again.err
    assert file.read_bytes() == before


OTHER = (*DIRECT[:-2], "y", "a@elm.example", "b@elm.example", "m.elm.example", "2525", "2", "me", "y")
WRONG_OF_MAIL = {
    "mail": (13, "maybe", "That cannot be used: must be y for yes or n for no."),
    "to": (14, "doctor", '"doctor": must be an address such as "office@example.org"'),
    "one of them": (14, "a@elm.example, b", '"b": must be an address such as'),
    "no to": (14, ",", "must be one or more, with commas between."),
    "nothing": (14, "", "This needs an answer: type one, or < to go back."),
    "from": (15, "Elm <b@elm.example>", "must be the address alone"),
    "two": (15, "a@elm.example, b@elm.example", "must be an address such as"),
    "server": (16, "https://m.elm.example", "must be a host name such as"),
    "no server": (16, "", "This needs an answer"),
    "number": (16, "6", "must be a number from 1 to 5, or the name of a mail server."),
    "port": (17, "0", "0: must be greater than or equal to 1"),
    "encryption": (18, "3", "only a mail server on this computer may do without encryption: choose 1 or 2."),
    "user": (19, "\x1b[D", "must be one line of text"),
}


@pytest.mark.parametrize(("at", "answer", "told"), WRONG_OF_MAIL.values(), ids=WRONG_OF_MAIL)
def test_a_wrong_answer_about_mail_is_told_and_asked_again(
    typed: Typed, file: Path, at: int, answer: str, told: str
) -> None:
    ended = typed(*OTHER[:at], answer, *OTHER[at:])
    assert ended.status == 0
    assert told in " ".join(ended.err.split())
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.port, mail.server.security, mail.server.username) == (2525, Security.TLS, "me")
    assert ended.err.replace("\n", "").isprintable()


def test_one_can_go_back_to_whether_mail_is_wanted(typed: Typed, file: Path) -> None:
    ended = typed(*DIRECT[:-2], "y", "<", "", "a@elm.example", "<", "<", "n", "y")
    assert ended.status == 0
    assert load(file) == DIRECT_SITE
    assert "email" not in file.read_text(encoding="utf-8")


def test_another_mailbox_brings_its_own_server(typed: Typed, file: Path) -> None:
    ended = typed(*WITH_MAIL[:-2], "<", "<", "office@fastmail.com", "", "", "y")
    assert ended.status == 0
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.host, mail.server.port, mail.server.username) == (
        "smtp.fastmail.com",
        465,
        "office@fastmail.com",
    )
    typed(*[""] * (len(QUESTIONS) + 1), "office@icloud.com", "", "", "y")
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.host, mail.server.port, mail.server.username) == (
        "smtp.mail.me.com",
        587,
        "office@icloud.com",
    )


DOUBTS_OF_MAIL = {
    "no password": (("office@hotmail.com", "", ""), "No program can send from office@hotmail.com with a password"),
    "forged": (("office@gmail.com", "5", ""), "that another mail server sends looks forged"),
}


@pytest.mark.parametrize(("answers", "told"), DOUBTS_OF_MAIL.values(), ids=DOUBTS_OF_MAIL)
def test_a_mailbox_that_will_not_do_is_doubted(
    typed: Typed, file: Path, answers: tuple[str, str, str], told: str
) -> None:
    ended = typed(*DIRECT[:-2], "y", "a@elm.example", *answers, "", "y")
    assert told in " ".join(ended.err.split())
    assert "Enter keeps this answer; or type another one." in ended.err
    mail = load(file).mail
    assert mail is not None
    assert mail.sender == answers[0]


OLD_MAIL = """\
[emr]
access = "lan_only" # theirs
# by hand
[email]
host = "smtp.gmail.com"
port = 465   # 587 is shut here
security = "tls"
username = "elm.office@gmail.com"
password_source = "file:/etc/emr-mail" # not the keyring
sender = "elm.office@gmail.com" # ours
to = ["doctor@elm.example"]
show_addresses = true
"""


def test_what_the_file_says_about_mail_is_suggested_and_kept(typed: Typed, file: Path) -> None:
    with_old(file, OLD_MAIL)
    ended = typed(*[""] * 13)
    assert "Nothing has changed" in ended.err
    for suggested in ("[y]:", "[doctor@elm.example]:", "[elm.office@gmail.com]:", "[1]:"):
        assert suggested in ended.err
    ended = typed(*[""] * 9, "it@elm.example", *[""] * 3, "y")
    assert file.read_text(encoding="utf-8") == OLD_MAIL.replace("doctor@elm", "it@elm")
    assert "email password" not in ended.err
    assert "1. emrnetcheck email test --config" in ended.err


def test_whoever_takes_the_mail_back_is_told_what_ends(typed: Typed, file: Path) -> None:
    with_old(file, OLD_MAIL)
    ended = typed(*[""] * 8, "n", "", "y")
    assert "Then no mail is sent any more, no alarm either." in ended.err
    assert load(file).mail is None
    text = file.read_text(encoding="utf-8")
    assert text.replace("# ", "") == OLD_MAIL.replace("# ", "")
    assert all(line.startswith("# ") for line in text.splitlines()[4:])
    assert "email test" not in ended.err


def test_without_a_log_in_no_password_is_looked_for(alone: Call, file: Path) -> None:
    with_old(file, OLD_MAIL)
    assert alone("--smtp-user", "none", "--yes").status == 0
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.username, mail.password_source, mail.show_addresses) == (None, None, True)
    assert '# password_source = "file:/etc/emr-mail" # not the keyring\n' in file.read_text(encoding="utf-8")


def test_a_report_that_is_switched_off_is_told(typed: Typed, file: Path) -> None:
    with_old(file, OLD_MAIL + '[schedule]\nreport = "off"\n')
    ended = typed(*[""] * 13)
    assert '[schedule] report = "off": take that line out, or only alarms are mailed.' in " ".join(ended.err.split())


BROKEN_MAIL = {
    "an address": ('to = ["doctor"]', '"doctor": must be an address such as "office@example.org".', ("a@elm.example",)),
    "no address": ("to = []", "This needs an answer", ("", "a@elm.example")),
}


@pytest.mark.parametrize(("line", "told", "answers"), BROKEN_MAIL.values(), ids=BROKEN_MAIL)
def test_what_is_asked_about_can_be_mended(
    typed: Typed, file: Path, line: str, told: str, answers: tuple[str, ...]
) -> None:
    with_old(file, OLD_MAIL.replace('to = ["doctor@elm.example"]', line))
    ended = typed(*[""] * 9, *answers, *[""] * 3, "y")
    assert ended.status == 0
    assert told in " ".join(ended.err.split())
    assert file.read_text(encoding="utf-8") == OLD_MAIL.replace("doctor@", "a@")


@pytest.mark.parametrize("line", ['ca_file = "/nowhere/ca.pem"', 'helo = "my pc"', 'password = "x"'])
def test_what_is_not_asked_about_has_to_be_mended_first(typed: Typed, file: Path, line: str) -> None:
    with_old(file, OLD_MAIL + line + "\n")
    ended = typed()
    assert ended.status == 2
    assert "[email]" in ended.err
    assert ended.err.endswith("Mend that first. Nothing was written.\n")


LEAST = ("--access", "lan_only", "--lan-address", "here")


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (("--mail",), ["--mail-to", "--mail-from", "--smtp-host"]),
        (("--mail-to", "a@elm.example"), ["--mail-from", "--smtp-host"]),
        (("--mail-to", "a@elm.example", "--mail-from", "b@elm.example"), ["--smtp-host"]),
        (("--smtp-host", "m.elm.example"), ["--mail-to", "--mail-from"]),
    ],
)
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "old"])
def test_what_mail_needs_is_not_guessed(
    alone: Call, file: Path, options: tuple[str, ...], missing: list[str], is_new: bool
) -> None:
    if not is_new:
        with_old(file)
    ended = alone(*LEAST, *options)
    assert ended.status == 2
    lines = [line.split()[0] for line in ended.err.splitlines() if line.strip().startswith("--")]
    assert lines == missing


def test_mail_by_options_alone(alone: Call, typed: Typed, file: Path) -> None:
    assert alone(*LEAST, *MAIL_FLAGS).status == 0
    mail = load(file).mail
    assert mail is not None
    assert mail.to == ("doctor@elm.example", "it@elm.example")
    assert mail.server == MailServer("mail.elm.example", 2525, Security.TLS, "office", "elm.example")
    file.unlink()
    options = ("--mail-to", "doctor@elm.example,it@elm.example", "--mail-from", "elm.office@gmail.com")
    assert alone(*FLAGS, *options).status == 0
    by_options = file.read_text(encoding="utf-8")
    file.unlink()
    typed(*WITH_MAIL)
    assert file.read_text(encoding="utf-8") == by_options
    ended = alone("--no-mail", "--mail-to", "a@elm.example", "--yes")
    assert "--mail-to is left aside: by the other answers it is not needed." in ended.err
    assert load(file) == DIRECT_SITE


def test_options_that_cannot_stand_together_are_asked_about_or_refused(alone: Call, typed: Typed, file: Path) -> None:
    options = ("--mail-to", "a@elm.example", "--mail-from", "b@elm.example", "--smtp-host", "m.elm.example")
    ended = typed(*DIRECT[:-2], "", "1", "", "y", options=(*options, "--smtp-security", "none"))
    assert "--smtp-security cannot be used: only a mail server on this computer" in " ".join(ended.err.split())
    mail = load(file).mail
    assert mail is not None
    assert mail.server.security is Security.STARTTLS
    file.unlink()
    ended = alone(*LEAST, *options, "--smtp-port", "465", "--smtp-security", "starttls")
    assert ended.status == 2
    assert 'port = 465 goes with security = "tls"' in " ".join(ended.err.split())
    assert not file.exists()


def test_offline_and_dry_run_hold_for_mail_too(typed: Typed, file: Path, office: dict[str, object]) -> None:
    ended = typed(*WITH_MAIL[:-1], options=("--offline", "--dry-run"))
    assert ended.status == 0
    assert office["asked"] == [("server", (SERVER, 8443))]
    assert 'host = "smtp.gmail.com"\n' in ended.out
    assert not file.exists()
