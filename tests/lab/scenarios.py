"""Which clinics must the program judge rightly, what does each scenario file say, and was the report right?"""

from __future__ import annotations

import fnmatch
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.lab.internet import BASE_SETTINGS
from tests.lab.namespaces import LabError
from tests.lab.plan import EMR_LAN, EMR_PORT, PC_LAN, Plan, from_table
from tests.lab.segments import Change, Places, Program
from tests.lab.troubles import Trouble

FOLDER = Path(__file__).with_name("scenarios")
_ALARMS = ("fail", "warn")
NO_CAUSE = "none"
"""In place of a cause: the report names none."""

_HEALTHY_SETTINGS: dict[str, Any] = {
    "site": {"name": "Lab Clinic"},
    "emr": {
        "hostname": "emr.dyn.example.org",
        "access": "direct",
        "port": EMR_PORT,
        "path": "/oscar/",
        "lan_address": EMR_LAN,
        "users": 4,
    },
    "lan": {"peers": [PC_LAN]},
}


@dataclass(frozen=True, slots=True)
class Run:
    """How the program is run."""

    host: str = "emr"
    args: tuple[str, ...] = ()
    unprivileged: bool = False
    by_copy: bool = False
    """Whether the program is a copy of a process that has loaded it (see copies.py), and is not started anew."""
    timeout_s: float = 120.0
    background: tuple[str, ...] = ()
    """A program that runs on the same host meanwhile, started before; it must still run at the end."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens before the program runs; in this order if there are several in one."""

    warm: tuple[str, ...] = ()
    """Resolvers (or ROUTER_LAN) that are asked for the EMR's name, and so remember what they were told."""
    address: str = ""
    """What the name is changed to by a DDNS update: an address, "clinic", or "none"."""
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Expect:
    """What the report must say. Codes may be globs, such as "*.unmeasured"."""

    verdict: str
    exit: int
    codes_must: tuple[str, ...] = ()
    codes_must_not: tuple[str, ...] = ()
    codes_may: tuple[str, ...] = ()
    """Beside codes_must, the only ones that may be a `fail` or a `warn`: anything else is a false alarm."""
    first_cause: str = ""
    """The code of the report's first cause, which is its headline; "": the worst of codes_must. No glob: one thing is
    broken."""
    causes: tuple[str, ...] = ()
    """All the report's causes, the first-named one first, the others in any order; where codes_must and how bad each
    of them is do not say it (see causes.py). NO_CAUSE alone: none."""
    most_seconds: float = 0.0
    """Within which the whole run must end, against a peer that would hold it up; 0: not asked."""

    def __post_init__(self) -> None:
        if any(sign in self.first_cause for sign in "*?["):
            raise ValueError(f"first_cause: {self.first_cause!r} is a glob, and a headline is one code")
        if self.causes and self.first_cause:
            raise ValueError("causes has the first cause already: leave first_cause out")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One clinic, one run of the program in it, one right answer; or what each place says of what is slow."""

    title: str
    expect: Expect | None = None
    """None: only its places are asked."""
    name: str = ""
    clinic: Plan = field(default_factory=Plan)
    before: tuple[Step, ...] = ()
    run: Run = Run()
    settings: dict[str, Any] = field(default_factory=dict)
    """Laid over the healthy settings; a key set to "unset" is left out."""
    segment: Places | None = None
    """None: one run is judged by `expect`. Else both, where both are there: see placing.py."""
    during: tuple[Change, ...] = ()
    meanwhile: tuple[Program, ...] = ()
    watch_s: float = 20.0
    trouble: tuple[Trouble, ...] = ()
    """All that its watches are to tell, where what is wrong is mended while they watch: see troubles.py."""

    def __post_init__(self) -> None:
        if self.expect is None and self.segment is None:
            raise ValueError("there is neither [expect] nor [segment]: nothing that could be wrong")

    @property
    def expected(self) -> Expect:
        """Of a scenario that has it."""
        if self.expect is None:
            raise LabError(f"{self.name} has no [expect]: python -m tests.lab segments {self.name}")
        return self.expect

    def settings_toml(self) -> str:
        """The emrnetcheck.toml of this run."""
        merged = _merge(_merge(_HEALTHY_SETTINGS, BASE_SETTINGS), self.settings)
        return "".join(f"[{table}]\n{_lines(values)}\n" for table, values in merged.items())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the program gave."""

    exit: int
    stdout: str
    stderr: str
    seconds: float

    def report(self) -> dict[str, Any] | None:
        """The JSON report; None if standard output is not one."""
        try:
            found = json.loads(self.stdout)
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, dict) and {"verdict", "checks"} <= found.keys() else None

    def findings(self) -> list[tuple[str, str]]:
        """(code, severity) of every finding, in the order of the report."""
        report = self.report() or {"checks": []}
        return [(each["code"], each["severity"]) for check in report["checks"] for each in check["findings"]]


def names() -> list[str]:
    """All scenarios there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def placed() -> list[str]:
    """Those that say what is slow, from where."""
    return [name for name in names() if load(name).segment is not None]


def judged() -> list[str]:
    """The others: one run each."""
    return [name for name in names() if load(name).segment is None]


def load(name: str) -> Scenario:
    """Read one scenario; anything in it that is not understood is an error."""
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        raise LabError(f"no scenario {name!r}; there are: {', '.join(names())}")
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise LabError(f"{path.name}: {error}") from error
    table["clinic"] = _with_clinic_address(table.get("clinic", {}))
    return replace(from_table(Scenario, table, name), name=name)


def problems(expect: Expect, outcome: Outcome) -> list[str]:
    """What is wrong with the outcome; empty if the program was right. The causes are another matter: see causes.py."""
    if "Traceback (most recent call last)" in outcome.stderr:
        return [f"traceback:\n{outcome.stderr[-3000:]}"]
    report = outcome.report()
    if report is None:
        said = f"stdout: {outcome.stdout[-1500:]}\nstderr: {outcome.stderr[-1500:]}"
        return [f"exit {outcome.exit}, and no report on standard output\n{said}"]
    found = []
    if report["verdict"] != expect.verdict:
        found.append(f"verdict {report['verdict']}, not {expect.verdict}")
    if outcome.exit != expect.exit:
        found.append(f"exit {outcome.exit}, not {expect.exit}")
    codes = [code for code, _ in outcome.findings()]
    found += [f"{pattern} is missing" for pattern in expect.codes_must if not fnmatch.filter(codes, pattern)]
    found += [f"{code} must not be" for code in codes if _matches(code, expect.codes_must_not)]
    allowed = (*expect.codes_must, *expect.codes_may, *expect.codes_must_not)
    found += [
        f"false alarm: {code} ({severity})"
        for code, severity in outcome.findings()
        if severity in _ALARMS and not _matches(code, allowed)
    ]
    return found + _too_slow(expect, outcome)


def _too_slow(expect: Expect, outcome: Outcome) -> list[str]:
    if not expect.most_seconds or outcome.seconds <= expect.most_seconds:
        return []
    return [f"it took {outcome.seconds:.1f} s, and {expect.most_seconds:g} are the most"]


def _matches(code: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(code, pattern) for pattern in patterns)


def _with_clinic_address(clinic: Mapping[str, Any]) -> dict[str, Any]:
    """The name points at the clinic unless the file says something else ("none": it does not exist)."""
    internet = {"address": "clinic", **clinic.get("internet", {})}
    if internet["address"] == "none":
        internet["address"] = None  # TOML has no word for it
    return {**clinic, "internet": internet}


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if value == "unset":
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def _lines(table: Mapping[str, Any]) -> str:
    # Strings, numbers, booleans and lists of them are written alike in JSON and TOML; tables are not.
    for key, value in table.items():
        if isinstance(value, dict):
            raise LabError(f"settings: a table inside a table ({key}) is not written here; use a dotted key")
    return "".join(f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())
