"""What DDNS clients wrote down is read; their passwords are not; no text makes the reader stumble."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net.ddns_files import (
    NAMES_MAX,
    ClientSettings,
    KeptName,
    ddclient_cache,
    ddclient_settings,
    delay_s,
    inadyn_cache,
    inadyn_settings,
)
from emrnetcheck.net.ddns_log import RETURN_WORDS, results_in_log

DDCLIENT = """\
# Configuration file for ddclient
daemon=5m
syslog=yes
ssl=yes
use=web, web=checkip.example.org/ip
protocol=dyndns2 \\
server=members.example.org, \\
login=clinic \\
password='s3 cret.pass' \\
emr.dyn.example.org,Other.dyn.example.org
"""
# Written by ddclient 3.10.0 against a server that said good, and one that said badauth.
CACHE = """\
## ddclient-3.10.0
## last updated at Wed Nov 25 19:46:56 2026 (1795636016)
atime=1795636016,backupmx=0,custom=0,host=emr.dyn.example.org,ip=45.76.10.20,mtime=1795636010,mx=,script=/nic/update,\
static=0,status=good,status-ipv4=noconnect,status-ipv6=noconnect,warned-min-interval=0,wtime=0 emr.dyn.example.org
atime=1795636017,backupmx=0,host=b.dyn.example.org,mtime=0,mx=,status=badauth,status-ipv4=noconnect,wtime=0 \
b.dyn.example.org
"""
INADYN = """\
# comment with hostname = "no.example.org"
period = 300
custom dyn@example.org {
    username = "clinic"
    password = "hostname = evil.example.org"
    ddns-server = "members.example.org"
    ddns-path = "/nic/update?hostname=%h&myip=%i"
    hostname = { "emr.dyn.example.org", "b.dyn.example.org" } // two
}
"""


def test_ddclients_settings() -> None:
    assert ddclient_settings(DDCLIENT) == ClientSettings(
        300, "web", "dyndns2", "members.example.org", ("emr.dyn.example.org", "other.dyn.example.org")
    )


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        ("use=if, if=eth0", "interface"),
        ("usev4=ifv4", "interface"),
        ("usev4=webv4", "web"),
        ("use=cmd", "command"),
        ("use=ip", "fixed"),
        ("use=fw, fw=192.168.1.1", "router"),
        ("use=linksys", "router"),
        ("usev4=disabled", "router"),
    ],
)
def test_where_ddclient_takes_the_address_from(use: str, kind: str) -> None:
    expected = None if "disabled" in use else kind
    assert ddclient_settings(f"{use}\nemr.example.org\n").address_from == expected


@pytest.mark.parametrize(
    "line",
    [
        "password=TOPSECRET.example emr.example.org",
        "password='TOPSECRET.example x.example.net' emr.example.org",
        'password="TOPSECRET.example x.example.net" emr.example.org',
        "password = TOPSECRET.example\nemr.example.org",
        "password='TOPSECRET.example never closed",
        "emr.example.org clinic TOPSECRET.example",
        "token=TOPSECRET.example, emr.example.org",
        "fw-password=TOPSECRET.example emr.example.org",
        r"password=TOPSECRET\ x.example.net emr.example.org",
        "password='it''s.TOPSECRET.example' emr.example.org",
        "password='it' s.TOPSECRET.example 'x' emr.example.org",
        "password='it's.TOPSECRET.example' emr.example.org",
        r"password='it\'s.TOPSECRET.example' emr.example.org",
        r'password="a\"b.TOPSECRET.example" emr.example.org',
        r'password="a\" b.TOPSECRET.example emr.example.org',
        "password='a'b.TOPSECRET.example emr.example.org",
        "password=\\\nmy.TOPSECRET.example\nemr.example.org",
        "password= \\\r\n  my.TOPSECRET.example\r\nemr.example.org",
        "password=first\\\nsecond.TOPSECRET.example\nemr.example.org",
        "password='first \\\nsecond.TOPSECRET.example third' emr.example.org",
        "password='first \\\n# \nsecond.TOPSECRET.example'\nemr.example.org",
        "password='first \\ \nsecond.TOPSECRET.example'\nemr.example.org",
        "pass\\\nword=my.TOPSECRET.example\nemr.example.org",
        "password='first\x0cTOPSECRET.example second'\nemr.example.org",
        f"password='{'x' * 5000} \\\nTOPSECRET.example'\nemr.example.org",
        f"password='{'x' * 5000}' login='\\\nTOPSECRET.example'\nemr.example.org",
    ],
)
def test_no_password_comes_out_of_ddclients_settings(line: str) -> None:
    found = ddclient_settings(line)
    assert set(found.names) <= {"emr.example.org"}
    assert "topsecret" not in str(found).lower()


@pytest.mark.parametrize("password", [r"'a\' hostname = b.TOPSECRET.example'", r'"a\" hostname = b.TOPSECRET.example"'])
def test_no_password_comes_out_of_inadyns_settings(password: str) -> None:
    found = inadyn_settings(f"custom x {{ password = {password}\n hostname = emr.example.org }}")
    assert found.names == ("emr.example.org",)


@pytest.mark.parametrize(
    "text",
    [
        "protocol=dyndns2 \\\nlogin=clinic \\\npassword='it''s' \\\nemr.example.org",
        "protocol=dyndns2, login=clinic, password='x', server=a.example emr.example.org",
        "# a remark that ends with \\\nemr.example.org",
        "protocol=dyndns2 \\\n# a remark between\nemr.example.org",
        "login=clinic # a remark with 'one\nemr.example.org",
    ],
)
def test_the_name_behind_a_password_or_a_remark_is_found(text: str) -> None:
    assert ddclient_settings(text).names == ("emr.example.org",)


@given(st.text(string.printable.replace("\n", "").replace("\r", "").replace("'", ""), min_size=8))
def test_no_quoted_password_comes_out(password: str) -> None:
    text = f"protocol=dyndns2\nlogin=clinic\npassword='{password}'\nemr.example.org\n"
    assert ddclient_settings(text).names == ("emr.example.org",)
    bare = password.replace("\\", "").replace('"', "")
    found = inadyn_settings(f'custom x {{ password = "{bare}"\n hostname = emr.example.org }}')
    assert found.names == ("emr.example.org",)


def test_ddclients_memory() -> None:
    assert ddclient_cache(CACHE) == (
        KeptName("emr.dyn.example.org", "45.76.10.20", "good", 1795636010.0, 1795636016.0),
        KeptName("b.dyn.example.org", None, "badauth", None, 1795636017.0),
    )


def test_inadyns_settings() -> None:
    assert inadyn_settings(INADYN) == ClientSettings(
        300, "web", "dyn@example.org", "members.example.org", ("emr.dyn.example.org", "b.dyn.example.org")
    )


@pytest.mark.parametrize(
    ("text", "kind", "period_s"),
    [
        ("", "web", 120),
        ("iface = eth0", "interface", 120),
        ('checkip-command = "/bin/ip"\nperiod = 60', "command", 60),
        ("period = -1", "web", None),
    ],
)
def test_inadyns_way_and_period(text: str, kind: str, period_s: int | None) -> None:
    found = inadyn_settings(text)
    assert (found.address_from, found.interval_s) == (kind, period_s)


def test_inadyns_memory_is_an_address_and_nothing_else() -> None:
    assert inadyn_cache("45.76.10.20") == "45.76.10.20"
    assert inadyn_cache("45.76.10.20\n") == "45.76.10.20"
    assert inadyn_cache("no address") is None


# As inadyn 2.10 and ddclient 3.10 write them.
INADYN_LOG = """\
Update forced for alias emr.example.org, new IP# 45.76.10.20
Fatal error in DDNS server response:
[200 OK] badauth
Error response from DDNS server, exiting!
"""
INADYN_GOOD = "Update forced for alias emr.example.org, new IP# 45.76.10.20\nUpdating cache for emr.example.org\n"


@pytest.mark.parametrize(
    ("log", "word"),
    [
        (INADYN_LOG, "badauth"),
        (INADYN_LOG + INADYN_GOOD, "good"),
        (INADYN_GOOD + INADYN_LOG.replace("badauth", "!yours"), "!yours"),
        ("FAILED:   updating emr.example.org: badauth: Bad authorization (username or password)", "badauth"),
        ("FAILED:   updating emr.example.org: unexpected status (911)", "911"),
        ("SUCCESS:  updating emr.example.org: good: IP address set to 45.76.10.20", "good"),
        ("FAILED:   updating emr.example.org: Could not connect to members.example.org.", None),
        ("FAILED:   updating emr.example.org: \x1b[31mabuse: x", None),
        ("[200 OK] badauth", None),
    ],
)
def test_the_last_word_in_the_log(log: str, word: str | None) -> None:
    assert results_in_log(log).get("emr.example.org") == word


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("300", 300),
        ("5m", 300),
        ('"1h"', 3600),
        ("1 day", 86_400),
        ("0", None),
        ("", None),
        ("-5", None),
        ("9" * 9, None),
    ],
)
def test_a_delay_in_seconds(text: str, seconds: int | None) -> None:
    assert delay_s(text) == seconds


PIECES = st.sampled_from(
    [*DDCLIENT.split("\n"), *CACHE.split("\n"), *INADYN.split(), *INADYN_LOG.split("\n"), "password=", "'", '"', "\\\n"]
)
TEXTS = st.one_of(
    st.text(max_size=2000),
    st.binary(max_size=2000).map(lambda data: data.decode("utf-8", "replace")),
    st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=60).map(" ".join),
    st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=60).map("\n".join),
)


@given(TEXTS)
def test_any_text_is_read_without_an_error(text: str) -> None:
    check_any_text(text)


def check_any_text(text: str) -> None:
    for settings in (ddclient_settings(text), inadyn_settings(text)):
        assert len(settings.names) <= NAMES_MAX
        assert all(name.isprintable() and "." in name for name in settings.names)
        assert settings.interval_s is None or settings.interval_s > 0
        assert all((part or "").isprintable() for part in (settings.protocol, settings.server))
    kept = ddclient_cache(text)
    assert len(kept) <= NAMES_MAX
    assert all((each.result or "").isprintable() for each in kept)
    address = inadyn_cache(text)
    assert address is None or address.count(".") == 3
    assert set(results_in_log(text).values()) <= set(RETURN_WORDS)


@pytest.mark.parametrize("piece", ["'", '"', "password=", "a=", "{", "/*", "\\\n", "a.b,", "updating ", "x" * 50, "a-"])
def test_a_huge_text_takes_no_long_time(piece: str) -> None:
    for long_line in (piece * (256 * 1024 // len(piece)), f"{piece * (3900 // len(piece))}\n" * 65):
        began_s = time.monotonic()
        check_any_text(long_line)
        assert time.monotonic() - began_s < 5
