"""What is shared holds nothing of the clinic: secrets planted in every field are looked for in every output."""

from __future__ import annotations

import html
import importlib
import json
import re
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from emrnetcheck.checks import EVERY
from emrnetcheck.evidence import Case, ClinicReport, Seen
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.lan import Lan
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Check, Fact, Report, ReportFinding
from emrnetcheck.reports import json as json_report
from emrnetcheck.reports import terminal
from emrnetcheck.reports.isp.facts import Look, Terms
from emrnetcheck.reports.sharing import NotShareable, Secrets, leaks, redacted, shared
from emrnetcheck.reports.sharing.fields import KINDS, Kind, kind_of
from emrnetcheck.reports.week import Week
from emrnetcheck.runner.answer import answer_of
from tests.checks.builders import HEALTHY, holes
from tests.checks.client_builders import CLIENT_SEEN
from tests.reports.samples import READY, SAMPLES
from tests.reports.sharing.planting import SPEECH, Planter, strings, text_fields

CASES = {
    file.stem: TypeAdapter(Seen).validate_python(json.loads(file.read_text(encoding="utf-8"))["evidence"])
    for file in sorted((Path(__file__).parents[2] / "cases").glob("*.json"))
}


def outputs(report: ClinicReport) -> dict[str, str]:
    return {
        "json": json_report.render(report),
        "text": terminal.render(report, plain=True, zone=UTC),
        "verbose": terminal.render(report, verbose=True, zone=UTC),
    }


def test_every_field_with_text_is_listed_and_none_that_is_not_there() -> None:
    found = {field for kind in (Report, Seen, Week, Look, Terms) for field in text_fields(kind)}
    assert set(KINDS) == found


@pytest.mark.parametrize("raw", [True, False], ids=["a bare word", "what the field holds"])
def test_a_secret_in_any_field_is_in_no_output(raw: bool) -> None:
    planter = Planter(raw=raw)
    planted = planter.report()
    if raw:
        planted = replace(planted, checks=(), causes=())
    made = shared(planted, SPEECH)
    assert len(planter.planted) > 200
    for name, text in outputs(made.report).items():
        low = html.unescape(text).casefold().replace("\n", "").replace(" ", "")
        left = {s: field for s, field in planter.planted.items() if s.casefold().replace(" ", "") in low}
        assert left == {}, name
    for name, text in outputs(planted).items():
        assert leaks(text, made.secrets), f"the search finds nothing in what was not redacted: {name}"


def test_every_text_of_a_report_is_looked_up_by_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()

    def noting(field: str) -> Kind:
        asked.add(field)
        return kind_of(field)

    monkeypatch.setattr("emrnetcheck.reports.sharing.copying.kind_of", noting)
    planter = Planter(raw=False)
    redacted(tuple(planter.value(kind, "") for kind in (Report, Week, Look, Terms)), SPEECH)
    assert asked == set(KINDS)


@pytest.mark.parametrize("field", ["Report.site", "Report.headline", "Emr.title", "Failure.detail", "Link.band"])
def test_a_field_that_nobody_listed_lets_nothing_be_shared(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    planted = Planter(raw=False).report()
    monkeypatch.setattr("emrnetcheck.reports.sharing.fields.KINDS", {k: v for k, v in KINDS.items() if k != field})
    with pytest.raises(NotShareable, match=field):
        shared(planted, SPEECH)


def test_a_kind_of_value_that_nobody_thought_of_lets_nothing_be_shared() -> None:
    with pytest.raises(NotShareable, match="set"):
        shared(replace(READY, traffic={"secret-clinic"}), SPEECH)  # type: ignore[arg-type]  # that is the mistake


@pytest.mark.parametrize("key", ["elm street", "Elm-Street", "1"])
def test_the_key_of_a_fact_is_the_programs_own(key: str) -> None:
    check = READY.checks[0]
    finding = replace(check.findings[0], facts={key: 1})
    report = replace(READY, checks=(replace(check, findings=(finding,)),))
    with pytest.raises(NotShareable) as refused:
        shared(report, SPEECH)
    assert key not in str(refused.value)


def test_what_is_refused_is_named_by_its_place_and_never_by_its_text() -> None:
    check = READY.checks[0]
    report = replace(READY, checks=(replace(check, id="elmstreet"),))
    with pytest.raises(NotShareable) as refused:
        shared(report, SPEECH)
    assert "elmstreet" not in str(refused.value)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "hostile"])
def test_the_samples_are_shared_and_nothing_of_them_is_left(name: str) -> None:
    report = SAMPLES[name]
    made = shared(report, SPEECH)
    telling = {"192.168.1.10", "192.168.1.1", "192.168.1.20", "203.0.113.7", "Elm Street", "speed.example.net"}
    for text in outputs(made.report).values():
        assert not {each for each in telling if each in text}
        assert leaks(text, made.secrets) == frozenset()
    assert (made.report.verdict, made.report.mode) == (report.verdict, report.mode)
    assert [c.status for c in made.report.checks] == [c.status for c in report.checks]
    assert made.report.evidence.upload == report.evidence.upload or made.report.evidence.upload is not None


@pytest.mark.parametrize("name", CASES)
def test_real_evidence_is_shared_and_can_be_read_again(name: str) -> None:
    made = shared(replace(READY, evidence=CASES[name]), SPEECH)
    text = json_report.render(made.report)
    assert json_report.parse(text) == made.report
    hidden = {s for s in strings(CASES[name]) if s.count(".") == 3 and s.replace(".", "").isdigit()}
    kept = {"1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222", "127.0.0.1", "127.0.0.53", "0.0.0.0"}
    kept |= {"192.0.2.53", "198.51.100.53"}
    assert not {each for each in hidden - kept if f'"{each}"' in text}


def hops(*addresses: str) -> list[str | None]:
    report = replace(READY, evidence=replace(HEALTHY, address=replace(HEALTHY_ADDRESS, hops=tuple(
        Hop(n, each, 1.0) for n, each in enumerate(addresses, 1)))))  # fmt: skip
    made = shared(report, SPEECH).report.evidence.address
    assert made is not None
    return [hop.address for hop in made.hops]


assert HEALTHY.address is not None
HEALTHY_ADDRESS = HEALTHY.address


@pytest.mark.parametrize(
    ("address", "ending"),
    [
        ("81.2.3.4", "-public"),
        ("100.64.3.4", "-cgnat-100.64"),
        ("10.1.2.3", "-10-net"),
        ("192.168.7.3", "-192.168-net"),
        ("172.20.7.3", "-172.16-net"),
        ("169.254.7.3", "-link-local-169.254"),
        ("192.0.0.2", "-dslite"),
        ("203.0.113.9", "-documentation"),
        ("fd00:1::2", "-ula-net"),
        ("fe80::1", "-link-local-fe80"),
        ("2a02:1::2", "-public6-net"),
        ("64:ff9b::1", "-nat646"),
    ],
)
def test_the_class_of_an_address_stays(address: str, ending: str) -> None:
    [made] = hops(address)
    assert made is not None
    assert made.startswith("ip-")
    assert made.rstrip("0123456789") == ending.rstrip("0123456789") or ending in made


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "1.1.1.1", "0.0.0.0"])
def test_what_every_computer_has_stays(address: str) -> None:
    assert hops(address) == [address]


@pytest.mark.parametrize(
    ("address", "stays"),
    [("127.0.0.1%elmstreet", "127.0.0.1"), ("::1%elmstreet", "::1"), ("8.8.8.8%elmstreet", "8.8.8.8")],
)
def test_a_zone_goes_even_where_the_address_stays(address: str, stays: str) -> None:
    assert hops(address) == [stays]


def test_the_same_is_the_same_and_a_network_is_seen() -> None:
    one, same, near, far, mapped = hops(
        "192.168.9.2", "192.168.9.2", "192.168.9.3", "192.168.8.2", "::ffff:192.168.9.2"
    )
    assert one == same == mapped
    assert None not in (one, near, far)
    assert len({one, near, far}) == 3
    network = {each: str(each).rpartition("-net")[2] for each in (one, near, far)}
    assert network[one] == network[near] != network[far]


def test_names_are_the_same_whatever_their_case_and_a_wildcard_is_told() -> None:
    assert HEALTHY.names is not None
    names = replace(HEALTHY.names, hostname="EMR.Clinic.Example.", zone="emr.clinic.example")
    made = shared(replace(READY, evidence=replace(HEALTHY, names=names)), SPEECH).report.evidence.names
    assert made is not None
    assert made.hostname == made.zone


def test_a_sentence_is_said_anew_with_what_stays_of_its_facts() -> None:
    code = SPEECH.codes["ddns.stale"]
    facts: dict[str, Fact] = dict.fromkeys(holes(code.summary + code.advice), "93.99.1.7")
    assert facts
    said = (code.summary.format_map(facts), code.advice.format_map(facts))
    finding = ReportFinding("ddns.stale", code.severity, said[0], said[1], None, None, facts)
    check = replace(READY.checks[0], findings=(finding,))
    made = shared(replace(READY, checks=(check,)), SPEECH).report.checks[0].findings[0]
    pseudonym = next(iter(v for v in made.facts.values() if isinstance(v, str) and v.endswith("-public")))
    assert made.summary == said[0].replace("93.99.1.7", pseudonym)
    assert "***" not in made.summary + made.advice


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("open to 81.2.3.4:8443", "open to ip-A-public:8443"),
        ("it was 12:20:05, 5 ms within 3.5 %", "it was 12:20:05, 5 ms within 3.5 %"),
        ("Mrs Featherstonehaugh", "***"),
        ("call 0044 20 79460958 1", "call ***"),
        ("call +1 416 555 0123 or 416-555-0199.", "call +*** or ***."),
        ("call (416) 555.0123, or 416/555/0199", "call (***) ***, or ***"),
        ("call 416:555:0199", "call ***"),
        ("port 80 10.0.0.1 - 443", "port 80 ip-A-10-net1 - 443"),
        ("number 1234 567 890 of 1971-03-04", "number *** of ***"),
        ("5.5 - 6.25 Mbps, 2026-11-24 12:20", "5.5 - 6.25 Mbps, 2026-11-24 12:20"),
        ("call 00442079460958", "call ***"),
        ("see /mnt/alice/x.conf", "see file-1"),
        ("C:\\Users\\alice\\x.conf", "file-1"),
        ("alice@elm.example", "***"),
        ("https://elm.example/a?b=c", "https://host-N/page-N"),
        ("from ::1%elmstreet to 8.8.8.8%elmstreet", "from ::1%(left out) to 8.8.8.8%(left out)"),
        ("elmstreet://elm.example/", "other://host-N/"),
        ("WSS://elm.example:443/", "WSS://host-N:443/"),
        ("00:11:22:33:44:55", "mac-1"),
        ("not open: ddns.stale", "not open: ddns.stale"),
        ("OpenSSH_9.2 at elmstreet", "***.2 at ***"),
        ("\u202e\x1bqqq", "***"),
    ],
)
def test_of_a_sentence_only_our_words_stay(text: str, stays: str) -> None:
    check = replace(READY.checks[0], findings=(replace(READY.checks[0].findings[0], actual=text),))
    made = shared(replace(READY, checks=(check,), evidence=Seen()), SPEECH).report
    assert re.sub(r"(host|page)-\d", r"\1-N", made.checks[0].findings[0].actual or "") == stays


SECRETS = Secrets(
    frozenset({"192.168.77.10", "52:54:00:ab:cd:ef", "emr.featherstone.example", 'Zoë & "Sons"', "2a02:1::77"}),
    frozenset({"featherstone"}),
)


@pytest.mark.parametrize(
    "text",
    [
        "at 192.168.77.10.",
        "c0a84d0a",
        "192-168-77-10",
        "10.77.168.192.in-addr.arpa",
        "3232255242",
        "10-77-168-192.dyn.isp.net",
        "host-192x168x77x10",
        "192168077010.isp.net",
        "010077168192.isp.net",
        "ip-0a4da8c0.isp.net",
        "525400ABCDEF",
        "52-54-00-ab-cd-ef",
        "5254.00ab.cdef",
        "EMR.Featherstone.Example",
        "my-featherstone-box",
        "<p>Zo&euml; &amp; &quot;Sons&quot;</p>",
        'Zo\\u00eb & \\"Sons\\"',
        "Zo%C3%AB%20%26%20%22Sons%22",
        'Zoe & "Sons"',
        "2a02:0001:0000:0000:0000:0000:0000:0077",
        "656d722e6665617468657273746f6e652e6578616d706c65",
        "ZW1yLmZlYXRoZXJzdG9uZS5leGFtcGxl",
        '<img alt="emr of featherstone" src="x">',
        "data:image/png;base64,eHggZW1yLmZlYXRoZXJzdG9uZS5leGFtcGxlIHl5",
    ],
)
def test_a_secret_is_found_however_it_is_written(text: str) -> None:
    assert leaks(f"before {text} after", SECRETS)


@pytest.mark.parametrize(
    "text", ["192.168.77.100", "1192.168.77.10", "featherstones", "<style>.featherstone{}</style>"]
)
def test_what_only_looks_like_it_is_no_leak(text: str) -> None:
    assert leaks(f"before {text} after", SECRETS) == frozenset()


def one_row_for_each_code() -> dict[str, tuple[Check[Case, Any], Case]]:
    """Evidence that makes a check say it: by the code, the check and the case."""
    found: dict[str, tuple[Check[Case, Any], Case]] = {}
    for check in EVERY:
        for row in importlib.import_module(f"tests.checks.test_{check.id}").TABLE:
            for code in row.codes:
                found.setdefault(code, (check, row.case))
    return found


ROWS = one_row_for_each_code()


@pytest.mark.parametrize("code", ROWS)
def test_what_any_code_says_can_be_shared_and_tells_nothing(code: str) -> None:
    check, case = ROWS[code]
    answer = answer_of(judge_all([check], case, {}, {}), [check], "host")
    report = replace(READY, site="Featherstone Clinic", evidence=case.seen, **answer)
    made = shared(report, SPEECH)
    said = next(finding for finding in made.report.checks[0].findings if finding.code == code)
    assert said.summary
    assert leaks(json_report.render(made.report), made.secrets) == frozenset()


def test_the_original_is_not_touched() -> None:
    before = json_report.render(READY)
    shared(READY, SPEECH)
    assert json_report.render(READY) == before


def test_a_client_is_shared_too() -> None:
    report = replace(READY, vantage="client", site="emr.example.net", evidence=CLIENT_SEEN)
    made = shared(report, SPEECH)
    assert made.report.site.startswith("host-")
    for text in outputs(made.report).values():
        assert "emr.example" not in text


def test_hardware_addresses_are_the_same_where_they_were() -> None:
    lan = Lan((), "none", own_holders=("52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:01"))
    made = shared(replace(READY, evidence=Seen(lan=lan)), SPEECH).report.evidence.lan
    assert made is not None
    assert made.own_holders == ("mac-1", "mac-2", "mac-1")


def test_each_kind_of_field_is_in_use() -> None:
    assert set(KINDS.values()) == set(Kind)
