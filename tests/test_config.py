"""The settings: what is in force, and one sentence for each mistake."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrnetcheck.config import ConfigError, find_file, load
from emrnetcheck.model import Access, Failure, Site
from emrnetcheck.model.alerts import AlertLevel, Rule
from emrnetcheck.model.schedule import LoadTests, Schedule
from emrnetcheck.probes.outside.common import parse
from emrnetcheck.probes.throughput.backends import choose

FULL = """
[site]
name = "Main Street Clinic"
[emr]
hostname = "emr.example.org"
profile = "openemr"
access = "vpn"
port = 443
path = "/emr/"
lan_address = "192.168.1.10"
addressing = "static"
users = 7
workload = "documents"
[upload]
minimum_mbps = 4
recommended_mbps = 8.5
servers = ["speedtest", "iperf3://host.example:5201"]
max_mb = 30
[lan]
peers = ["192.168.1.20", "192.168.1.21"]
responder = "responder+https://192.168.1.20:40123"
responder_token = "env:LAN_TOKEN"
[internet]
resolvers = ["1.1.1.1", "2606:4700:4700::1111"]
address_services = ["https://one.example/ip", "http://two.example"]
stun = ["stun.example.org:3478"]
dns_over_https = ["https://dns.example/dns-query"]
no_dns_addresses = ["198.51.100.1"]
wan_address = "93.184.216.34"
[outside]
services = ["echoip+https://echo.example"]
consent = true
responder_token = "env:TOKEN"
[alerts]
confirm = "3 of 5"
level = "warn"
per_day = 2
[history]
url = "postgresql://emr@db.example/emr"
keep_days = 90
[schedule]
check = ["daily 06:30", "mon-fri 12:15"]
look = "every 30 minutes"
report = "friday 17:00"
clinic_hours = ["mon-fri 08:00-12:00, 13:00-18:00", "sat 09:00-12:00"]
load_tests = "never"
spread_minutes = 0
ping_url = "https://ping.example/5f2a"
[limits]
router.slow_wired_ms = 7.5
upload.goodput_per_line_rate = 0.9
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def to_file(text: str) -> Path:
        file = tmp_path / "clinic.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return to_file


def wrong(file: Path) -> str:
    """The one sentence about what is wrong in the file."""
    with pytest.raises(ConfigError) as caught:
        load(file)
    sentence = str(caught.value)
    assert str(file) in sentence
    assert "\n" not in sentence
    assert sentence[0].isupper()
    assert sentence.endswith((".", "?"))
    assert ". " not in sentence.removesuffix(".")
    assert "Input" not in sentence
    return sentence.replace(str(file), "FILE")


def test_a_full_file_gives_the_right_site(write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAN_TOKEN", "s3cr3t")
    assert load(write(FULL)) == Site(
        name="Main Street Clinic",
        hostname="emr.example.org",
        access=Access.VPN,
        port=443,
        path="/emr/",
        profile="openemr",
        lan_address="192.168.1.10",
        addressing="static",
        users=7,
        workload="documents",
        emr_declared=True,
        minimum_mbps=4.0,
        recommended_mbps=8.5,
        upload_servers=("speedtest", "iperf3://host.example:5201"),
        max_mb=30.0,
        peers=("192.168.1.20", "192.168.1.21"),
        lan_responder="responder+https://192.168.1.20:40123",
        lan_responder_token="env:LAN_TOKEN",
        resolvers=("1.1.1.1", "2606:4700:4700::1111"),
        address_services=("https://one.example/ip", "http://two.example"),
        stun=("stun.example.org:3478",),
        dns_over_https=("https://dns.example/dns-query",),
        no_dns_addresses=("198.51.100.1",),
        wan_address="93.184.216.34",
        outside_services=("echoip+https://echo.example",),
        outside_consent=True,
        responder_token="env:TOKEN",
        alerts=Rule(3, 5, AlertLevel.WARN, 2),
        history_url="postgresql+psycopg://emr@db.example/emr",
        history_keep_days=90,
        schedule=Schedule(
            check=("daily 06:30", "mon-fri 12:15"),
            look=("every 30 minutes",),
            report=("friday 17:00",),
            clinic_hours=("mon-fri 08:00-12:00, 13:00-18:00", "sat 09:00-12:00"),
            load_tests=LoadTests.NEVER,
            spread_minutes=0,
            ping_url="https://ping.example/5f2a",
        ),
        limits={"router": {"slow_wired_ms": 7.5}, "upload": {"goodput_per_line_rate": 0.9}},
    )


def test_no_file_and_an_empty_file_are_the_defaults(write: Callable[[str], Path]) -> None:
    assert load(None) == Site()
    assert load(write("")) == Site()


def test_a_host_name_or_an_address_declares_the_emr(write: Callable[[str], Path]) -> None:
    assert load(write('[emr]\nhostname = "emr.example.org."')).emr_declared
    assert load(write('[emr]\nlan_address = "192.168.1.10"')).emr_declared
    assert not load(write("[emr]\nport = 443")).emr_declared


def test_an_empty_wan_address_is_none(write: Callable[[str], Path]) -> None:
    assert load(write('[internet]\nwan_address = ""')).wan_address is None


def test_a_mark_in_front_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "notepad.toml"
    file.write_bytes(b'\xef\xbb\xbf[site]\r\nname = "Elm"\r\n')
    assert load(file).name == "Elm"


USUAL_TIMES = '"daily 06:30", "mon-fri 06:30, 12:15", "monday 07:00"'
MISTAKES = {
    "unknown section": ("[emrs]\nport = 1", 'In FILE, the section [emrs] is not known: did you mean "emr"?'),
    "unknown key": (
        '[emr]\nhostnam = "a.b"',
        'In FILE, the key hostnam in [emr] is not known: did you mean "hostname"?',
    ),
    "loading the line is a matter of the schedule alone": (
        '[alerts]\nquiet_hours = "none"',
        "In FILE, the key quiet_hours in [alerts] is not known",
    ),
    "unknown key, nothing near": (
        "[lan]\nxyz = 1",
        "In FILE, the key xyz in [lan] is not known: known are peers, ",
    ),
    "a key outside the sections": (
        "port = 8443",
        "In FILE, the section [port] is not known: known are site, emr, upload, lan, internet, path, outside, alerts, ",
    ),
    "unknown key before a wrong value": (
        '[emr]\nport = "x"\nuser = 3',
        'In FILE, the key user in [emr] is not known: did you mean "users"?',
    ),
    "text for a number": (
        '[upload]\nminimum_mbps = "3"',
        'In FILE, [upload] minimum_mbps = "3": must be a number without quotes.',
    ),
    "true for a number": ("[emr]\nport = true", "In FILE, [emr] port = true: must be a whole number without quotes."),
    "true for a rate": (
        "[upload]\nminimum_mbps = true",
        "In FILE, [upload] minimum_mbps = true: must be a number without quotes.",
    ),
    "a fraction for a port": ("[emr]\nport = 1.5", "In FILE, [emr] port = 1.5: must be a whole number"),
    "a number for text": ("[site]\nname = 5", "In FILE, [site] name = 5: must be text in quotes."),
    "1 for true": ("[outside]\nconsent = 1", "In FILE, [outside] consent = 1: must be true or false without quotes."),
    "text for a list": (
        '[upload]\nservers = "cloudflare"',
        'In FILE, [upload] servers = "cloudflare": must be a list such as ["first", "second"].',
    ),
    "a value for a section": ("emr = 3", "In FILE, [emr]: must be a section with keys of its own."),
    "port 0": ("[emr]\nport = 0", "In FILE, [emr] port = 0: must be greater than or equal to 1."),
    "port 99999": ("[emr]\nport = 99999", "In FILE, [emr] port = 99999: must be less than or equal to 65535."),
    "no such workload": ('[emr]\nworkload = "games"', 'In FILE, [emr] workload = "games": '),
    "no users": ("[emr]\nusers = 0", "In FILE, [emr] users = 0: must be greater than or equal to 1."),
    "a rate of 0": ("[upload]\nminimum_mbps = 0", "In FILE, [upload] minimum_mbps = 0: must be greater than 0."),
    "a rate that is no number": ("[upload]\nminimum_mbps = nan", "In FILE, [upload] minimum_mbps = NaN: must be"),
    "another access": (
        '[emr]\naccess = "open"',
        "In FILE, [emr] access = \"open\": must be 'direct', 'vpn', 'tunnel' or 'lan_only'.",
    ),
    "a path without a slash": (
        '[emr]\npath = "oscar"',
        'In FILE, [emr] path = "oscar": must be a path such as "/oscar/", without spaces.',
    ),
    "no resolver": ("[internet]\nresolvers = []", "In FILE, [internet] resolvers: must have at least 1 in the list."),
    "one address service": (
        '[internet]\naddress_services = ["https://one.example"]',
        "In FILE, [internet] address_services: must have at least 2 in the list.",
    ),
    "no such time": (
        '[schedule]\ncheck = "daily at 6"',
        'In FILE, [schedule] check = "daily at 6": must be such as "daily 06:30", "mon-fri 06:30, 12:15", ',
    ),
    "one of several times": (
        '[schedule]\ncheck = ["daily 06:30", "dayly 12:00"]',
        'In FILE, [schedule] check = "dayly 12:00": must be such as "daily 06:30", ',
    ),
    "a time without quotes": ("[schedule]\nreport = 07:00:00", "In FILE, [schedule] report: must be a list such as"),
    "no time at all": ("[schedule]\nreport = []", "In FILE, [schedule] report: must have at least 1 in the list."),
    "no such hours": (
        '[schedule]\nclinic_hours = "08:00-18:00"',
        'In FILE, [schedule] clinic_hours = "08:00-18:00": must be such as "mon-fri 08:00-18:00", ',
    ),
    "looks that the scheduler cannot keep": (
        '[schedule]\ncheck = "off"\nlook = "every 10 minutes"',
        f'In FILE, [schedule] look = "every 10 minutes": must be such as {USUAL_TIMES}, "every 30 minutes" (or 15, ',
    ),
    "another wish for load tests": ('[schedule]\nload_tests = "no"', 'In FILE, [schedule] load_tests = "no": must be '),
    "a spread over days": ("[schedule]\nspread_minutes = 1000", "In FILE, [schedule] spread_minutes = 1000: must be "),
    "no address to tell": (
        '[schedule]\nping_url = "5f2a-secret"',
        'In FILE, [schedule] ping_url: must be such as "https://hc-ping.com/...", or say where ',
    ),
    "an address that is none": (
        '[lan]\npeers = ["192.168.1.20", "192.168.1.300"]',
        'In FILE, [lan] peers = "192.168.1.300": must be an IP address such as "192.168.1.10".',
    ),
    "IPv6 for the router's address": (
        '[internet]\nwan_address = "2600::1"',
        'In FILE, [internet] wan_address = "2600::1": must be an IPv4 address such as "93.184.216.34", or left empty.',
    ),
    "an address service without a scheme": (
        '[internet]\naddress_services = ["a.example", "https://b.example"]',
        'In FILE, [internet] address_services = "a.example": must be a web address such as "https://example.org/ip".',
    ),
    "STUN without a port": (
        '[internet]\nstun = ["stun.example.org"]',
        'In FILE, [internet] stun = "stun.example.org": must be a host and a port such as "stun.example.org:3478".',
    ),
    "STUN with a port of other digits": (
        '[internet]\nstun = ["stun.example.org:²"]',
        "In FILE, [internet] stun = ",
    ),
    "DNS over HTTP": (
        '[internet]\ndns_over_https = ["http://dns.example/dns-query"]',
        'In FILE, [internet] dns_over_https = "http://dns.example/dns-query": must be a secure web address such as',
    ),
    "IPv6 where no name server is": (
        '[internet]\nno_dns_addresses = ["2001:db8::1"]',
        'In FILE, [internet] no_dns_addresses = "2001:db8::1": must be an IPv4 address such as "192.0.2.53".',
    ),
    "a name of two lines": ('[site]\nname = "a\\nb"', 'In FILE, [site] name = "a\\nb": must be one line of text.'),
    "a name without end": (f'[site]\nname = "{"a" * 300}"', "In FILE, [site] name = "),
    "minimum above recommended": (
        "[upload]\nminimum_mbps = 6",
        "In FILE, [upload] minimum_mbps = 6 is above recommended_mbps = 5: make it the smaller one.",
    ),
    "limits of no check": (
        "[limits]\nruoter.slow_wired_ms = 1",
        "In FILE, [limits] ruoter is no check: known are link, router,",
    ),
    "an unknown limit": (
        "[limits]\nrouter.slow = 1",
        "In FILE, [limits] router.slow is no limit of that check: known are slow_wired_ms,",
    ),
    "text for a limit": (
        '[limits]\nrouter.slow_wired_ms = "5"',
        'In FILE, [limits] router.slow_wired_ms = "5": must be a number without quotes.',
    ),
    "a limit without its check": (
        "[limits]\nslow_wired_ms = 5",
        "In FILE, [limits] slow_wired_ms = 5: must be a section",
    ),
    "a limit that is divided by": (
        "[limits]\ncapacity.per_user_mbps = 0",
        "In FILE, [limits] capacity.per_user_mbps = 0: must be greater than 0.",
    ),
    # Nothing is above NaN, so every check would pass.
    "a limit that is no number": (
        "[limits]\nrouter.slow_wired_ms = nan",
        "In FILE, [limits] router.slow_wired_ms = NaN: must be",
    ),
    "a limit without end": (
        "[limits]\nrouter.slow_wired_ms = inf",
        "In FILE, [limits] router.slow_wired_ms = Infinity: must be",
    ),
    "a database that is none of ours": (
        '[history]\nurl = "mysql://emr:s3cret@db/emr"',
        'In FILE, [history] url: must be such as "postgresql://USER@HOST/DATABASE", or left empty.',
    ),
    "a database without its name": (
        '[history]\nurl = "postgresql://emr:s3cret@db:port/emr"',
        'In FILE, [history] url: must be such as "postgresql://USER@HOST/DATABASE", or left empty.',
    ),
    "no number of looks": (
        '[alerts]\nconfirm = "twice"',
        'In FILE, [alerts] confirm = "twice": must be such as "2 of 3": so many bad ones of the last runs, at most 10.',
    ),
    "more bad looks than looks": (
        '[alerts]\nconfirm = "4 of 3"',
        'In FILE, [alerts] confirm = "4 of 3": must be such as "2 of 3": so many bad ones of the last runs',
    ),
    "no bad look at all": (
        '[alerts]\nconfirm = "0 of 3"',
        'In FILE, [alerts] confirm = "0 of 3": must be such as "2 of 3": so many bad ones of the last runs',
    ),
    "no level": (
        '[alerts]\nlevel = "notice"',
        "In FILE, [alerts] level = \"notice\": must be 'fail', 'warn' or 'off'.",
    ),
    "no mail a day": ("[alerts]\nper_day = 0", "In FILE, [alerts] per_day = 0: must be greater than or equal to 1."),
    "no day to keep": ("[history]\nkeep_days = 0", "In FILE, [history] keep_days = 0: must be greater than or equal"),
    "no TOML": ("[emr\nport = 1", "In FILE"),
    "the same key twice": ("[emr]\nport = 1\nport = 2", "In FILE"),
    "a number without end": (f"[emr]\nport = {'9' * 5000}", "In FILE"),
    "brackets without end": ("a = " + "[" * 100_000, "In FILE"),
}


@pytest.mark.parametrize(("text", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_sentence(write: Callable[[str], Path], text: str, sentence: str) -> None:
    told = wrong(write(text))
    if sentence == "In FILE":
        assert told.startswith("The settings file FILE is not valid TOML: ")
    else:
        assert told.startswith(sentence)
        assert told == sentence or not sentence.endswith((".", "?"))
    assert len(told) < 300


BAD_NAMES = (
    "emr example.org",
    "https://emr.example.org",
    "emr.example.org/oscar",
    "emr.example.org:8443",
    "",
    ".",
    "-emr.example.org",
    "emr..example.org",
    "a" * 64 + ".example.org",
    ".".join(["a" * 60] * 5),
    "emr.example.org\\n",
    "k\u017fiosk.example.org",
)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_what_is_no_host_name_is_refused(write: Callable[[str], Path], name: str) -> None:
    told = wrong(write(f'[emr]\nhostname = "{name}"'))
    assert told.startswith("In FILE, [emr] hostname = ")
    assert told.endswith('must be a host name such as "emr.example.org", without spaces, https:// or a path.')


def test_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "latin1.toml"
    file.write_bytes('[site]\nname = "Clinique générale"\n'.encode("latin-1"))
    assert wrong(file) == "The settings file FILE is not in UTF-8: save it again in that encoding."


def test_a_file_that_cannot_be_read_is_told(write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("")

    def refuse(_self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert wrong(file) == "The settings file FILE cannot be read: Permission denied."


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    user, site = tmp_path / "user", tmp_path / "site"
    for folder in (user, site):
        folder.mkdir()
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _name: user)
    monkeypatch.setattr(platformdirs, "site_config_path", lambda _name: site)
    return user, site


def test_the_nearest_file_is_taken(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    user, site = (folder / "emrnetcheck.toml" for folder in folders)
    given_, by_environment = tmp_path / "given.toml", tmp_path / "environment.toml"
    environ = {"EMRNETCHECK_CONFIG": str(by_environment)}
    assert find_file(None, {}) is None
    site.touch()
    assert find_file(None, {}) == site
    user.touch()
    assert find_file(None, {}) == user
    by_environment.touch()
    assert find_file(None, environ) == by_environment
    given_.touch()
    assert find_file(given_, environ) == given_
    assert find_file(None, {"EMRNETCHECK_CONFIG": ""}) == user


@pytest.mark.parametrize("how", ["given", "environment"])
def test_a_file_that_was_named_must_be_there(tmp_path: Path, folders: tuple[Path, Path], how: str) -> None:
    (folders[0] / "emrnetcheck.toml").touch()
    missing = tmp_path / "missing.toml"
    with pytest.raises(ConfigError) as caught:
        find_file(missing, {}) if how == "given" else find_file(None, {"EMRNETCHECK_CONFIG": str(missing)})
    assert str(caught.value) == f"The settings file {missing} does not exist: check the path, or leave it out."


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        find_file(tmp_path, {})


def test_a_folder_that_may_not_be_entered_is_passed_over(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    assert find_file(None, {}) is None


PIN = "ab" * 32

SECTIONS = ("site", "emr", "upload", "lan", "internet", "outside", "limits")
KEYS = [*Site.__dataclass_fields__, *SECTIONS, "peers", "servers", "services", "consent", "slow_wired_ms"]
SCALARS: st.SearchStrategy[Any] = (
    st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["vpn", "1.1.1.1", "/", "a:1"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(
    st.sampled_from(SECTIONS) | st.text(min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(KEYS) | st.text(min_size=1, max_size=8), VALUES, max_size=4) | VALUES,
    max_size=4,
)


def in_toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    if isinstance(value, list):
        return f"[{', '.join(in_toml(inner) for inner in value)}]"
    return "{" + ", ".join(f"{in_toml(key)} = {in_toml(inner)}" for key, inner in value.items()) + "}"


def outcome(file: Path) -> Site | str:
    try:
        return load(file)
    except ConfigError as error:
        return str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(tables=TABLES)
def test_any_settings_give_a_site_or_one_sentence(tmp_path: Path, tables: dict[str, Any]) -> None:
    file = tmp_path / "any.toml"
    text = "\n".join(f"{in_toml(key)} = {in_toml(value)}" for key, value in tables.items())
    file.write_text(text, encoding="utf-8", errors="replace")
    site = outcome(file)
    if isinstance(site, Site):
        assert 0 < site.minimum_mbps <= site.recommended_mbps
    else:
        assert site.isprintable()
        assert site.endswith((".", "?"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_give_a_site_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.toml"
    file.write_bytes(content)
    site = outcome(file)
    assert site == Site() or str(file) in str(site)


def test_an_address_is_no_host_name(write: Callable[[str], Path]) -> None:
    told = wrong(write('[emr]\nhostname = "45.76.10.20"'))
    assert told == (
        'In FILE, [emr] hostname = "45.76.10.20": must be a name such as "emr.example.org", not an address.'
    )


def test_a_way_of_access_alone_declares_the_emr(write: Callable[[str], Path]) -> None:
    """With lan_only nothing else needs to be said, and the port must still be looked at."""
    assert load(write('[emr]\naccess = "lan_only"')).emr_declared
    assert not load(write('[emr]\naccess = "direct"')).emr_declared


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[upload]\nservers = ["foo"]', 'must be "cloudflare", "speedtest" or "librespeed+https://HOST/PATH".'),
        (
            '[upload]\nservers = ["librespeed+ftp://x/y"]',
            'must be "cloudflare", "speedtest" or "librespeed+https://HOST/PATH".',
        ),
        (
            '[outside]\nservices = ["echoip+ftp://x"]',
            'must be "globalping", "echoip+https://HOST" or "responder+https://HOST" (http too).',
        ),
        ('[outside]\nservices = ["echoip+http://x:0"]', "must have a port from 1 to 65535."),
        ('[upload]\nservers = ["responder+https://x:0"]', "must have a port from 1 to 65535."),
        (
            '[upload]\nservers = ["responder+https://x/elsewhere"]',
            'must be "globalping", "echoip+https://HOST" or "responder+https://HOST" (http too).',
        ),
        (
            f'[upload]\nservers = ["responder+http://x#sha256={PIN}"]',
            'can have "#sha256=" only after "responder+https://HOST".',
        ),
        (
            f'[outside]\nservices = ["responder+http://x#sha256={PIN}"]',
            'can have "#sha256=" only after "responder+https://HOST".',
        ),
        ('[emr]\nlan_address = "127.0.0.1"', "or be left out on the server itself."),
    ],
)
def test_what_could_never_be_asked_is_refused(write: Callable[[str], Path], text: str, told: str) -> None:
    assert wrong(write(text)).endswith(told)


@pytest.mark.parametrize(
    "service",
    [
        "globalping",
        "globalping+https://api.example.org",
        "globalping+http://127.0.0.1:8080",
        "echoip+https://[2001:db8::1]:8443/",
        f"responder+https://192.168.1.30:8089#sha256={PIN}",
        f"responder+https://other.example.org/#sha256={':'.join(['AB'] * 32)}",
        "responder+http://192.168.1.30",
    ],
)
def test_every_outside_service_that_may_be_set_is_known_to_the_probe(
    write: Callable[[str], Path], service: str
) -> None:
    assert load(write(f'[outside]\nservices = ["{service}"]')).outside_services == (service,)
    assert parse(service) is not None
    if service.startswith("responder+"):
        assert load(write(f'[upload]\nservers = ["{service}"]')).upload_servers == (service,)
        back_end = choose(service)
        assert not isinstance(back_end, Failure)
        assert back_end.name == "responder"


RESPONDER = '[outside]\nconsent = true\nservices = ["responder+https://x.example"]\n'
RESPONDER_LOADED = '[upload]\nservers = ["responder+https://x.example"]\n[outside]\n'


def test_only_where_the_token_is_kept_becomes_a_setting(
    write: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "token"
    kept.write_text("s3cr3t\n")
    kept.chmod(0o600)
    monkeypatch.setenv("RESPONDER", "s3cr3t")
    for source in ("env:RESPONDER", f"file:{kept}"):
        site = load(write(f'{RESPONDER}responder_token = "{source}"'))
        assert site.responder_token == source
        assert "s3cr3t" not in repr(site)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("env:NOT_SET_ANYWHERE", "there is no such environment variable."),
        ("file:/nowhere/at/all", "No such file or directory."),
    ],
)
def test_a_token_that_cannot_be_read_is_a_mistake(write: Callable[[str], Path], source: str, told: str) -> None:
    for needed_by in (RESPONDER, RESPONDER_LOADED):
        assert wrong(write(f'{needed_by}responder_token = "{source}"')).endswith(told)
    assert load(write(f'[outside]\nresponder_token = "{source}"')).responder_token == source, "nobody needs it"


def test_the_second_pc_has_a_token_of_its_own_or_that_of_outside(write: Callable[[str], Path]) -> None:
    lan = '[lan]\nresponder = "responder+https://192.168.1.20:40123"\n'
    missing = 'responder_token = "env:NOT_SET"'
    assert "[lan] responder_token" in wrong(write(f"{lan}{missing}"))
    assert "[outside] responder_token" in wrong(write(f"{lan}[outside]\n{missing}"))


@pytest.mark.parametrize("line", ["cloudflare", "https://192.168.1.20", "globalping"])
def test_the_second_pc_is_named_by_the_line_that_it_prints(write: Callable[[str], Path], line: str) -> None:
    assert "emrnetcheck responder --lan" in wrong(write(f'[lan]\nresponder = "{line}"'))


def test_a_token_in_the_settings_themselves_is_refused_and_not_repeated(write: Callable[[str], Path]) -> None:
    told = wrong(write('[outside]\nresponder_token = "s3cr3t"'))
    assert told == ('In FILE, [outside] responder_token: must say where the secret is kept: "env:NAME" or "file:PATH".')


@pytest.mark.parametrize(
    ("text", "port", "path"),
    [
        ("", 8443, "/oscar/"),
        ('profile = "oscar"', 8443, "/oscar/"),
        ('profile = "openemr"', 443, "/"),
        ('profile = "openmrs"\nport = 8443', 8443, "/openmrs/"),
        ('profile = "custom"\npath = "/emr/"', 443, "/emr/"),
    ],
)
def test_a_profile_gives_the_port_and_the_path_that_are_left_out(
    write: Callable[[str], Path], text: str, port: int, path: str
) -> None:
    site = load(write(f"[emr]\n{text}\n"))
    assert (site.port, site.path) == (port, path)
