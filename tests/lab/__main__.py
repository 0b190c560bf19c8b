"""Which command of the lab is wanted? Each that needs a network gets namespaces of its own first."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
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
        namespaces.enter(["-m", "tests.lab", *sys.argv[1:]])
        status: int = {"run": _run, "shell": _shell, "bench": _bench}[options.command](options)
        return status
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
    shell = commands.add_parser("shell", help="a shell, or -- COMMAND, in a host of a running clinic")
    shell.add_argument("host")
    shell.add_argument("--scenario", default="healthy", metavar="NAME")
    bench = commands.add_parser("bench", help="measure the lab itself")
    bench.add_argument("what", choices=["wire"])
    return parser


def _list() -> int:
    from tests.lab import scenarios

    for name in scenarios.names():
        scenario = scenarios.load(name)
        print(f"{name:<20} {scenario.expect.verdict:<20} {scenario.title}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from tests.lab import running, scenarios

    names = scenarios.names() if options.names == ["all"] else options.names
    keep = options.keep_json
    right = running.run_all(names, times=options.times, unprivileged=options.unprivileged, keep=keep)
    return 0 if right else 1


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


def _bench(_: argparse.Namespace) -> int:
    from tests.lab import bench_wire

    return bench_wire.main()


if __name__ == "__main__":
    sys.exit(main())
