"""What do the settings, the memory and the log of a DDNS client say? Text in; passwords and log-ins never come out."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

NAMES_MAX = 20
_LINES_MAX = 5000
_LINE_MAX_CHARS = 4000
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))+", re.ASCII)
_SERVER = re.compile(r"[a-z0-9.-]{1,253}(:[0-9]{1,5})?", re.ASCII)
_WORD = re.compile(r"[!a-z0-9_-]{1,20}", re.ASCII)
_DELAY = re.compile(r"([0-9]{1,9})\s*(s|m|h|d)?[a-z]*", re.ASCII)
_UNIT_S = {None: 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST_S = 400 * 86_400

# Bounded pieces: without them a long word would take a time that grows with its square.
# As ddclient itself does it (_read_config), up to the last quote of the line, but with every kind of quotes, and to the
# end of the line where one stays open: what is taken out here can never be mistaken for a name.
_SECRET = re.compile(
    r"""[\w-]{0,20}(?:password|login|secret|token|key|wildcard|script)[\w-]{0,20}\s*=\s*
        (?:'(?:.*(?<!\\)'|.*$)|"(?:.*(?<!\\)"|.*$))?(?:\\.|[^\s,\\'"])*(?:['"].*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_OPTION = re.compile(r"""([a-z][a-z0-9_-]{0,40})=('[^']*'|"[^"]*"|(?:\\.|[^\s,\\])*)""", re.ASCII)
_DDCLIENT_USE = (("web", "web"), ("if", "interface"), ("cmd", "command"), ("ip", "fixed"), ("disabled", None))


@dataclass(frozen=True, slots=True)
class KeptName:
    """What a client remembers of one name. Fields as in evidence.ddns_client.ClientName."""

    name: str
    address: str | None = None
    result: str | None = None
    updated_unix_s: float | None = None
    tried_unix_s: float | None = None


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client is set to, secrets left out. Fields as in evidence.ddns_client.Client."""

    interval_s: int | None = None
    address_from: str | None = None
    protocol: str | None = None
    server: str | None = None
    names: tuple[str, ...] = ()


def delay_s(text: str) -> int | None:
    """ "300", "5m", "1h": seconds; None for anything else."""
    found = _DELAY.fullmatch(text.strip().strip("\"'").lower())
    seconds = int(found[1]) * _UNIT_S[found[2]] if found else 0
    return seconds if 0 < seconds <= _LONGEST_S else None


def host_name(text: str) -> str | None:
    """The name in lower case, None if it cannot be one."""
    name = text.strip().strip("\"'").rstrip(".").lower()
    return name if _HOST.fullmatch(name) and not name.replace(".", "").isdigit() else None


def lines_of(text: str) -> list[str]:
    """So many of them, and so much of each, as are read of a file that anybody may have written."""
    return [line[:_LINE_MAX_CHARS] for line in text[: _LINES_MAX * 200].splitlines()[:_LINES_MAX]]


def ddclient_settings(text: str) -> ClientSettings:
    """ddclient.conf: `option=value, ... host[,host] [login password]`, continued by a backslash (its _read_config)."""
    settings = ClientSettings()
    names: list[str] = []
    for line in _whole_lines(text):
        settings = _ddclient_line(settings, _SECRET.sub(" ", line).partition("#")[0], names)
    return replace(settings, names=tuple(dict.fromkeys(names))[:NAMES_MAX])


def _whole_lines(text: str) -> list[str]:
    """Lines with what continues them. A secret may go on in the next line, so it is taken out of whole lines only; for
    the same reason a line that is too long is left out, not cut, and only what ends a line for ddclient ends it here.
    """
    found = []
    parts: list[str] = []
    for line in text[: _LINES_MAX * 200].replace("\r", "").split("\n")[:_LINES_MAX]:
        if line.lstrip().startswith("#"):
            continue
        bare = line.rstrip()
        continued = bare.endswith("\\")
        parts.append(bare[:-1] if continued else line)
        if not continued:
            found.append("".join(parts))
            parts = []
    return [line for line in (*found, "".join(parts)) if len(line) <= _LINE_MAX_CHARS]


def _ddclient_line(settings: ClientSettings, line: str, names: list[str]) -> ClientSettings:
    for key, quoted in _OPTION.findall(line):
        value = quoted.strip("\"'").lower()
        if key == "daemon":
            settings = replace(settings, interval_s=delay_s(value))
        elif key in ("use", "usev4"):
            settings = replace(settings, address_from=_address_from(value) or settings.address_from)
        elif key == "protocol" and _WORD.fullmatch(value):
            settings = replace(settings, protocol=value)
        elif key == "server" and _SERVER.fullmatch(value):
            settings = replace(settings, server=value)
        elif key == "host":
            names += [name for part in value.split(",") if (name := host_name(part))]
    words = [word for word in re.split(r"\s+", _OPTION.sub(" ", line)) if word.strip(",")]
    if words:  # behind the hosts come log-in and password, by their place
        hosts = re.sub(r"\s*,\s*", ",", " ".join(words)).strip(", ").split(" ")[0]
        names += [name for part in hosts.split(",") if (name := host_name(part))]
    return settings


def _address_from(use: str) -> str | None:
    """Anything else is the name of a kind of router (fw, cisco, linksys ...)."""
    return next((kind for start, kind in _DDCLIENT_USE if use.startswith(start)), "router") if use else None


def ddclient_cache(text: str) -> tuple[KeptName, ...]:
    """ddclient.cache: for each name a line `key=value,... name`. Status, address and times; nothing else of it."""
    found = []
    for line in lines_of(text):
        options, _, last = line.strip().rpartition(" ")
        name = host_name(last)
        if line.startswith("#") or name is None:
            continue
        values = dict(part.split("=", 1) for part in options.split(",") if "=" in part)
        status = _status(values.get("status", "")) or _status(values.get("status-ipv4", ""))
        address = _ipv4(values.get("ip", "")) or _ipv4(values.get("ipv4", ""))
        found.append(
            KeptName(name, address, status, _time_s(values.get("mtime", "")), _time_s(values.get("atime", "")))
        )
    return tuple(found[:NAMES_MAX])


def _status(text: str) -> str | None:
    """ddclient writes "noconnect" before it has tried."""
    word = text.strip().lower()
    return word if _WORD.fullmatch(word) and word != "noconnect" else None


def _ipv4(text: str) -> str | None:
    try:
        return str(ipaddress.IPv4Address(text.strip()))
    except ValueError:
        return None


def _time_s(text: str) -> float | None:
    """0 is "never"."""
    digits = text.strip()
    return float(digits) if digits.isascii() and digits.isdigit() and 0 < len(digits) < 12 and int(digits) else None  # noqa: PLR2004 - seconds since 1970 have ten digits


def inadyn_cache(text: str) -> str | None:
    """NAME.cache: nothing but the address that was last published."""
    return _ipv4(text[:100])


# Strings, words and signs of libConfuse's format; comments are matched to be passed over.
_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|"(?P<double>(?:\\.|[^"\\])*)(?:"|\Z)
        |'(?P<single>(?:\\.|[^'\\])*)(?:'|\Z)|(?P<sign>[{}=,;()])|(?P<word>[^\s{}=,;()"'\#]+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_INADYN_PERIOD_S = 120  # inadyn.conf(5), period


def inadyn_settings(text: str) -> ClientSettings:
    """inadyn.conf of version 2: `period = 300`, `provider NAME { hostname = ... }`, `custom NAME { ... }`."""
    tokens = [
        found["word"] or found["sign"] or (found["double"] or "") + (found["single"] or "")
        for found in _TOKEN.finditer(text[: _LINES_MAX * 200])
        if found.lastgroup != "skip"
    ]
    settings = ClientSettings(_INADYN_PERIOD_S, "web")
    names: list[str] = []
    for at, token in enumerate(tokens):
        after = tokens[at + 1 : at + 2]
        if token.lower() in ("provider", "custom") and after and after != ["="] and _WORD_OR_HOST.fullmatch(after[0]):
            settings = replace(settings, protocol=after[0].lower())
        if after != ["="]:
            continue
        key, values = token.lower(), _values(tokens, at + 2)
        if key == "period":
            settings = replace(settings, interval_s=delay_s(values[0]) if values else None)
        elif key in ("hostname", "alias"):
            names += [name for value in values if (name := host_name(value))]
        elif key == "iface":
            settings = replace(settings, address_from="interface")
        elif key == "checkip-command":
            settings = replace(settings, address_from="command")
        elif key == "ddns-server" and values and _SERVER.fullmatch(values[0].lower()):
            settings = replace(settings, server=values[0].lower())
    return replace(settings, names=tuple(dict.fromkeys(names))[:NAMES_MAX])


_WORD_OR_HOST = re.compile(r"[A-Za-z0-9_.@:-]{1,60}", re.ASCII)


def _values(tokens: list[str], at: int) -> list[str]:
    """One value, or those of a list in braces."""
    if tokens[at : at + 1] != ["{"]:
        return tokens[at : at + 1]
    end = next((n for n in range(at, min(len(tokens), at + 3 * NAMES_MAX)) if tokens[n] == "}"), at)
    return [token for token in tokens[at + 1 : end] if token != ","]
