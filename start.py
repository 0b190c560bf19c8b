"""What is needed to run emrnetcheck, or its tests, on a machine that has only Python and git? This prepares it.

    python3 start.py [arguments of emrnetcheck]        (Windows: py start.py ...)
    python3 start.py test [--lab] [arguments of pytest]

Everything goes into .venv beside this file (or into $EMRNETCHECK_VENV); nothing else on the machine is changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import venv
from pathlib import Path
from subprocess import STDOUT
from typing import IO

HERE = Path(__file__).resolve().parent
OLDEST = (3, 11)
# What emrnetcheck itself answers when it could not measure: nothing is known of the network.
COULD_NOT_TELL = 3
FAILED = 1
INTERRUPTED = 130
LOCKS = {"run": ("run.txt", "build.txt"), "dev": ("dev.txt", "build.txt")}
PREPARING = "Preparing emrnetcheck: downloading and installing its parts. Only the first start takes this minute ..."
UNPRIVILEGED = ["unshare", "--user", "--map-root-user", "--net", "--mount", "true"]
PROBES = "tests/probes"
CRON = "tests/schedule/test_cron_for_real.py"
MEMORY = Path(".pytest_cache")
# More than so many tests that fail, about one of a hundred of the lab's, are no accident of a busy machine.
AGAIN_MAX = 6
# A program of each Debian package that the lab needs.
LAB_TOOLS = {
    "nft": "nftables",
    "named": "bind9",
    "dig": "bind9-dnsutils",
    "named-checkzone": "bind9-utils",
    "dnsmasq": "dnsmasq-base",
    "turnserver": "coturn",
    "iperf3": "iperf3",
    "ip": "iproute2",
    "unshare": "util-linux",
    "openssl": "openssl",
    "ethtool": "ethtool",
    "ping": "iputils-ping",
    "gcc": "gcc libc6-dev",
    "tmux": "tmux",
    "nginx": "nginx-light",
    "curl": "curl",
    "ps": "procps",
    "fping": "fping",
    "chromium": "chromium fonts-liberation",
    "pdftotext": "poppler-utils",
    "miniupnpd": "miniupnpd miniupnpd-nftables",
    "inadyn": "inadyn",
    "ddclient": "ddclient",
    "tomcat10-instance-create": "tomcat10-user default-jre-headless",
    "mariadbd": "mariadb-server-core",
    "pg_createcluster": "postgresql",
    "cron": "cron",
    "systemd-analyze": "systemd",
}


class StartError(Exception):
    """Something that the person at the keyboard can mend; the message says how."""


def main(arguments: list[str]) -> int:
    """Prepare, then run what was asked for."""
    if sys.version_info[:2] < OLDEST:
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        tell(
            f"emrnetcheck needs Python 3.11 or newer, and this is Python {found}. Install a newer one, then try again."
        )
        return COULD_NOT_TELL
    testing = arguments[:1] == ["test"]
    try:
        if testing:
            return run_tests(arguments[1:])
        return run_program(prepared("run"), arguments)
    except StartError as error:
        tell(str(error))
        return FAILED if testing else COULD_NOT_TELL
    except KeyboardInterrupt:
        tell("Interrupted.")
        return INTERRUPTED


def tell(text: str) -> None:
    """Talk goes to stderr: stdout is for the report alone."""
    print(text, file=sys.stderr, flush=True)


def program_arguments(arguments: list[str]) -> list[str]:
    """Options alone mean `run`, the main job; a word first is a command of its own."""
    if arguments and (not arguments[0].startswith("-") or arguments[0] in ("--version", "--help")):
        return arguments
    return ["run", *arguments]


def run_program(python: Path, arguments: list[str]) -> int:
    """emrnetcheck, with its exit status passed on."""
    command = [str(python), "-P", "-m", "emrnetcheck", *program_arguments(arguments)]
    environ = dict(os.environ)
    # The report names the command to type next, and on this machine that is this file.
    environ.setdefault("EMRNETCHECK_COMMAND", ("py " if os.name == "nt" else "python3 ") + sys.argv[0])
    if os.name != "nt":
        # In place of this process, so that signals reach the program itself.
        os.execve(python, command, environ)
    return status_of(command, environ)


def status_of(command: list[str], environ: dict[str, str] | None = None, output: IO[bytes] | None = None) -> int:
    """Run it to its end, its words to the output. Ctrl-C reaches the child as well: its own answer to it counts."""
    with subprocess.Popen(command, env=environ, stdout=output, stderr=None if output is None else STDOUT) as child:
        while True:
            try:
                status = child.wait()
                return status if status >= 0 else 128 - status
            except KeyboardInterrupt:
                continue


Steps = dict[str, list[str]]


def run_tests(arguments: list[str]) -> int:
    """Every check that a change has to pass. Says plainly what was left out."""
    lab = "--lab" in arguments
    if lab:
        require_lab()
    python = prepared("dev")
    os.chdir(HERE)
    # The tests start Python and the program some hundred times: to compile both takes a third of a start. Not beside
    # the sources: what root writes there, nobody else can delete.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(HERE / MEMORY / "compiled")
    steps: Steps = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format --check": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy", "src", "tests", "start.py"],
        "lint-imports": ["-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-logo"],
    }
    chosen = [each for each in arguments if each != "--lab"]
    if lab and not chosen:
        # What probes are tested by waits for most of its time, and so does a real cron: a second one beside the lab.
        probes = {"pytest, the probes": remembering("probes", "not lab", PROBES)}
        cron = {"pytest, a real cron": remembering("cron", "lab", CRON)}
        others = {"pytest, without the lab and the probes": remembering("others", "not lab", f"--ignore={PROBES}")}
        in_lab = {"pytest, in the lab": remembering("lab", "lab and not alone", f"--ignore={CRON}")}
        failed = failures_side_by_side(python, [steps | others, probes | cron], in_lab)
        # Its figures would be others on a busy machine.
        alone = {"pytest, in the lab, alone": remembering("alone", "lab and alone")}
        failed += failures(python, alone)
        failed = failures_again(python, others | probes | cron | in_lab | alone, failed)
    else:
        failed = failures(python, steps | {"pytest": ["-m", "pytest", *([] if lab else ["-m", "not lab"]), *chosen]})
    if not lab:
        tell("Not run: the tests in the clinic lab. They need Linux and more (see README.md): start.py test --lab")
    tell(f"FAILED: {', '.join(failed)}" if failed else "Everything that was run has passed.")
    return FAILED if failed else 0


def failures(python: Path, steps: Steps) -> list[str]:
    """The names of the steps that fail, of all, one after the other."""
    failed = []
    for name, command in steps.items():
        tell(f"== {name}")
        if status_of([str(python), *command]) != 0:
            failed.append(name)
    return failed


def failures_side_by_side(python: Path, quiet: list[Steps], seen: Steps) -> list[str]:
    """As failures, of all at once: each waits a lot. What the quiet ones say comes when they are done."""
    failed: list[str] = []
    with contextlib.ExitStack() as files:
        said = [files.enter_context(tempfile.TemporaryFile()) for _ in quiet]

        def beside(steps: Steps, output: IO[bytes]) -> None:
            for name, command in steps.items():
                output.write(f"== {name}\n".encode())
                output.flush()
                if status_of([str(python), *command], output=output) != 0:
                    failed.append(name)

        others = [threading.Thread(target=beside, args=each) for each in zip(quiet, said, strict=True)]
        for other in others:
            other.start()
        failed_here = failures(python, seen)
        for other, output in zip(others, said, strict=True):
            other.join()
            output.seek(0)
            tell(output.read().decode(errors="replace").rstrip())
    return failed + failed_here


def remembering(name: str, marked: str, *where: str) -> list[str]:
    """The tests so marked; which of them failed stays in a folder of this step alone."""
    return ["-m", "pytest", "-o", f"cache_dir={MEMORY / name}", "-m", marked, *where]


def failures_again(python: Path, steps: Steps, failed: list[str]) -> list[str]:
    """What still fails when the few tests that failed are run once more, with nothing beside them.

    Hundreds of labs side by side can starve a test that waits for an answer. Whatever passed only so is named.
    """
    still = []
    for name in failed:
        tests = remembered(steps[name]) if name in steps else []
        again = ["--last-failed", "--last-failed-no-failures=none"]
        if not 0 < len(tests) <= AGAIN_MAX or failures(python, {f"{name}, once more": [*steps[name], *again]}):
            still.append(name)
            continue
        tell(f"Passed only when run once more, with nothing beside: {', '.join(tests)}. Look at what they said above.")
    return still


def remembered(step: list[str]) -> list[str]:
    """The tests of this step that failed; none where pytest itself did not come so far."""
    cache = next(each.removeprefix("cache_dir=") for each in step if each.startswith("cache_dir="))
    try:
        return list(json.loads((HERE / cache / "v/cache/lastfailed").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def require_lab() -> None:
    """The lab's parts, or an error that names what is missing: a test that cannot run is never passed over."""
    if not sys.platform.startswith("linux"):
        raise StartError("The clinic lab needs Linux (network namespaces). Without --lab the other tests run here too.")
    where = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = [package for tool, package in LAB_TOOLS.items() if shutil.which(tool, path=where) is None]
    if missing:
        raise StartError(f"The clinic lab needs Debian packages: apt-get install {' '.join(missing)}")
    probe = ["unshare", "--net", "--mount", "true"] if os.geteuid() == 0 else UNPRIVILEGED
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        raise StartError("The clinic lab needs root, or a system that lets users make network namespaces.")


def prepared(kind: str) -> Path:
    """The Python of an environment that holds this project and what the lock `kind` names; installed where needed."""
    folder = Path(os.environ.get("EMRNETCHECK_VENV") or HERE / ".venv").absolute()
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / f"emrnetcheck-{kind}.stamp"
    wanted = fingerprint(kind)
    if python.exists() and stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return python
    if not works(python):
        refuse_foreign(folder)
        tell(PREPARING)
        make_environment(folder)
    else:
        tell(PREPARING)
    stamp.unlink(missing_ok=True)
    locks = [part for lock in LOCKS[kind] for part in ("-r", str(HERE / "requirements" / lock))]
    # Wheels only: building a source package would pull in parts that no lock pins.
    pip(python, "--require-hashes", "--only-binary", ":all:", *locks)
    pip(python, "--no-build-isolation", "--no-deps", "--editable", str(HERE))
    stamp.write_text(wanted, encoding="ascii")
    return python


def fingerprint(kind: str) -> str:
    """Changes when anything changes that an installation depends on."""
    files = [HERE / "pyproject.toml", *(HERE / "requirements" / lock for lock in LOCKS[kind])]
    seen = hashlib.sha256(f"{HERE} {sys.version}".encode())
    for file in files:
        seen.update(file.read_bytes())
    return seen.hexdigest()


def works(python: Path) -> bool:
    """Whether it is there, starts, is new enough and has pip (an upgrade of the system's Python can break it)."""
    test = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST})"
    try:
        return subprocess.run([str(python), "-c", test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def refuse_foreign(folder: Path) -> None:
    """A folder that holds something else is never emptied."""
    if folder.exists() and not (folder / "pyvenv.cfg").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise StartError(f"{folder} exists and is no Python environment. Name another folder in EMRNETCHECK_VENV.")


def make_environment(folder: Path) -> None:
    """A fresh virtual environment, in place of an old one that no longer works."""
    if importlib.util.find_spec("ensurepip") is None:
        raise StartError("This Python lacks its venv part. On Debian and Ubuntu: sudo apt-get install python3-venv")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartError(f"Could not make a Python environment in {folder}: {error}") from error


def pip(python: Path, *arguments: str) -> None:
    """Install, silently unless it fails."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        tell(done.stdout.strip())
        raise StartError(
            "Could not install the parts that emrnetcheck needs. Is this computer connected to the Internet? "
            "The lines above say what happened. Start it again once that is mended."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
