"""emrnetcheck responder: the other end, at a second site. It answers a clinic that asks whether its port is open."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.ddns_watch import seconds
from emrnetcheck.cli.run import refuse

if TYPE_CHECKING:
    from emrnetcheck.responder.start import Prepared, Wish

_PORT_MAX = 65535
_NAME = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*", re.ASCII)
_MINUTE_S = 60
_HINT_LAN = """\
On the other computer, in the settings, and then --only link,router,switch:
[lan]
responder = "the line above"
responder_token = "env:EMRNETCHECK_TOKEN"
"""


def responder(
    bind: Annotated[list[str] | None, typer.Option("--bind", metavar="ADDRESS", help="Default: everywhere.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=_PORT_MAX, help="Default: 8444.")] = None,
    certificate: Annotated[Path | None, typer.Option("--certificate", help="TLS: its certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="TLS: the certificate's key (PEM).")] = None,
    self_signed: Annotated[
        str, typer.Option("--self-signed", metavar="NAME", help="TLS with a certificate of its own making.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where the one of its own making is kept.")
    ] = None,
    token_source: Annotated[
        str, typer.Option("--token-source", metavar="env:NAME|file:PATH", help="Only who has this token is served.")
    ] = "",
    allow_port: Annotated[list[int] | None, typer.Option("--allow-port", help="One more port that is tried.")] = None,
    only_port: Annotated[list[int] | None, typer.Option("--only-port", help="Instead of the usual list.")] = None,
    exit_after: Annotated[str, typer.Option("--exit-after", metavar="TIME", help="End after this time: 10m.")] = "",
    lan: Annotated[
        bool, typer.Option("--lan", help="On a second PC in the office: for its neighbours, once, for 10 minutes.")
    ] = False,
) -> None:
    """Answer clinics that ask whether their port can be reached, and take their speed tests. Ctrl-C ends it."""
    missing = [part for part in ("starlette", "uvicorn") if importlib.util.find_spec(part) is None]
    if missing:
        refuse(f'The responder needs {" and ".join(missing)} too: pip install "emrnetcheck[responder]"')
    from emrnetcheck.responder.certificate import Files
    from emrnetcheck.responder.peers import parsed
    from emrnetcheck.responder.server import run
    from emrnetcheck.responder.start import Wish

    if (certificate is None) != (key is None):
        refuse("--certificate and --key belong together: give both, or neither.")
    if self_signed and not (_NAME.fullmatch(self_signed) or parsed(self_signed)):
        refuse(f"--self-signed takes a host name or an address, as clinics will write it: not {self_signed!r}.")
    if self_signed and certificate is not None:
        refuse("--self-signed makes a certificate, --certificate names one: choose.")
    wish = Wish(
        bind=tuple(bind or ()),
        port=port,
        files=Files(certificate, key) if certificate is not None and key is not None else None,
        self_signed=self_signed,
        folder=folder,
        token_source=token_source,
        allow_ports=_ports(allow_port, "--allow-port"),
        only_ports=_ports(only_port, "--only-port"),
        exit_after_s=seconds(exit_after, "--exit-after") if exit_after else None,
        lan=lan,
    )
    prepared = _prepared(wish)
    _tell(prepared, wish)
    run(prepared.rules, prepared.running)
    typer.echo("The responder has ended.", err=True)


def _ports(given: list[int] | None, option: str) -> frozenset[int]:
    for port in given or ():
        if not 0 < port <= _PORT_MAX:
            refuse(f"{option} {port} is no port: they go from 1 to {_PORT_MAX}.")
    return frozenset(given or ())


def _prepared(wish: Wish) -> Prepared:
    from emrnetcheck.responder.start import CannotStartError, prepare

    try:
        return prepare(wish)
    except CannotStartError as error:
        refuse(str(error))


def _tell(prepared: Prepared, wish: Wish) -> None:
    """The line for the settings alone on standard output: a script can take it from there."""
    typer.echo(prepared.service)
    if wish.lan:
        typer.echo(_HINT_LAN, err=True, nl=False)
    else:
        if prepared.host_is_open:
            typer.echo("There, replace HOST by this server's public name or address.", err=True)
        told = 'In the clinic\'s settings: [outside] services = ["the line above"], with consent = true'
        typer.echo(told, err=True)
    if prepared.made_token:
        typer.echo("There, EMRNETCHECK_TOKEN in the environment is this token, good for this time only:", err=True)
        typer.echo(prepared.made_token, err=True)
    if prepared.running.tls is None:
        typer.echo("Without TLS: whoever is on the way can read and change the answers. See --self-signed.", err=True)
    ends_s = prepared.running.exit_after_s
    until = "Ctrl-C ends it." if ends_s is None else f"It ends after {ends_s / _MINUTE_S:.3g} min, or by Ctrl-C."
    typer.echo(until, err=True)
