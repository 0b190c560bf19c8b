"""Which settings are in force, and what is wrong with a settings file? TOML in, a Site out."""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from emrnetcheck.checks import ALL
from emrnetcheck.model import Access, Failure, Site
from emrnetcheck.net import secrets
from emrnetcheck.profiles import PROFILES

FILE_NAME = "emrnetcheck.toml"
ENVIRONMENT_NAME = "EMRNETCHECK_CONFIG"

# RFC 1123 2.1: letters, digits and hyphens; an underscore is not allowed in a host name but DDNS providers give them.
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE | re.ASCII)
_NAME_MAX_CHARS = 253


class ConfigError(Exception):
    """A mistake in the settings, as one sentence that names the key and how to mend it."""


def _hostname(text: str) -> str:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)+", text):
        raise ValueError('must be a name such as "emr.example.org", not an address')
    return _host(text)


def _host(text: str) -> str:
    name = text.rstrip(".")
    labels = name.split(".")
    if len(name) > _NAME_MAX_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError('must be a host name such as "emr.example.org", without spaces, https:// or a path')
    return name


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
    host, separator, port = text.rpartition(":")
    if not separator or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= _PORT_MAX:
        raise ValueError('must be a host and a port such as "stun.example.org:3478"')
    return f"{_host(host)}:{port}"


def _name_at_server(text: str) -> str:
    name, separator, server = text.partition("@")
    if not separator:
        raise ValueError('must be a name and who is asked for it, such as "myip.opendns.com@resolver1.opendns.com"')
    return f"{_host(name)}@{_host(server)}"


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
    if named["port"] and not 0 < int(named["port"]) <= _PORT_MAX:
        raise ValueError(f"must have a port from 1 to {_PORT_MAX}")
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


def _secret_source(text: str) -> str:
    if text and not secrets.SOURCE.fullmatch(text):
        raise ValueError('must say where the secret is kept: "env:NAME" or "file:PATH"')
    return text


def _server_address(text: str) -> str:
    address = _address(text)
    if ipaddress.ip_address(address).is_loopback:
        raise ValueError("must be the server's address on the office network, or be left out on the server itself")
    return address


_PORT_MAX = 65535
Hostname = Annotated[str, AfterValidator(_hostname)]
IpAddress = Annotated[str, AfterValidator(_address)]
Url = Annotated[str, AfterValidator(_url)]
HttpsUrl = Annotated[str, AfterValidator(_https_url)]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
NameAtServer = Annotated[str, AfterValidator(_name_at_server)]
Line = Annotated[str, AfterValidator(_one_line), Field(max_length=200)]
UploadServer = Annotated[str, AfterValidator(_upload_server)]
OutsideService = Annotated[str, AfterValidator(_outside_service)]
SecretSource = Annotated[str, AfterValidator(_secret_source)]
ServerAddress = Annotated[str, AfterValidator(_server_address)]
Mbps = Annotated[float, Field(gt=0, le=100_000)]


# No limit has a meaning at 0 or below: some are divided by. NaN would let everything pass.
Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)


class SiteSection(_Section):
    """[site]"""

    name: Line = "this clinic"


class EmrSection(_Section):
    """[emr]: what is hosted, and how people reach it. port, path: left out, they are the profile's."""

    hostname: Hostname | None = None
    profile: Literal["oscar", "openemr", "openmrs", "custom"] = "oscar"
    access: Literal["direct", "vpn", "tunnel", "lan_only"] = "direct"
    port: int = Field(default=8443, ge=1, le=_PORT_MAX)
    path: Annotated[str, Field(pattern=r"^/\S*$")] = "/oscar/"
    lan_address: ServerAddress | None = None
    addressing: Literal["dynamic", "static"] = "dynamic"
    users: int = Field(default=4, ge=1, le=10_000)


class UploadSection(_Section):
    """[upload]: the thresholds as line rates, and whom to measure against."""

    minimum_mbps: Mbps = 3.0
    recommended_mbps: Mbps = 5.0
    servers: list[UploadServer] = Field(default=["cloudflare", "speedtest"], min_length=1)
    max_mb: float = Field(default=60, ge=1, le=10_000)


class LanSection(_Section):
    """[lan]"""

    peers: list[IpAddress] = []


class InternetSection(_Section):
    """[internet]"""

    resolvers: list[IpAddress] = Field(default=list(Site().resolvers), min_length=1)
    address_services: list[Url] = Field(default=list(Site().address_services), min_length=2)
    address_services_v6: list[Url] = list(Site().address_services_v6)
    stun: list[HostAndPort] = list(Site().stun)
    whoami: list[NameAtServer] = list(Site().whoami)
    wan_address: Annotated[str, AfterValidator(_ipv4_or_empty)] = ""
    dns_over_https: list[HttpsUrl] = list(Site().dns_over_https)
    no_dns_addresses: list[Annotated[str, AfterValidator(_ipv4)]] = list(Site().no_dns_addresses)


class OutsideSection(_Section):
    """[outside]: who may try the port from outside."""

    services: list[OutsideService] = ["globalping"]
    consent: bool = False
    responder_token: SecretSource = ""


class Settings(_Section):
    """The whole settings file."""

    site: SiteSection = SiteSection()
    emr: EmrSection = EmrSection()
    upload: UploadSection = UploadSection()
    lan: LanSection = LanSection()
    internet: InternetSection = InternetSection()
    outside: OutsideSection = OutsideSection()
    limits: dict[str, dict[str, Limit]] = {}


def find_file(given: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file to use: --config, $EMRNETCHECK_CONFIG, the user's folder, the site's; None if there is none.

    Raises ConfigError if the one that was named does not exist.
    """
    named = given or (Path(environ[ENVIRONMENT_NAME]) if environ.get(ENVIRONMENT_NAME) else None)
    if named is not None:
        if not _is_file(named):
            raise ConfigError(f"The settings file {named} does not exist: check the path, or leave it out.")
        return named
    folders = (platformdirs.user_config_path("emrnetcheck"), platformdirs.site_config_path("emrnetcheck"))
    return next((folder / FILE_NAME for folder in folders if _is_file(folder / FILE_NAME)), None)


def _is_file(path: Path) -> bool:
    """Path.is_file raises where a folder on the way may not be entered."""
    try:
        return path.is_file()
    except OSError:
        return False


def load(file: Path | None) -> Site:
    """The settings of `file` (None: all defaults). Raises ConfigError."""
    if file is None:
        return Site()
    try:
        text = file.read_bytes().decode("utf-8-sig")  # Windows' Notepad may put a mark in front
        raw = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The settings file {file} is not in UTF-8: save it again in that encoding.") from error
    except (ValueError, RecursionError) as error:  # not TOML, numbers of thousands of digits, brackets without end
        raise ConfigError(f"The settings file {file} is not valid TOML: {error}.") from error
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_in_one_sentence(error, file)) from error
    _check_together(settings, file)
    return _site(settings)


_SHOWN_CHARS = 60
_SECRETS = ("responder_token",)  # somebody may have written the secret itself there
# pydantic's own words are for programmers; those that are missing here are plain enough.
_WORDS = {
    "model_type": "must be a section with keys of its own",
    "dict_type": "must be a section with keys of its own",
    "list_type": 'must be a list such as ["first", "second"]',
    "string_type": "must be text in quotes",
    "string_pattern_mismatch": 'must be a path such as "/oscar/", without spaces',
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number without quotes",
    "finite_number": "must be a number that is not infinite",
    "bool_type": "must be true or false without quotes",
    "too_short": "must have at least {min_length} in the list",
    "too_long": "must not be longer than {max_length} characters",
}


def _in_one_sentence(error: ValidationError, file: Path) -> str:
    """The first mistake (unknown keys before wrong values): which key, what is wrong, how to mend it."""
    first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    path = [part for part in first["loc"] if isinstance(part, str)]
    if first["type"] == "extra_forbidden":
        return _unknown_key(path, file)
    path = [_one_word(part) for part in path]
    where = f"[{path[0]}] {'.'.join(path[1:])}".rstrip()
    value = first["input"]
    shown = ""
    if isinstance(value, str | int | float | bool) and len(path) > 1 and path[-1] not in _SECRETS:
        shown = f" = {_cut(json.dumps(value))}"
    context: dict[str, object] = {"min_length": "", "max_length": ""} | first.get("ctx", {})
    if "error" in context:
        wrong = str(context["error"])
    elif first["type"] in _WORDS:
        wrong = _WORDS[first["type"]].format_map(context)
    else:
        wrong = re.sub(r"^Input should be", "must be", first["msg"])
    return f"In {file}, {where}{shown}: {wrong}."


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "..."


def _one_word(name: str) -> str:
    """A key of the file as it may be shown: a quoted one can hold line breaks, or what a terminal obeys."""
    return _cut(name if name.isprintable() and name.strip() else json.dumps(name))


def _unknown_key(path: list[str], file: Path) -> str:
    model: type[BaseModel] = Settings
    known = list(Settings.model_fields)
    if len(path) > 1:
        section = Settings.model_fields[path[0]].annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        model, known = section, list(section.model_fields)
    name = path[-1]
    near = difflib.get_close_matches(name, known, n=1)
    mend = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}."
    where = f"the key {_one_word(name)} in [{path[0]}]" if model is not Settings else f"the section [{_one_word(name)}]"
    return f"In {file}, {where} is not known: {mend}"


def _check_together(settings: Settings, file: Path) -> None:
    """What no single key can tell."""
    if settings.upload.minimum_mbps > settings.upload.recommended_mbps:
        raise ConfigError(
            f"In {file}, [upload] minimum_mbps = {settings.upload.minimum_mbps:g} is above recommended_mbps = "
            f"{settings.upload.recommended_mbps:g}: make it the smaller one."
        )
    _check_token(settings, file)
    by_id = {check.id: check for check in ALL}
    for check_id, limits in settings.limits.items():
        if check_id not in by_id:
            raise ConfigError(f"In {file}, [limits] {_one_word(check_id)} is no check: known are {', '.join(by_id)}.")
        known = [item.name for item in fields(by_id[check_id].limits)]
        for name in limits:
            if name not in known:
                raise ConfigError(
                    f"In {file}, [limits] {check_id}.{_one_word(name)} is no limit of that check: "
                    f"known are {', '.join(known)}."
                )


def _check_token(settings: Settings, file: Path) -> None:
    """A token that cannot be read is found before it is needed; it goes to responders over HTTPS only."""
    outside = settings.outside
    asked = [*settings.upload.servers, *(outside.services if outside.consent else ())]
    if outside.responder_token and any(service.startswith("responder+https:") for service in asked):
        token = secrets.read(outside.responder_token)
        if isinstance(token, Failure):
            where = _cut(json.dumps(outside.responder_token))
            raise ConfigError(f"In {file}, [outside] responder_token = {where}: {token.detail or token.in_words()}.")


def _site(settings: Settings) -> Site:
    emr, upload, internet = settings.emr, settings.upload, settings.internet
    profile = PROFILES[emr.profile]
    return Site(
        name=settings.site.name,
        hostname=emr.hostname,
        access=Access(emr.access),
        port=emr.port if "port" in emr.model_fields_set else profile.port,
        path=emr.path if "path" in emr.model_fields_set else profile.path,
        profile=emr.profile,
        lan_address=emr.lan_address,
        addressing=emr.addressing,
        users=emr.users,
        emr_declared=emr.hostname is not None or emr.lan_address is not None or emr.access != "direct",
        minimum_mbps=upload.minimum_mbps,
        recommended_mbps=upload.recommended_mbps,
        upload_servers=tuple(upload.servers),
        max_mb=upload.max_mb,
        peers=tuple(settings.lan.peers),
        resolvers=tuple(internet.resolvers),
        address_services=tuple(internet.address_services),
        address_services_v6=tuple(internet.address_services_v6),
        stun=tuple(internet.stun),
        whoami=tuple(internet.whoami),
        wan_address=internet.wan_address or None,
        dns_over_https=tuple(internet.dns_over_https),
        no_dns_addresses=tuple(internet.no_dns_addresses),
        outside_services=tuple(settings.outside.services),
        outside_consent=settings.outside.consent,
        responder_token=settings.outside.responder_token or None,
        limits=settings.limits,
    )
