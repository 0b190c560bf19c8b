"""What does an IT helper want to see: every check with its codes, and the main figures of the evidence?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.names import NameAnswer
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.evidence.wan import Told, Wan
from emrnetcheck.model import CheckResult, Failure
from emrnetcheck.reports.certificate import certificate_lines
from emrnetcheck.reports.details_emr import emr_lines
from emrnetcheck.reports.doors import exposure_lines
from emrnetcheck.reports.line import STATE_INDENT, Line, heading, state_line
from emrnetcheck.reports.wording import megabytes, sentence

_TOLD_WORDS = {
    Told.ADDRESS: "an address",
    Told.NONE: "it has no address",
    Told.NOT_TOLD: "answers, but tells no address",
    Told.NO_ANSWER: "no answer",
}


def details(report: ClinicReport) -> Iterator[Line]:
    """Every check with what was expected and found, then the evidence, then what was not measured."""
    yield heading("Every check")
    for check in report.checks:
        yield from _check(check)
    figures = list(_figures(report.evidence))
    if figures:
        yield Line()
        yield heading("Main figures")
        yield from figures
    if report.unmeasured:
        yield Line()
        yield heading("Not measured")
        for name, failure in report.unmeasured.items():
            yield Line(sentence(failure.in_words()), lead=f"{name}: ")
    yield Line()
    yield Line(f"Report {report.id}, {report.schema}, Python {report.environment.python}.")


def _check(check: CheckResult) -> Iterator[Line]:
    required = ", required" if check.required else ""
    yield state_line(check.status, f"{check.id}: {check.title} ({check.duration_s:.1f} s{required})")
    if check.skipped_because:
        yield Line(f"skipped because: {check.skipped_because}", indent=STATE_INDENT)
    for finding in check.findings:
        yield Line(sentence(finding.summary), lead=f"{finding.code}: ", indent=STATE_INDENT, hang=2)
        if finding.expected is not None or finding.actual is not None:
            expected, actual = finding.expected or "nothing in particular", finding.actual or "nothing"
            yield Line(f"expected {expected}; found {actual}", indent=STATE_INDENT + 2, hang=2)


def _figures(seen: Seen) -> Iterator[Line]:
    for figures in (
        _link,
        _lan,
        _address,
        _dns,
        _names,
        _port,
        certificate_lines,
        emr_lines,
        exposure_lines,
        _upload,
        _download,
        _second_opinion,
    ):
        yield from figures(seen)


def _link(seen: Seen) -> Iterator[Line]:
    if seen.link is not None:
        link = seen.link
        speed = f"{link.speed_mbps} Mbps" if link.speed_mbps is not None else "speed not told"
        vpn = ", VPN" if link.vpn else ""
        yield Line(
            f"{link.interface or 'no interface'}, {link.medium}, {speed}, {link.duplex or 'duplex not told'}{vpn}, "
            f"own address {link.address or 'none'}, gateway {link.gateway or 'none'}",
            lead="link: ",
        )


def _lan(seen: Seen) -> Iterator[Line]:
    for target in seen.lan.targets if seen.lan is not None else ():
        yield Line(
            f"{target.role} {target.address} by {target.method}: {target.lost} of {target.sent} lost, "
            f"median {_ms(target.p50_ms)}, 95 of 100 within {_ms(target.p95_ms)}, jitter {_ms(target.jitter_ms)}"
            f"{_because(target.failure)}",
            lead="lan: ",
        )


def _address(seen: Seen) -> Iterator[Line]:
    if seen.address is None:
        return
    address = seen.address
    yield Line(
        f"public {address.public_v4 or 'not known'}, IPv6 {address.public_v6 or 'none'}, "
        f"router outside {address.wan_v4 or 'not known'}, own {address.local_v4 or 'none'}"
        + (f" and {address.local_v6}" if address.local_v6 else ""),
        lead="address: ",
    )
    for source in address.sources:
        yield Line(
            f"{source.service} ({source.method}): {source.address or 'no address'}{_because(source.failure)}",
            lead="address: ",
        )
    if address.router is not None and address.router.gateway is not None:
        yield from _router(address.router)


def _router(router: Wan) -> Iterator[Line]:
    """What the router said of itself, by each way of asking."""
    for answer in router.answers:
        way = f"{answer.method} {answer.service}" if answer.service else answer.method
        state = f", {answer.state}" if answer.state else ""
        told = answer.address or _TOLD_WORDS[answer.told]
        yield Line(f"router {router.gateway} by {way}: {told}{state}{_because(answer.failure)}", lead="address: ")
    if router.device is not None:
        name = ", ".join(part for part in (router.device.manufacturer, router.device.model) if part) or "no name"
        yield Line(f"router's own description: {name}, IGD {router.device.igd_version or '?'}", lead="address: ")
    if router.mapping is not None:
        to = f"{router.mapping.internal_client}:{router.mapping.internal_port or '?'}"
        yield Line(f"port {router.mapping.external_port} was opened by a program, to {to}", lead="address: ")
    if router.second_box is not None:
        ways = ", ".join(router.second_box.answered) or "nothing"
        outside = f", says {router.second_box.address_outside}" if router.second_box.address_outside else ""
        yield Line(f"next router {router.second_box.address}: answers by {ways}{outside}", lead="address: ")


def _dns(seen: Seen) -> Iterator[Line]:
    for place, resolvers in (("office", seen.dns.office), ("public", seen.dns.public)) if seen.dns is not None else ():
        for resolver in resolvers:
            yield Line(
                f"{place} {resolver.server}: {resolver.answered} of {resolver.asked} answered, "
                f"median {_ms(resolver.rtt_ms)}{_because(resolver.failure)}",
                lead="dns: ",
            )
    if seen.dns is not None and (seen.dns.system_ms is not None or seen.dns.system_failure is not None):
        yield Line(
            f"this computer's own look-up: {_ms(seen.dns.system_ms)}{_because(seen.dns.system_failure)}", lead="dns: "
        )
    if seen.dns is not None and seen.dns.intercepted_at:
        yield Line(f"no name server is at {', '.join(seen.dns.intercepted_at)}, and it answers", lead="dns: ")


def _names(seen: Seen) -> Iterator[Line]:
    if seen.names is None:
        return
    names = seen.names
    yield Line(f"{names.hostname}, zone {names.zone or 'not found'}{_because(names.zone_failure)}", lead="names: ")
    if names.delegation is not None:
        above = names.delegation
        said = ", ".join(above.name_servers) or "nothing"
        yield Line(f"{above.parent or 'the zone above'} names {said}{_because(above.failure)}", lead="names: ")
    groups = [("authoritative", names.authoritative)]
    groups += [(f"authoritative for {alias.name}", alias.authoritative) for alias in names.aliases]
    groups += [("resolver", names.resolvers), ("office", names.local), ("over HTTPS", names.over_https)]
    for place, answers in groups:
        for answer in answers:
            yield Line(f"{place} {_answer(answer)}", lead="names: ")
    system = ", ".join(names.system) or "no address"
    yield Line(f"this computer's own look-up: {system}{_because(names.system_failure)}", lead="names: ")
    for reverse in names.reverse:
        called = ", ".join(reverse.names) or "has no name"
        yield Line(f"{reverse.address} is called {called}{_because(reverse.failure)}", lead="names: ")
    for line in names.hosts_lines:
        yield Line(f"hosts file, {line}", lead="names: ")
    if names.by_address is not None:
        tried = names.by_address
        yield Line(
            f"by address {tried.address}:{tried.port}: {_open(tried.open)}{_because(tried.failure)}", lead="names: "
        )


def _answer(answer: NameAnswer) -> str:
    addresses = ", ".join((*answer.addresses, *answer.addresses_v6)) or answer.rcode or "no answer"
    alias = f"alias of {answer.cname[-1]}, " if answer.cname else ""
    kept_s = answer.ttl_s if answer.ttl_s is not None else answer.negative_ttl_s
    kept = f", kept {kept_s} s" if kept_s is not None else ""
    serial = f", version {answer.serial}" if answer.serial is not None else ""
    over = ", over TCP" if answer.cut else ""
    return f"{answer.server}: {alias}{addresses}{kept}{serial}{over}{_because(answer.failure)}"


def _port(seen: Seen) -> Iterator[Line]:
    if seen.port is None:
        return
    port = seen.port
    listening = {True: "yes", False: "no", None: "not known"}[port.listening]
    bound = f" on {', '.join(port.bind)}" if port.bind else ""
    yield Line(f"{port.port}, listening here: {listening}{bound}", lead="port: ")
    for place, tried in (("loopback", port.loopback), ("LAN", port.lan), ("own public address", port.hairpin)):
        if tried is not None:
            state = _open(tried.open)
            yield Line(f"{place} {tried.address}: {state}, {_ms(tried.rtt_ms)}{_because(tried.failure)}", lead="port: ")
    for place, spoken in (("LAN", port.spoken_lan), ("own public address", port.spoken_hairpin)):
        if spoken is not None:
            shown = ", ".join(spoken.fingerprints) or "none"
            yield Line(f"certificate at the {place}: {shown}{_because(spoken.failure)}", lead="port: ")
    for outside in port.outside:
        yield from _outside(outside)
    for outside in port.outside_v6:
        yield from _outside(outside, by=" by IPv6")
    if port.arrivals is not None:
        came = port.arrivals
        yield Line(
            f"connections from outside that arrived here meanwhile: {came.outside}, of them accepted {came.accepted}, "
            f"refused {came.refused}, ended by the other end {came.finished}; from {came.sources} addresses, "
            f"of which {came.kept_out} were never accepted"
            f"{_because(came.failure)}",
            lead="port: ",
        )


def _outside(tried: OutsideTry, by: str = "") -> Iterator[Line]:
    how = f", {tried.how_shut.value}" if tried.how_shut is not None else ""
    yield Line(
        f"from outside{by} by {tried.service} to {tried.address or 'an address it did not tell'}: "
        f"{_open(tried.reachable)}{how}{_because(tried.failure)}",
        lead="port: ",
    )
    for probe in tried.probes:
        yield Line(f"from {probe.where}: {_open(probe.reachable)}{_because(probe.failure)}", lead="port: ")
    if tried.certificate is not None:
        yield Line(f"certificate from outside: {tried.certificate.fingerprint_sha256}", lead="port: ")
    if tried.certificate_failure is not None:
        yield Line(f"certificate from outside: none{_because(tried.certificate_failure)}", lead="port: ")


def _upload(seen: Seen) -> Iterator[Line]:
    if seen.upload is None:
        return
    upload = seen.upload
    yield Line(
        f"{_mbps(upload.goodput_mbps)} of payload ({_mbps(upload.lower_mbps)} to {_mbps(upload.upper_mbps)}), "
        f"as a line about {_mbps(upload.line_rate_mbps)}; {upload.streams} streams, method {upload.method}, "
        f"cross-check {_mbps(upload.confirmed_goodput_mbps)}",
        lead="upload: ",
    )
    yield Line(f"{upload.server} {upload.address}, {upload.back_end}", lead="upload: ")
    yield Line(f"answer time idle {_ms(upload.idle_rtt_ms)}, loaded {_ms(upload.loaded_rtt_ms)}", lead="upload: ")
    if upload.loaded_probes and upload.loaded_rtt_p95_ms is not None:
        yield Line(
            f"95 % of answers within {_ms(upload.idle_rtt_p95_ms)} idle, {_ms(upload.loaded_rtt_p95_ms)} loaded; "
            f"{upload.idle_probes} and {upload.loaded_probes} probes, {upload.rpm or 0:.0f} round trips a minute, "
            f"by {upload.congestion or 'TCP'}",
            lead="upload: ",
        )
    if upload.other_sent_mbps is not None or upload.other_during_mbps is not None:
        yield Line(
            f"others on this computer sent {_mbps(upload.other_sent_mbps)} before and "
            f"{_mbps(upload.other_during_mbps)} during, received {_mbps(upload.other_received_mbps)} before",
            lead="upload: ",
        )
    yield from _sequential(upload)
    for tried in upload.skipped_servers:
        yield Line(f"not used: {tried.server}, {tried.back_end}{_because(tried.failure)}", lead="upload: ")
    if upload.tester_limited:
        yield Line(f"this computer may have been the limit: {upload.tester_limited}", lead="upload: ")


def _sequential(upload: Upload) -> Iterator[Line]:
    if upload.decided_seconds is not None and upload.decided_bytes is not None:
        yield Line(
            f"decided after {upload.decided_seconds:.1f} s of load and {megabytes(upload.decided_bytes)}; then "
            f"only watched whether it lasts; {upload.looks} looks",
            lead="upload: ",
        )
    if upload.burst_mbps is not None:
        yield Line(f"{_mbps(upload.burst_mbps)} for the first {upload.burst_seconds or 0:.1f} s", lead="upload: ")
    if upload.second is not None:
        rate, why = _mbps(upload.second.goodput_mbps), _because(upload.second.failure)
        began = f", after {_mbps(upload.second.burst_mbps)} at first" if upload.second.burst_mbps else ""
        yield Line(f"other server {upload.second.server}: {rate}{began}{why}", lead="upload: ")


def _second_opinion(seen: Seen) -> Iterator[Line]:
    said = seen.second_opinion
    if said is None:
        return
    held = f", held to {megabytes(said.cap_bytes)} by upload.max_mb" if said.capped else ""
    yield Line(
        f"speedtest-cli to {said.server or 'no server'}: {_mbps(said.mbps)} by its own count, "
        f"{megabytes(said.sent_bytes)} in {said.seconds:.1f} s{held}{_because(said.failure)}",
        lead="second opinion: ",
    )


def _download(seen: Seen) -> Iterator[Line]:
    if seen.download is None:
        return
    down = seen.download
    yield Line(
        f"{_mbps(down.goodput_mbps)} of payload ({_mbps(down.lower_mbps)} to {_mbps(down.upper_mbps)}), "
        f"as a line about {_mbps(down.line_rate_mbps)}; {down.streams} streams, {down.seconds:.1f} s counted",
        lead="download: ",
    )
    yield Line(f"{down.server} {down.address}, {down.back_end}", lead="download: ")
    yield Line(
        f"answer time idle {_ms(down.idle_rtt_ms)}, loaded {_ms(down.loaded_rtt_ms)}; 95 % of answers within "
        f"{_ms(down.idle_rtt_p95_ms)} idle, {_ms(down.loaded_rtt_p95_ms)} loaded; {down.idle_probes} and "
        f"{down.loaded_probes} probes, {down.rpm or 0:.0f} round trips a minute",
        lead="download: ",
    )
    yield Line(
        f"others on this computer received {_mbps(down.other_received_mbps)} before and "
        f"{_mbps(down.other_during_mbps)} during",
        lead="download: ",
    )
    if down.burst_mbps is not None:
        yield Line(f"{_mbps(down.burst_mbps)} for the first {down.burst_seconds or 0:.1f} s", lead="download: ")
    for tried in down.skipped_servers:
        yield Line(f"not used: {tried.server}, {tried.back_end}{_because(tried.failure)}", lead="download: ")
    if down.tester_limited:
        yield Line(f"the test may have been the limit: {down.tester_limited}", lead="download: ")


def _ms(value: float | None) -> str:
    return "no time" if value is None else f"{value:.1f} ms"


def _mbps(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f} Mbps"


def _open(value: bool | None) -> str:
    return {True: "open", False: "not reachable", None: "not known"}[value]


def _because(failure: Failure | None) -> str:
    return "" if failure is None else f" ({failure.in_words()})"
