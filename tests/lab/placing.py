"""What does each command say in a clinic where one part of the way is slow, and how many answers are right?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.lab import asking, scenarios, troubles
from tests.lab.asking import Asked
from tests.lab.causes import named
from tests.lab.emr_page import set_page_s
from tests.lab.namespaces import Host, LabError, Running
from tests.lab.plan import EMR_PORT
from tests.lab.responder import filled_in
from tests.lab.running import environment, take
from tests.lab.scenarios import Outcome, Scenario
from tests.lab.score import Answer, Placed
from tests.lab.second_site import PC2
from tests.lab.segments import Change, Program, Said, kept, told, too_early, word_of
from tests.lab.topology import Lab

_STILL_S = 60.0
"""How long a command may take beyond what it was told to."""


_BUILT_S, _CLIENT_S, _RUN_S = 3.0, 17.0, 17.0
"""About what a clinic, the clients together and each run take, on a machine that is not busy."""


def about_s(scenario: Scenario) -> float:
    """How long all its answers take, to begin with those that take longest."""
    places = not_asked(scenario).asked
    watched_s = scenario.watch_s if _of("watch", places) else 0.0
    clients_s = _CLIENT_S if _of("client", places) else 0.0
    after = [place for place in _of("run", places) if place not in _beside(scenario, places)]
    return _BUILT_S + watched_s + clients_s + _RUN_S * len(after)


def not_asked(scenario: Scenario, only: Sequence[str] = (), why: str = "") -> Placed:
    """Its places without any answer. only: of its places, these. why: what the lab failed by."""
    if scenario.segment is None:
        raise LabError(f"{scenario.name} has no [segment]: it does not say what is slow")
    places = tuple(place for place in scenario.segment.asked() if not only or place in only)
    return Placed(scenario.name, scenario.title, places, failed=why)


def place(scenario: Scenario, only: Sequence[str], keep: Path | None, round_number: int) -> Placed:
    """What is said in each of its places, and what is wrong with that. keep: a folder for all that was said."""
    asked = not_asked(scenario, only)
    if not asked.asked:
        return asked
    try:
        with Lab(scenario.clinic) as lab:
            said = ask_everywhere(lab, scenario, asked.asked)
    except LabError as error:
        return replace(asked, failed=str(error))
    if keep is not None:
        for place, each in said.items():
            _keep(each, keep / f"{scenario.name}.{place}.{round_number}")
    return replace(asked, answers=tuple(_answer(scenario, place, each) for place, each in said.items()))


def _answer(scenario: Scenario, place: str, said: Said) -> Answer:
    word = word_of(place, said)
    return Answer(place, word, said.seconds, told(place, said), tuple(_problems(scenario, place, word, said)))


def _keep(said: Said, stem: Path) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_name(f"{stem.name}.json").write_text(said.stdout)
    stem.with_name(f"{stem.name}.err").write_text(said.stderr)


def _problems(scenario: Scenario, place: str, word: str, said: Said) -> list[str]:
    assert scenario.segment is not None
    right = scenario.segment.asked()[place]
    found = [] if word in right else [f"{word}, not {' or '.join(right)}"]
    if place.startswith("watch"):
        also = scenario.segment.also()
        allowed = {*right, *also, word}  # the word itself is judged above
        if scenario.trouble:
            found += troubles.problems(scenario.trouble, place, said, also)
        else:
            found += [f"{each}, told and never taken back" for each in kept(said) if each not in allowed]
    found += [f"{each}, before anything was wrong" for each in too_early(said)]
    if scenario.expect is not None and place == f"run_{scenario.run.host}":
        outcome = Outcome(said.exit, said.stdout, said.stderr, said.seconds)
        found += [*scenarios.problems(scenario.expect, outcome), *named(scenario.expect, outcome.report()).wrong]
    return found


def ask_everywhere(lab: Lab, scenario: Scenario, places: Sequence[str]) -> dict[str, Said]:
    """First the watches, and beside them a run that loads nothing, if it need not wait for what happens meanwhile.

    Then the clients together, which are no burden to each other: one is at the line's other end. Then a run that is.
    """
    for step in scenario.before:
        take(step, lab)
    running = [_start(lab, program) for program in scenario.meanwhile]
    watches = _of("watch", places)
    asked = {place: _ask(lab, scenario, place) for place in [*watches, *_beside(scenario, places)]}
    changed = _change_all(lab, scenario, [asked[place] for place in watches])
    answers = {
        place: replace(said, fine_until_unix_s=changed.first_unix_s, zero_unix_s=changed.zero_unix_s)
        for place, said in asking.all_said(asked).items()
    }
    answers |= asking.all_said({place: _ask(lab, scenario, place) for place in _of("client", places)})
    for place in places:
        if place not in answers:
            answers |= asking.all_said({place: _ask(lab, scenario, place)})
    for host, program in [*running, *changed.started]:
        if program.poll() is not None:
            log = (host.folder / "meanwhile.log").read_text(errors="replace")
            raise LabError(f"what runs meanwhile on {host.name} ended before it should:\n{log[-2000:]}")
    return answers


def _of(command: str, places: Sequence[str]) -> list[str]:
    return [place for place in places if place.startswith(command)]


def _beside(scenario: Scenario, places: Sequence[str]) -> list[str]:
    """The runs that go beside the watches."""
    is_light = not scenario.during and not scenario.run.args
    return _of("run", places) if is_light and _of("watch", places) else []


@dataclass(slots=True)
class _Changed:
    """zero_unix_s: from when their seconds count; first_unix_s: when the first of them came (0: none does). started:
    what was started by them."""

    zero_unix_s: float
    first_unix_s: float = 0.0
    started: list[tuple[Host, Running]] = field(default_factory=list)


def _change_all(lab: Lab, scenario: Scenario, watches: Sequence[Asked]) -> _Changed:
    if scenario.during:
        asking.wait_for_answers(watches)
    began_s = time.monotonic()
    changed = _Changed(time.time())
    for change in sorted(scenario.during, key=lambda each: each.at_s):
        if watches:
            time.sleep(max(0.0, began_s + change.at_s - time.monotonic()))
        changed.first_unix_s = changed.first_unix_s or time.time()
        changed.started += _change(lab, change)
    return changed


def _start(lab: Lab, program: Program) -> tuple[Host, Running]:
    host = lab.hosts[program.host]
    return host, host.start(program.argv, log="meanwhile.log")


def _change(lab: Lab, change: Change) -> list[tuple[Host, Running]]:
    if change.wire:
        wire = lab.wires.get(change.wire)
        if wire is None:
            raise LabError(f"no wire {change.wire!r}; there are: {', '.join(lab.wires)}")
        if change.up:
            wire.set("up", **change.up)
        if change.down:
            wire.set("down", **change.down)
        if change.cut:
            wire.cut()
        else:
            wire.mend()
    if change.page_s is not None:
        set_page_s(lab.hosts["emr"], change.page_s)
    if change.unplug:
        lab.hosts["switch"].ip(f"link set dev to-{change.unplug} down")
    return [_start(lab, change.start)] if change.start is not None else []


def _ask(lab: Lab, scenario: Scenario, place: str) -> Asked:
    """One command in one place, begun."""
    command, _, where = place.partition("_")
    name = PC2 if where == "site2" and scenario.clinic.site2 is not None else where
    host = lab.hosts[name]
    url = f"https://{scenario.clinic.internet.hostname}:{EMR_PORT}/oscar/"
    words = {
        "run": ["run", "--config", str(_settings(lab, scenario, host)), *_run_args(scenario), "--format", "json"],
        "client": ["client", url, "--format", "json"],
        "watch": ["watch", url, "--for", f"{scenario.watch_s:g}s", "--json-lines"],
    }[command]
    limit_s = scenario.run.timeout_s if command == "run" else scenario.watch_s + _STILL_S
    return asking.ask(
        host,
        ["emrnetcheck", *words, "--no-save"],
        name=place,
        env=environment(lab),
        limit_s=limit_s,
        unprivileged=scenario.run.unprivileged,
    )


def _settings(lab: Lab, scenario: Scenario, host: Host) -> Path:
    settings = host.folder / "emrnetcheck.toml"
    settings.write_text(filled_in(scenario.settings_toml(), lab.responder))
    return settings


def _run_args(scenario: Scenario) -> Sequence[str]:
    return scenario.run.args or _PLACING_ARGS


_PLACING_ARGS: Sequence[str] = ("--only", "link,router,switch,address,path,dns")
"""All that a run does about the way without loading the line: where it is about that, the scenario says so."""
