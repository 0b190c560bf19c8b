"""A build server can read it: the form that Jenkins' schema asks for, legal XML only, and the states told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from xml.etree.ElementTree import Element

import defusedxml.ElementTree as reading
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Acknowledged, Severity, Status
from emrnetcheck.reports import junit
from emrnetcheck.reports.wording import SKIPPED_WORDS
from tests.reports.samples import HOSTILE_REPORT, NOT_READY, READY, SAMPLES, check, finding

# junit-10.xsd, which Jenkins' xUnit plug-in checks by: what an element may hold, and its attributes (required: True).
CHILDREN: Mapping[str, set[str]] = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out", "system-err"},
    "properties": {"property"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
}
ATTRIBUTES: Mapping[str, Mapping[str, bool]] = {
    "testsuites": dict.fromkeys(("name", "time", "tests", "failures", "errors"), False),
    "testsuite": {
        **dict.fromkeys(("name", "tests", "failures", "errors"), True),
        **dict.fromkeys(("time", "skipped", "timestamp", "hostname", "id", "package"), False),
    },
    "property": {"name": True, "value": False},
    "testcase": {"name": True, "classname": False, "time": False},
    "skipped": {"type": False, "message": False},
    "error": {"type": False, "message": False},
    "failure": {"type": False, "message": False},
}
TIME = re.compile(r"\d+\.\d{3}")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def parsed(report: ClinicReport) -> Element:
    root = reading.fromstring(junit.render(report))
    assert isinstance(root, Element)
    return root


def suite(report: ClinicReport) -> Element:
    found = parsed(report).find("testsuite")
    assert found is not None
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_it_has_the_form_of_the_schema(name: str) -> None:
    root = parsed(SAMPLES[name])
    assert root.tag == "testsuites"
    for element in root.iter():
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set()), element.tag
        known = ATTRIBUTES.get(element.tag, {})
        assert set(element.attrib) <= set(known), element.tag
        assert {each for each, required in known.items() if required} <= set(element.attrib), element.tag
        if "time" in element.attrib:
            assert TIME.fullmatch(element.attrib["time"])
    assert TIMESTAMP.fullmatch(suite(SAMPLES[name]).attrib["timestamp"])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_counts_are_those_of_the_cases(name: str) -> None:
    found = suite(SAMPLES[name])
    cases = found.findall("testcase")
    assert len(cases) == len(SAMPLES[name].checks) == int(found.attrib["tests"])
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(found.attrib[attribute]) == sum(case.find(element) is not None for case in cases)


@pytest.mark.parametrize(
    ("status", "severity", "elements"),
    [
        (Status.PASS, Severity.OK, ["system-out"]),
        (Status.NOTICE, Severity.NOTICE, ["system-out"]),
        (Status.WARN, Severity.WARN, ["system-out"]),
        (Status.FAIL, Severity.FAIL, ["failure"]),
        (Status.UNKNOWN, Severity.UNKNOWN, ["error"]),
    ],
)
def test_each_state_is_told_apart(status: Status, severity: Severity, elements: list[str]) -> None:
    one = check("port", "The EMR from outside", status, finding("port.some", severity, "It says this"))
    (case,) = suite(replace(READY, checks=(one,))).findall("testcase")
    assert [child.tag for child in case] == elements
    assert "port.some: It says this." in "".join(case.itertext())


def test_a_skipped_check_names_its_reason() -> None:
    one = replace(check("port", "The EMR from outside", Status.SKIPPED), skipped_because="offline")
    (case,) = suite(replace(READY, checks=(one,))).findall("testcase")
    assert [(child.tag, child.attrib) for child in case] == [("skipped", {"message": SKIPPED_WORDS["offline"]})]


def test_what_was_accepted_is_no_failure_and_is_said() -> None:
    known = replace(
        finding("port.some", Severity.FAIL, "It says this"),
        acknowledged=Acknowledged("the new line is ordered", date(2027, 3, 3)),
    )
    other = finding("port.other", Severity.FAIL, "It says that")
    (case,) = suite(replace(READY, checks=(check("port", "x", Status.WARN, known),))).findall("testcase")
    assert [child.tag for child in case] == ["system-out"]
    assert "accepted until 3 Mar 2027: the new line is ordered" in (case[0].text or "")
    (case,) = suite(replace(READY, checks=(check("port", "x", Status.FAIL, known, other),))).findall("testcase")
    assert [child.tag for child in case] == ["failure", "system-out"]
    assert case[0].attrib == {"type": "port.other", "message": "It says that."}


def test_a_failure_says_what_was_expected_and_what_to_do() -> None:
    failure = parsed(NOT_READY).find(".//failure")
    assert failure is not None
    assert failure.attrib["type"] == "ddns.stale"
    text = failure.text or ""
    assert "expected: 203.0.113.7; found: 198.51.100.20" in text
    assert "to do: " in text


def test_hostile_names_are_only_text() -> None:
    text = junit.render(HOSTILE_REPORT)
    assert re.search("[^\\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text) is None
    assert text.encode("utf-8").decode("utf-8") == text
    assert "[bold red]" in suite(HOSTILE_REPORT).attrib["name"]


@given(st.text(alphabet=st.characters(), max_size=80))
def test_any_text_is_legal_xml(text: str) -> None:
    one = check("port", text, Status.FAIL, finding("port.some", Severity.FAIL, text, advice=text))
    root = parsed(replace(READY, site=text, headline=text, checks=(one,)))
    assert len(root.findall(".//failure")) == 1
