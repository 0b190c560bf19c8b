"""Which command of the lab is wanted? Each that needs a network gets namespaces of its own first."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.lab import namespaces
from tests.lab.namespaces import LabError


def main() -> int:
    """Run one command; 1 if an answer was wrong, 2 if the lab could not do it."""
    own, command = _split(sys.argv[1:])
    options = _parser().parse_args(own)
    options.argv = command
    try:
        if options.command == "list":
            return _list()
        if not getattr(options, "at_once", 0):  # else each worker has namespaces of its own
            namespaces.enter(["-m", "tests.lab", *sys.argv[1:]])
        return _COMMANDS[options.command](options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """argparse loses its way when options come before a `--`."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="The clinic lab.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the scenarios")
    run = commands.add_parser("run", help="run emrnetcheck in scenarios and compare")
    run.add_argument("names", nargs="*", default=["all"], metavar="NAME", help="scenarios, or all")
    run.add_argument("--times", type=int, default=1, help="rounds")
    run.add_argument("--keep-json", type=Path, metavar="DIR", help="keep each report and error output here")
    run.add_argument("--unprivileged", action="store_true", help="run the program without any capability")
    run.add_argument("--by-copy", action="store_true", help="load the program once for all (see copies.py)")
    commands.add_parser("serve", help="run what is asked for on standard input (see crew.py)")
    segments = commands.add_parser("segments", help="what is said to be slow, from each place, and compare")
    segments.add_argument("names", nargs="*", default=["all"], metavar="NAME", help="scenarios, or all")
    segments.add_argument("--times", type=int, default=1, help="rounds")
    segments.add_argument("--only", default="", metavar="PLACE,..", help="such as run_emr,client_pc")
    segments.add_argument("--keep-json", type=Path, metavar="DIR", help="keep what each said here")
    segments.add_argument("--at-once", type=int, default=0, metavar="N", help="so many clinics beside each other")
    segments.add_argument("--as-json", type=int, metavar="ROUND", help="a line of JSON for each, for --at-once")
    shell = commands.add_parser("shell", help="a shell, or -- COMMAND, in a host of a running clinic")
    shell.add_argument("host")
    shell.add_argument("--scenario", default="healthy", metavar="NAME")
    bench = commands.add_parser("bench", help="measure the lab itself, or beside other programs")
    bench.add_argument("what", choices=["rtt", "wire"])
    return parser


def _list() -> int:
    from tests.lab import scenarios

    for name in scenarios.names():
        scenario = scenarios.load(name)
        says = "(segments)" if scenario.expect is None else scenario.expect.verdict
        print(f"{name:<20} {says:<20} {scenario.title}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from tests.lab import running, scenarios

    names = scenarios.judged() if options.names == ["all"] else options.names
    keep = options.keep_json
    how = {each: True for each in ("unprivileged", "by_copy") if getattr(options, each)}
    right = running.run_all(names, times=options.times, how=how, keep=keep)
    return 0 if right else 1


def _serve(_: argparse.Namespace) -> int:
    from tests.lab import crew

    def run(words: Sequence[str]) -> int:
        options = _parser().parse_args(words)
        return _COMMANDS[options.command](options)

    crew.serve(run, namespaces.end_all, sys.stdin, sys.stdout)
    return 0


def _segments(options: argparse.Namespace) -> int:
    from tests.lab import placing, rounds, scenarios, score

    names = scenarios.placed() if options.names == ["all"] else options.names
    only = [each for each in options.only.split(",") if each]
    if options.as_json is not None:
        for name in names:
            print(score.as_line(placing.place(scenarios.load(name), only, options.keep_json, options.as_json)))
        return 0
    wanted = rounds.Wanted(names, options.times, only, options.keep_json)
    results = rounds.several_at_once(wanted, options.at_once) if options.at_once else rounds.one_by_one(wanted)
    return 0 if rounds.tell(results, times=options.times) else 1


def _shell(options: argparse.Namespace) -> int:
    from tests.lab import scenarios
    from tests.lab.responder import filled_in
    from tests.lab.topology import Lab, host_names

    scenario = scenarios.load(options.scenario)
    known = host_names(scenario.clinic)
    if options.host not in known:
        raise LabError(f"no host {options.host!r}; there are: {', '.join(known)}")
    with Lab(scenario.clinic) as lab:
        host = lab.hosts[options.host]
        # The scenario's own settings: `emrnetcheck` in this shell does what the scenario's run does.
        settings = host.folder / "emrnetcheck.toml"
        settings.write_text(filled_in(scenario.settings_toml(), lab.responder))
        environment = host.environment(
            {
                "SSL_CERT_FILE": str(lab.internet.ca_path),
                "PS1": f"{host.name}# ",
                "EMRNETCHECK_CONFIG": str(settings),
            }
        )
        with subprocess.Popen(host.argv(options.argv or ["sh"]), env=environment) as process:
            signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for what runs in the shell
            status = process.wait()
        return status if status >= 0 else 128 - status


def _bench(options: argparse.Namespace) -> int:
    from tests.lab import bench_rtt, bench_wire

    status: int = {"rtt": bench_rtt.main, "wire": bench_wire.main}[options.what]()
    return status


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "segments": _segments,
    "serve": _serve,
    "shell": _shell,
    "bench": _bench,
}


if __name__ == "__main__":
    sys.exit(main())
