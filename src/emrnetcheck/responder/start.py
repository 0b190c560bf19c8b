"""From what was asked for on the command line to a responder that can run, and the line for the clinic's settings."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import platformdirs

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import routes, secrets
from emrnetcheck.net.accepting import Listener, ServerTls, listen, server_tls
from emrnetcheck.responder.app import Rules
from emrnetcheck.responder.certificate import CertificateError, Files, fingerprint, self_made
from emrnetcheck.responder.limits import OFFICE
from emrnetcheck.responder.peers import in_network, parsed
from emrnetcheck.responder.server import Running

DEFAULT_PORT = 8444
LAN_EXIT_AFTER_S = 600.0
_EVERYWHERE = ("0.0.0.0", "::")
_HOST = "HOST"
_TOKEN_BYTES = 18
_TOKEN_LEAST_CHARS = 16


class CannotStartError(Exception):
    """Why not, as one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. bind (): everywhere. port None: the usual one, in an office any that is free."""

    bind: tuple[str, ...] = ()
    port: int | None = None
    files: Files | None = None
    self_signed: str = ""
    folder: Path | None = None
    token_source: str = ""
    allow_ports: frozenset[int] = frozenset()
    only_ports: frozenset[int] = frozenset()
    exit_after_s: float | None = None
    lan: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to run. service: what the clinic's settings name. made_token: made for this one time, to be shown once."""

    rules: Rules
    running: Running
    service: str
    made_token: str = field(default="", repr=False)

    @property
    def host_is_open(self) -> bool:
        """The line says HOST: by which name clinics reach this computer is not known here."""
        return f"//{_HOST}:" in self.service


def prepare(wish: Wish) -> Prepared:
    """Sockets open, certificate there, token read. Raises CannotStartError."""
    if wish.lan:
        return _prepare_lan(wish)
    rules = _rules(wish)
    tls, pin = _tls(wish, wish.self_signed)
    bound = wish.bind or _EVERYWHERE
    if rules.token and tls is None and not all(_is_loopback(each) for each in bound):
        raise CannotStartError(
            "A token over plain HTTP can be read by everybody on the way: give it a certificate too."
        )
    port = DEFAULT_PORT if wish.port is None else wish.port
    listeners = _listeners(bound, port, may_lack=not wish.bind)
    anywhere = bound[0] in _EVERYWHERE or wish.files is not None  # the name is that of the certificate then
    host = wish.self_signed or (_HOST if anywhere else bound[0])
    running = Running(listeners, tls, exit_after_s=wish.exit_after_s)
    return Prepared(rules, running, _service(host, listeners[0].getsockname()[1], pin, tls=tls is not None))


def _prepare_lan(wish: Wish) -> Prepared:
    """On a second PC in the office: for its neighbours only, with a certificate, a token and an end of its own."""
    if len(wish.bind) > 1:
        raise CannotStartError("With --lan there is one address: that of this computer on the office network.")
    own = wish.bind[0] if wish.bind else routes.source_address()
    if isinstance(own, Failure):
        raise CannotStartError("This computer's address on the office network is not known: give it with --bind.")
    network = routes.own_network(own)
    if network is None:
        raise CannotStartError(f"{own} is no address of this computer: give one of its own with --bind.")
    neighbour = in_network(network)
    if not neighbour(own):
        raise CannotStartError(f"{own} is no address on an office network: give another with --bind.")
    rules = replace(_rules(wish), may_dial=neighbour, limits=OFFICE)
    made = "" if rules.token else random_secrets.token_urlsafe(_TOKEN_BYTES)
    rules = rules if rules.token else replace(rules, token=made)
    tls, pin = _tls(wish, wish.self_signed or own)
    listeners = _listeners((own,), wish.port or 0, may_lack=False)
    ends_s = LAN_EXIT_AFTER_S if wish.exit_after_s is None else wish.exit_after_s
    running = Running(listeners, tls, served=neighbour, exit_after_s=ends_s)
    service = _service(own, listeners[0].getsockname()[1], pin, tls=True)
    return Prepared(rules, running, service, made)


def _rules(wish: Wish) -> Rules:
    token = ""
    if wish.token_source:
        if not secrets.SOURCE.fullmatch(wish.token_source):
            raise CannotStartError("--token-source is env:NAME or file:PATH: the token itself is not typed.")
        found = secrets.read(wish.token_source)
        if isinstance(found, Failure):
            raise CannotStartError(f"The token cannot be had: {found.in_words()}.")
        if len(found) < _TOKEN_LEAST_CHARS:
            raise CannotStartError(
                f"The token is too short: at least {_TOKEN_LEAST_CHARS} characters, best random ones."
            )
        token = found
    ports = wish.only_ports or Rules().ports
    return Rules(ports | wish.allow_ports, token)


def _tls(wish: Wish, self_signed: str) -> tuple[ServerTls | None, str]:
    """And the fingerprint by which the client knows it, where no authority vouches for it."""
    try:
        if wish.files is None and not self_signed:
            return None, ""
        files = wish.files or self_made(self_signed, wish.folder or default_folder())
        tls = server_tls(files.certificate, files.key)
        if isinstance(tls, Failure):
            raise CannotStartError(f"The certificate or its key cannot be used: {tls.in_words()}.")
        return tls, "" if wish.files else fingerprint(files.certificate)
    except CertificateError as error:
        raise CannotStartError(str(error)) from error


def default_folder() -> Path:
    return platformdirs.user_data_path("emrnetcheck") / "responder"


def _listeners(addresses: Sequence[str], port: int, *, may_lack: bool) -> tuple[Listener, ...]:
    """may_lack: a computer without IPv6, or without IPv4, listens on what it has."""
    opened: list[Listener] = []
    failures: list[Failure] = []
    for address in addresses:
        if parsed(address) is None:
            raise CannotStartError(f"--bind {address} is no IP address.")
        made = listen(address, port)
        if isinstance(made, Failure):
            failures.append(made)
        else:
            opened.append(made)
    lacking = [each for each in failures if each.kind in (FailureKind.UNSUPPORTED, FailureKind.NO_ROUTE)]
    if not opened or len(failures) > (len(lacking) if may_lack else 0):
        for each in opened:
            each.close()
        raise CannotStartError(f"It cannot listen there: {failures[0].in_words()}.")
    return tuple(opened)


def _is_loopback(text: str) -> bool:
    address = parsed(text)
    return address is not None and address.is_loopback


def _service(host: str, port: int, pin: str, *, tls: bool) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"responder+{'https' if tls else 'http'}://{name}:{port}{f'#sha256={pin}' if pin else ''}"
