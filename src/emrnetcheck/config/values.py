"""What may be the value of a key, and what is said of one that may not?"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from emrnetcheck.net import secrets
from emrnetcheck.schedule.due import parse
from emrnetcheck.schedule.hours import parse_hours

# RFC 1123 2.1: letters, digits and hyphens; an underscore is not allowed in a host name but DDNS providers give them.
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE | re.ASCII)
_NAME_MAX_CHARS = 253


def _hostname(text: str) -> str:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)+", text):
        raise ValueError('must be a name such as "emr.example.org", not an address')
    return host(text)


def host(text: str) -> str:
    """A host's name; ValueError, in words for whoever wrote it, where it cannot be one."""
    name = text.rstrip(".")
    labels = name.split(".")
    if len(name) > _NAME_MAX_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError('must be a host name such as "emr.example.org", without spaces, https:// or a path')
    return name


def _host_or_address(text: str) -> str:
    return _ipv4(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)*\.?|.*:.*", text) else host(text)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError('must be an IP address such as "192.168.1.10"') from None


def _ipv4_or_empty(text: str) -> str:
    """The address that the report compares with the public IPv4 address; an IPv6 one would never be the same."""
    try:
        return str(ipaddress.IPv4Address(text)) if text else ""
    except ValueError:
        raise ValueError('must be an IPv4 address such as "93.184.216.34", or left empty') from None


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError('must be an IPv4 address such as "192.0.2.53"') from None


def _https_url(text: str) -> str:
    if not text.startswith("https://"):
        raise ValueError('must be a secure web address such as "https://example.org/dns-query"')
    return _url(text)


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError('must be a web address such as "https://example.org/ip"')
    return text


def _host_and_port(text: str) -> str:
    name, separator, port = text.rpartition(":")
    if not separator or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= PORT_MAX:
        raise ValueError('must be a host and a port such as "stun.example.org:3478"')
    return f"{host(name)}:{port}"


def _name_at_server(text: str) -> str:
    name, separator, server = text.partition("@")
    if not separator:
        raise ValueError('must be a name and who is asked for it, such as "myip.opendns.com@resolver1.opendns.com"')
    return f"{host(name)}@{host(server)}"


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("must be one line of text")
    return text.strip()


_PAIR = "[0-9a-fA-F]{2}"
_OUTSIDE_FORMS = (
    r"globalping|(echoip|globalping|responder)\+https?://(\[[0-9a-fA-F:]+\]|[^\s/:\[\]#]+)(:(?P<port>\d{1,5}))?/?"
    rf"(?P<pin>#sha256={_PAIR}(:?{_PAIR}){{31}})?"
)


def _outside_service(text: str) -> str:
    named = re.fullmatch(_OUTSIDE_FORMS, text)
    if not named:
        raise ValueError('must be "globalping", "echoip+https://HOST" or "responder+https://HOST" (http too)')
    if named["port"] and not 0 < int(named["port"]) <= PORT_MAX:
        raise ValueError(f"must have a port from 1 to {PORT_MAX}")
    if named["pin"] and not text.startswith("responder+https:"):
        raise ValueError('can have "#sha256=" only after "responder+https://HOST"')
    return text


def _upload_server(text: str) -> str:
    if text.startswith("responder+"):
        return _outside_service(text)  # the same line, as the responder prints it
    forms = r"cloudflare|speedtest|ndt7|(librespeed\+https?|iperf3|ndt7\+wss?)://[^\s/]+(/\S*)?"
    if not re.fullmatch(forms, text):
        raise ValueError('must be "cloudflare", "speedtest" or "librespeed+https://HOST/PATH"')
    return text


def _lan_responder(text: str) -> str:
    if not text.startswith("responder+"):
        raise ValueError('must be the line that "emrnetcheck responder --lan" prints on the second PC')
    return _outside_service(text)


def _secret_source(text: str) -> str:
    if text and not secrets.SOURCE.fullmatch(text):
        raise ValueError('must say where the secret is kept: "env:NAME" or "file:PATH"')
    return text


def _several(value: object) -> object:
    """One text stands for a list of it."""
    return [value] if isinstance(value, str) else value


def _times(text: str) -> str:
    parse(text)
    return text.strip()


def _opening_hours(text: str) -> str:
    parse_hours(text)
    return text.strip()


def _ping_url(text: str) -> str:
    """Whoever has the address can say that all is well: it may be kept where a secret is."""
    if not text or secrets.SOURCE.fullmatch(text):
        return text
    if not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", text):
        raise ValueError('must be such as "https://hc-ping.com/...", or say where that is kept: "file:PATH"')
    return text


def _database_url(text: str) -> str:
    host = r"(\[[0-9a-fA-F:]+\]|[^\s@/:\[\]]*)"
    if text and not re.fullmatch(rf"postgresql(\+psycopg)?://([^\s@/]*@)?{host}(:[0-9]{{1,5}})?/[^\s/]+", text):
        raise ValueError('must be such as "postgresql://USER@HOST/DATABASE", or left empty')
    return re.sub(r"^postgresql:", "postgresql+psycopg:", text)


def _confirm(text: str) -> str:
    """How many bad looks of how many make a fault."""
    said = re.fullmatch(r"\s*([0-9]{1,2})\s+of\s+([0-9]{1,2})\s*", text)
    if not said or not 1 <= int(said[1]) <= int(said[2]) <= _LOOKS_MOST:
        raise ValueError(f'must be such as "2 of 3": so many bad ones of the last runs, at most {_LOOKS_MOST}')
    return f"{int(said[1])} of {int(said[2])}"


def _server_address(text: str) -> str:
    address = _address(text)
    if ipaddress.ip_address(address).is_loopback:
        raise ValueError("must be the server's address on the office network, or be left out on the server itself")
    return address


PORT_MAX = 65535
_LOOKS_MOST = 10
Hostname = Annotated[str, AfterValidator(_hostname)]
IpAddress = Annotated[str, AfterValidator(_address)]
Ipv4 = Annotated[str, AfterValidator(_ipv4)]
Ipv4OrEmpty = Annotated[str, AfterValidator(_ipv4_or_empty)]
Host = Annotated[str, AfterValidator(host)]
HostOrAddress = Annotated[str, AfterValidator(_host_or_address)]
Url = Annotated[str, AfterValidator(_url)]
HttpsUrl = Annotated[str, AfterValidator(_https_url)]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
NameAtServer = Annotated[str, AfterValidator(_name_at_server)]
Line = Annotated[str, AfterValidator(_one_line), Field(max_length=200)]
UploadServer = Annotated[str, AfterValidator(_upload_server)]
OutsideService = Annotated[str, AfterValidator(_outside_service)]
LanResponder = Annotated[str, AfterValidator(_lan_responder)]
SecretSource = Annotated[str, AfterValidator(_secret_source)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Confirm = Annotated[str, AfterValidator(_confirm)]
ServerAddress = Annotated[str, AfterValidator(_server_address)]
_ONE_OR_SEVERAL = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
_Times = Annotated[str, AfterValidator(_times), Field(max_length=200)]
_OpeningHours = Annotated[str, AfterValidator(_opening_hours), Field(max_length=200)]
Times = Annotated[list[_Times], BeforeValidator(_several), Field(min_length=1, max_length=20), _ONE_OR_SEVERAL]
OpeningHours = Annotated[
    list[_OpeningHours], BeforeValidator(_several), Field(min_length=1, max_length=20), _ONE_OR_SEVERAL
]
PingUrl = Annotated[str, AfterValidator(_ping_url), Field(max_length=500)]
Mbps = Annotated[float, Field(gt=0, le=100_000)]

# No limit has a meaning at 0 or below: some are divided by. NaN would let everything pass.
Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]
