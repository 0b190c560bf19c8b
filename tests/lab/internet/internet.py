"""Starts everything of the lab's Internet in one namespace, and lets a test change it and read its counts."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet import names, ready, slots
from tests.lab.internet.certificates import Authority
from tests.lab.internet.ddns import DdnsService, start_ddns
from tests.lab.internet.hostlike import HostLike
from tests.lab.internet.mail import MailService, start_mail
from tests.lab.internet.plan import EchoIp, Globalping, InternetPlan, Service, SinkMode
from tests.lab.internet.ready import Endpoint
from tests.lab.internet.witnesses import address_sites
from tests.lab.namespaces import LabError

_ROOT = Path(__file__).resolve().parents[3]
_PYTHON_PATH = {"PYTHONPATH": str(_ROOT)}
_READY_TIMEOUT_S = 10.0
_HTTPS_NAMES = (
    "speed.example.org",
    "speed.cloudflare.com",
    "ipv4.icanhazip.com",
    "checkip.amazonaws.com",
    "api.ipify.org",
    "ipv6.icanhazip.com",
    "api6.ipify.org",
    "echoip.example.org",
    "api.globalping.io",
    *at.DOH,
)

Certificates = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Internet:
    authority: Authority
    """Signs the servers' certificates, and those a test wants."""
    _host: HostLike
    _zone: names.DynamicZone
    _slots_path: Path | None
    """None where the plan has no sink."""
    ddns: DdnsService | None = None
    """None where the plan has no dynamic DNS provider."""
    mail: MailService | None = None
    """None where the plan has no mail server."""

    @property
    def ca_path(self) -> Path:
        """For SSL_CERT_FILE."""
        return self.authority.certificate_path

    def set_address(self, name: str, address: str | None, ttl_s: int = 60) -> None:
        """Change a name of the dynamic zone as a DDNS client does; resolvers see it when their copy expires."""
        self._zone.set_address(name, address, ttl_s)

    def wait_for_secondary(self, name: str, address: str | None) -> None:
        """Return when ns2 has the address too (None: nothing): ns1 tells it at once, and it fetches the zone."""
        argv = ["dig", f"@{at.NS2}", name, "A", "+norecurse", "+short", "+tries=1", "+time=1"]
        wanted = [] if address is None else [address]
        self._host.wait_for(
            lambda: self._host.run(argv, check=False).stdout.split() == wanted,
            timeout_s=5.0,
            what="the transfer to ns2",
        )

    def warm(self, resolver: str, name: str) -> None:
        """Ask a resolver for the name, so that it remembers the answer from now on."""
        self._host.run(["dig", f"@{resolver}", name, "A", "+tries=1", "+time=3", "+noall"], timeout_s=10.0)

    def sink_log(self) -> list[slots.Slot]:
        """All that the throughput servers have read until now, in slots of SLOT_S; slots without bytes are left out.

        By server: librespeed-http, librespeed-https, cloudflare, speedtest1, speedtest2; with ".discarded" added,
        what was read after a refusal. iperf3 counts for itself.
        """
        path = self._slots_path
        if path is None:
            return []
        now_s = time.monotonic()
        found: list[slots.Slot] = []

        def written_until_now() -> bool:
            found[:] = slots.load(path)
            return bool(found) and found[-1].start_monotonic_s + slots.SLOT_S >= now_s

        self._host.wait_for(written_until_now, timeout_s=5.0, what="the sink's newest slot")
        return found

    def sink_goodput_mbps(self, t0_wall_s: float, t1_wall_s: float, *, server: str | None = None) -> float:
        """The sink's own goodput over a window of time.time()."""
        return slots.goodput_mbps(self.sink_log(), t0_wall_s, t1_wall_s, server=server)


def start_internet(host: HostLike, plan: InternetPlan, folder: Path) -> Internet:
    """`host` must have every address of ADDRESSES. Returns when each server that the plan wants has answered."""
    folder.mkdir(parents=True, exist_ok=True)
    secret, key_path = names.create_key(folder)
    named = names.install_named(folder)
    endpoints = names.start_authoritative(host, named, plan, secret, folder)
    endpoints += _start_stun(host, folder, ipv6=plan.ipv6) if plan.stun is Service.OK else []
    small: dict[str, Mapping[str, object]] = {}
    if plan.whoami is Service.OK:
        small["whoami"] = {}
        endpoints += [
            Endpoint("dns", at.WHOAMI_OPENDNS, 53, "myip.opendns.com"),
            Endpoint("dns", at.WHOAMI_GOOGLE, 53, "o-o.myaddr.l.google.com"),
        ]
    authority = Authority.create(folder / "certificates")
    certificates = _issue(authority, folder / "certificates")
    slots_path = folder / "sink-slots.jsonl" if plan.sink is not SinkMode.DEAD else None
    if slots_path is not None:
        settings = {"mode": plan.sink, "slots": str(slots_path), "certificates": certificates}
        endpoints += _start_sink(host, settings, folder)
    small["witnesses"] = _witnesses(plan, authority, certificates)
    endpoints += _answering_witnesses(plan)
    if plan.doh is Service.OK:
        small["doh_server"] = {"certificates": certificates}
        endpoints += [Endpoint("tcp", address, 443) for address, _ in at.DOH.values()]
    names.start_together(host, small, folder)
    _wait_ready(host, endpoints, folder / "ready-first.json")
    _wait_ready(host, names.start_resolvers(host, named, plan, folder), folder / "ready-resolvers.json")
    ddns = start_ddns(host, plan, authority, secret, folder) if plan.ddns is not None else None
    mail = start_mail(host, authority, folder / "mail") if plan.mail is Service.OK else None
    return Internet(authority, host, names.DynamicZone(host, key_path), slots_path, ddns, mail)


def _issue(authority: Authority, folder: Path) -> dict[str, tuple[str, str]]:
    asked = {name: [name] for name in _HTTPS_NAMES} | {"www.speedtest.net": ["www.speedtest.net", "c.speedtest.net"]}
    issued = {name: authority.issue(alternatives, folder) for name, alternatives in asked.items()}
    return {name: (str(certificate), str(key)) for name, (certificate, key) in issued.items()}


def _start_stun(host: HostLike, folder: Path, *, ipv6: bool) -> list[Endpoint]:
    endpoints = []
    for name, address, port in (
        ("cloudflare", at.STUN_CLOUDFLARE, at.STUN_CLOUDFLARE_PORT),
        ("google", at.STUN_GOOGLE, at.STUN_GOOGLE_PORT),
    ):
        argv = ["turnserver", "-n", "--stun-only", "--no-auth", "--no-tls", "--no-dtls", "--no-cli"]
        argv += ["--no-software-attribute", "--no-tcp", "-m", "1", "-L", address, "-p", str(port)]
        argv += ["--min-port", "50000", "--max-port", "50010"]  # none is used; else it shuffles 16,000 at its start
        if ipv6 and name == "google":
            argv += ["-L", at.STUN_GOOGLE_V6]
        argv += [f"--pidfile={folder}/stun-{name}.pid", f"--userdb={folder}/stun-{name}.db", "--log-file=stdout"]
        host.start(argv, log=f"stun-{name}.log")
        endpoints.append(Endpoint("stun", address, port))
    return endpoints


def _start_sink(host: HostLike, settings: Mapping[str, object], folder: Path) -> list[Endpoint]:
    names.start_program(host, "sink", settings, folder)
    host.start(["iperf3", "-s", "-B", at.IPERF3, "-p", str(at.IPERF3_PORT), "--forceflush"], log="iperf3.log")
    return [
        Endpoint("tcp", at.LIBRESPEED_HTTP, 80),
        Endpoint("tcp", at.LIBRESPEED_HTTPS, 443),
        Endpoint("tcp", at.CLOUDFLARE, 443),
        Endpoint("tcp", at.SPEEDTEST_NET, 80),
        Endpoint("tcp", at.SPEEDTEST_NET, 443),
        *(Endpoint("tcp", address, at.SPEEDTEST_PORT) for address in at.SPEEDTEST_SERVERS),
        Endpoint("listening", at.IPERF3, at.IPERF3_PORT),
    ]


def _witnesses(plan: InternetPlan, authority: Authority, certificates: Certificates) -> dict[str, object]:
    return {
        "address_services": plan.address_services,
        "echoip": plan.echoip,
        "globalping": plan.globalping,
        "ca": str(authority.certificate_path),
        "certificates": certificates,
        "ipv6": plan.ipv6,
    }


def _answering_witnesses(plan: InternetPlan) -> list[Endpoint]:
    endpoints = [Endpoint("tcp", address, 443) for _, address, _, _ in address_sites(plan.address_services)]
    if plan.echoip is not EchoIp.DEAD:
        endpoints += [Endpoint("tcp", at.ECHOIP, 80), Endpoint("tcp", at.ECHOIP, 443)]
    if plan.globalping is not Globalping.DEAD:
        endpoints.append(Endpoint("tcp", at.GLOBALPING, 443))
    return endpoints


def _wait_ready(host: HostLike, endpoints: list[Endpoint], path: Path) -> None:
    ready.save(endpoints, path)
    argv = [sys.executable, "-m", "tests.lab.internet.ready", str(path), str(_READY_TIMEOUT_S)]
    log = path.with_suffix(".log")
    waiting = host.start(argv, log=log.name, env=_PYTHON_PATH)
    try:
        status = waiting.wait(_READY_TIMEOUT_S + 5)
    except subprocess.TimeoutExpired as error:
        raise LabError("the lab's Internet: nobody told whether it answers") from error
    if status != 0:
        raise LabError((host.folder / log.name).read_text(errors="replace"))
