"""A task that the Task Scheduler's published schema allows, in its order and with its types."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.schedule.job import Job
from emrnetcheck.schedule.tasks import plan, quoted
from tests.schedule.jobs import NASTY, PLAIN

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
WINDOWS = replace(
    PLAIN,
    argv=(r"C:\Users\Dr Who\.venv\Scripts\pythonw.exe", "-P", "-m", "emrnetcheck", "schedule", "run"),
    user=r"CLINIC\Dr Who",
    data_folder=r"C:\Users\Dr Who\AppData\Local\emrnetcheck",
)


@dataclass(frozen=True)
class Kind:
    """A complex type of [MS-TSCH] 2.5: what may be in it. in_order: xs:sequence; else xs:all, in any order."""

    parts: Mapping[str, Kind | str]
    in_order: bool = False
    needed: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()


BOOLEAN = "true|false"
DURATION = r"P(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?"
DATE_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?"
TEXT = r"(?s).*"
NOT_EMPTY = r"(?s).+"
# 2.5.3: a base type's sequence, in which a trigger's own elements follow.
TRIGGER: dict[str, Kind | str] = {
    "Enabled": BOOLEAN,
    "StartBoundary": DATE_TIME,
    "EndBoundary": DATE_TIME,
    "Repetition": Kind(
        {"Interval": DURATION, "Duration": DURATION, "StopAtDurationEnd": BOOLEAN}, needed=frozenset({"Interval"})
    ),
    "ExecutionTimeLimit": DURATION,
}
ID = frozenset({"id"})
TASK = Kind(
    {
        "RegistrationInfo": Kind(
            dict.fromkeys(
                ("URI", "SecurityDescriptor", "Source", "Author", "Version", "Description", "Documentation"), TEXT
            )
            | {"Date": DATE_TIME}
        ),
        "Triggers": Kind({"TimeTrigger": Kind({**TRIGGER, "RandomDelay": DURATION}, in_order=True, attributes=ID)}),
        "Principals": Kind(
            {
                "Principal": Kind(
                    {
                        "UserId": NOT_EMPTY,
                        "LogonType": "S4U|Password|InteractiveToken|InteractiveTokenOrPassword",
                        "GroupId": NOT_EMPTY,
                        "DisplayName": TEXT,
                        "RunLevel": "LeastPrivilege|HighestAvailable",
                    },
                    attributes=ID,
                )
            }
        ),
        "Settings": Kind(
            dict.fromkeys(
                (
                    "AllowStartOnDemand",
                    "DisallowStartIfOnBatteries",
                    "StopIfGoingOnBatteries",
                    "AllowHardTerminate",
                    "StartWhenAvailable",
                    "RunOnlyIfNetworkAvailable",
                    "WakeToRun",
                    "Enabled",
                    "Hidden",
                    "RunOnlyIfIdle",
                ),
                BOOLEAN,
            )
            | {
                "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting",
                "ExecutionTimeLimit": DURATION,
                "DeleteExpiredTaskAfter": DURATION,
                "NetworkProfileName": TEXT,
                "Priority": r"[0-9]|10",
            }
        ),
        "Actions": Kind(
            {
                "Exec": Kind(
                    {"Command": NOT_EMPTY, "Arguments": TEXT, "WorkingDirectory": NOT_EMPTY},
                    needed=frozenset({"Command"}),
                    attributes=ID,
                )
            },
            needed=frozenset({"Exec"}),
            attributes=frozenset({"Context"}),
        ),
    },
    needed=frozenset({"Actions"}),
    attributes=frozenset({"version"}),
)


def wrong_in(element: Element, kind: Kind | str, path: str = "Task") -> list[str]:
    """What the schema does not allow."""
    if isinstance(kind, str):
        fits = re.fullmatch(kind, element.text or "") is not None and len(element) == 0 and not element.attrib
        return [] if fits else [f"{path}: {element.text!r}"]
    names = [child.tag.removeprefix(SPACE) for child in element]
    found = [f"{path}: {name} is not known" for name in names if name not in kind.parts]
    found += [f"{path}: {name} is missing" for name in kind.needed - set(names)]
    found += [f"{path}: {name} is there twice" for name in set(names) if names.count(name) > 1]
    found += [f"{path}: attribute {name}" for name in element.attrib if name not in kind.attributes]
    if kind.in_order and names != [name for name in kind.parts if name in names]:
        found.append(f"{path}: {names} are not in order")
    for child, name in zip(element, names, strict=True):
        if name in kind.parts:
            found += wrong_in(child, kind.parts[name], f"{path}/{name}")
    return found


def parsed(job: Job) -> Element:
    [file] = plan(job).files
    assert file.content().startswith(b"\xff\xfe"), "UTF-16 with its mark, as schtasks wants it"
    element = fromstring(file.content())
    assert element.tag == f"{SPACE}Task"
    return element


def text_at(element: Element, path: str) -> str | None:
    found = element.find("/".join(SPACE + name for name in path.split("/")))
    assert found is not None, path
    return found.text


@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize("job", [WINDOWS, replace(NASTY, environment=())], ids=["plain", "nasty"])
def test_the_schema_allows_it(job: Job, system: bool) -> None:
    assert wrong_in(parsed(replace(job, system=system)), TASK) == []


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ("<Priority>7", "<Priority>8", []),
        ("PT15M", "15 minutes", ["Task/Triggers/TimeTrigger/Repetition/Interval: '15 minutes'"]),
        ("WakeToRun", "WakeUp", ["Task/Settings: WakeUp is not known"]),
        ("<Command>", "<Program>", None),
    ],
)
def test_a_mistake_would_be_found(before: str, after: str, wrong: list[str] | None) -> None:
    text = plan(WINDOWS).files[0].text
    for opening in ("<", "</"):
        text = text.replace(before.replace("<", opening), after.replace("<", opening))
    found = wrong_in(fromstring(text.encode("utf-16")), TASK)
    assert found == wrong if wrong is not None else "Task/Actions/Exec: Command is missing" in found


def test_triggers_out_of_order_would_be_found() -> None:
    element = parsed(WINDOWS)
    trigger = element.find(f"{SPACE}Triggers/{SPACE}TimeTrigger")
    assert trigger is not None
    trigger.append(trigger[0])
    trigger.remove(trigger[0])
    assert any("not in order" in each for each in wrong_in(element, TASK))


def test_it_starts_on_batteries_catches_up_and_never_runs_twice() -> None:
    element = parsed(WINDOWS)
    expected = {
        "StartWhenAvailable": "true",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        # A dead line has to be noticed, too.
        "RunOnlyIfNetworkAvailable": "false",
        "MultipleInstancesPolicy": "IgnoreNew",
        "ExecutionTimeLimit": "PT60M",
    }
    assert {name: text_at(element, f"Settings/{name}") for name in expected} == expected
    assert text_at(element, "Triggers/TimeTrigger/StartBoundary") == "2026-01-01T00:07:00"
    assert text_at(element, "Actions/Exec/Command") == WINDOWS.argv[0]


def test_whether_somebody_has_to_be_signed_in() -> None:
    assert text_at(parsed(WINDOWS), "Principals/Principal/LogonType") == "InteractiveToken"
    assert text_at(parsed(replace(WINDOWS, system=True)), "Principals/Principal/LogonType") == "S4U"
    assert text_at(parsed(WINDOWS), "Principals/Principal/UserId") == r"CLINIC\Dr Who"


def test_where_it_goes_and_how_it_is_registered() -> None:
    made = plan(WINDOWS)
    path = r"C:\Users\Dr Who\AppData\Local\emrnetcheck\emrnetcheck-task.xml"
    assert made.files[0].path == path
    assert made.activate == (("schtasks", "/Create", "/TN", r"\emrnetcheck", "/XML", path, "/F"),)
    assert made.deactivate == (("schtasks", "/Delete", "/TN", r"\emrnetcheck", "/F"),)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), max_size=30))
def test_arguments_are_quoted_as_windows_takes_them_apart(text: str) -> None:
    """Python's own rule, which it keeps for Windows' programs."""
    assert quoted(text) == subprocess.list2cmdline([text])
