"""How does the lab get network namespaces of its own, and how does a program run inside one of them?

The whole command re-executes itself in fresh namespaces, so names and processes vanish with it.
Two labs at once never meet, and the machine's own network is never touched.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.lab import copies, kernel

# The program is started some thousand times, and to compile it takes a third of a start. Not beside the sources: what
# root writes there, nobody else can delete.
COMPILED_ONCE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"emrnetcheck-lab-compiled-{os.getuid()}"),
}

_OUTSIDE = "EMRNETCHECK_LAB_OUTSIDE"  # names the network namespace that must have been left
_USER = "EMRNETCHECK_LAB_USER_NAMESPACE"
_SYSCTLS = Path("/proc/sys")
_RESOLV_CONF = Path("/etc/resolv.conf")

# Every host gets its own name files. ip-netns gives the private mount namespace they are bound in.
_BIND = 'mount --bind "$1" "$2" && shift 2 && '
# This machine's own DDNS clients are nobody's in the lab.
_HIDDEN_FILES = ("/etc/ddclient.conf", "/etc/default/ddclient", "/etc/inadyn.conf")
_HIDDEN_FOLDERS = ("/var/cache/ddclient", "/var/cache/inadyn")
_WITHOUT_CAPABILITIES = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--")


class Running(Protocol):
    """What there is to do with a program that was started."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class LabError(Exception):
    """The lab itself could not be built or run: says nothing about the program under test."""


def enter(arguments: Sequence[str]) -> None:
    """Return inside fresh namespaces, running `python ARGUMENTS` once more to get there; outside, exit as it did."""
    here = str(Path("/proc/self/ns/net").readlink())
    outside = os.environ.pop(_OUTSIDE, None)
    if outside is not None and outside != here:
        _settle()
        return
    for program in ("unshare", "ip", "nft", "ethtool", "setpriv"):
        if shutil.which(program, path=_search_path()) is None:
            raise LabError(f"{program} is missing (Debian: apt-get install util-linux iproute2 nftables ethtool)")
    # However this process dies, unshare dies with it, and takes process 1 and so everything inside along.
    unshare = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--mount-proc"]
    unshare += ["--fork", "--kill-child"]
    environment = {**os.environ, _OUTSIDE: here, "PATH": _search_path()}
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
        environment[_USER] = "1"
    with subprocess.Popen([*unshare, sys.executable, *arguments], env=environment) as inside:
        for ending in (signal.SIGTERM, signal.SIGHUP):  # unshare itself would wait for its child all the same
            signal.signal(ending, lambda *_: inside.kill())
        # Ctrl-C reaches the whole group: what is inside decides. (Not SIG_IGN: that would be inherited.)
        signal.signal(signal.SIGINT, lambda *_: None)
        status = inside.wait()
    sys.exit(status if status >= 0 else 128 - status)


def end_all() -> None:
    """Between two labs of one process: whatever the first has left running is killed, and forgotten."""
    if os.getpid() != 1:
        raise LabError("only the first process of its own namespace may end all others")
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def in_user_namespace() -> bool:
    """Whether root here is only a mapped user (one uid exists)."""
    return os.environ.get(_USER) == "1"


def _search_path() -> str:
    # A normal user's PATH on Debian lacks the folders of ip, nft and dnsmasq.
    return os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"


def _settle() -> None:
    """Give this process tree its own /run, where ip-netns keeps its names."""
    # As process 1 of its pid namespace it has no default actions for signals.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    target = _RESOLV_CONF.resolve()  # may point into /run, which is about to be hidden
    command(["mount", "-t", "tmpfs", "tmpfs", "/run"])
    Path("/run/netns").mkdir()
    for path in filter(os.path.exists, _HIDDEN_FILES):
        command(["mount", "--bind", "/dev/null", path])
    for path in filter(os.path.exists, _HIDDEN_FOLDERS):
        command(["mount", "-t", "tmpfs", "tmpfs", path])
    if not target.exists():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        except OSError as error:
            raise LabError(f"/etc/resolv.conf is needed as a place to bind each host's own: {error}") from error


def command(argv: Sequence[str], *, input: str | None = None, timeout_s: float = 30.0) -> str:
    """Run a building step and return its output; any failure is a LabError with what was said."""
    try:
        # Never this process's own input: a worker's next jobs are there.
        done = subprocess.run(argv, input=input or "", capture_output=True, text=True, timeout=timeout_s, check=False)
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]} is missing: .ci/run names the Debian packages that the lab needs") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise LabError(f"{shlex.join(argv)} ended with {done.returncode}: {said}")
    return done.stdout


def wait_for(predicate: Callable[[], bool], *, timeout_s: float, what: str, log: Path | None = None) -> None:
    """Poll until the predicate holds; a LabError names what never came, with the log's tail."""
    deadline = time.monotonic() + timeout_s
    while not predicate():
        if time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log is not None and log.exists() else "(no log)"
            raise LabError(f"waited {timeout_s:g} s for {what}; the log ends:\n{tail}")
        time.sleep(0.02)


@dataclass(slots=True)
class Host:
    """One network namespace, and the programs running in it."""

    name: str
    folder: Path
    _started: list[Running] = field(default_factory=list)
    _bound: list[tuple[Path, str]] = field(default_factory=list)

    @classmethod
    def create(cls, name: str, folder: Path, *, ipv6: bool) -> Host:
        """Make the namespace with lo up, ICMP datagram sockets allowed, and empty name files."""
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text("")
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n")
        host = cls(name=name, folder=folder)
        kernel.make_network(host.namespace)
        # Only mapped groups may be named: in a user namespace that is the one group 0.
        host.sysctl("net/ipv4/ping_group_range", "0 0" if in_user_namespace() else "0 2147483647")
        disabled = {f"net/ipv6/conf/{kind}/disable_ipv6": "0" if ipv6 else "1" for kind in ("all", "default", "lo")}
        # At 1 a bridge un-NATs replies, and a broken hairpin looks fine.
        host.optional_sysctls({**disabled, "net/bridge/bridge-nf-call-iptables": "0"})
        host.ip("link set lo up")
        return host

    @property
    def namespace(self) -> Path:
        """As `ip -n` finds it."""
        return Path("/run/netns") / self.name

    def sysctl(self, path: str, value: str) -> None:
        """Write below /proc/sys as this namespace sees it."""
        with kernel.inside(self.namespace):
            try:
                (_SYSCTLS / path).write_text(value)
            except OSError as error:
                raise LabError(f"{self.name}: {path} = {value}: {error}") from error

    def optional_sysctls(self, values: Mapping[str, str]) -> None:
        """As sysctl, for those that may not exist."""
        with kernel.inside(self.namespace):
            there = [path for path in values if (_SYSCTLS / path).exists()]
        for path in there:
            self.sysctl(path, values[path])

    def ip(self, arguments: str) -> str:
        """`ip ARGUMENTS` inside this namespace."""
        return self.command(["ip", *shlex.split(arguments)])

    def nft(self, rules: str) -> None:
        """Load nftables rules (one statement per line: nft 1.0.6 needs that)."""
        self.command(["nft", "-f", "-"], input=rules)

    def command(self, argv: Sequence[str], *, input: str | None = None) -> str:
        """As the function command, in this namespace, but with the lab's own files."""
        with kernel.inside(self.namespace):
            return command(argv, input=input)

    def name_server(self, *addresses: str) -> None:
        """Write this host's resolv.conf in place, since running programs have it mounted."""
        (self.folder / "resolv.conf").write_text("".join(f"nameserver {each}\n" for each in addresses))

    def bind(self, source: Path, target: str) -> None:
        """From now on, programs of this host see the file or folder `source` where `target` is."""
        if not Path(target).exists():
            raise LabError(f"{target} is needed as a place to bind a host's own: its Debian package makes it")
        self._bound.append((source, target))

    def bound(self) -> list[tuple[Path, str]]:
        """What its programs see where: its own name files, and more."""
        names = [(self.folder / "resolv.conf", "/etc/resolv.conf"), (self.folder / "hosts", "/etc/hosts")]
        return [*names, *self._bound]

    def argv(self, argv: Sequence[str | Path], *, unprivileged: bool = False) -> list[str]:
        """The command line that runs ARGV in this host; unprivileged takes every capability away."""
        wrapped = [*(_WITHOUT_CAPABILITIES if unprivileged else ()), *map(str, argv)]
        bound = self.bound()
        places = [str(path) for pair in bound for path in pair]
        script = _BIND * len(bound) + 'exec "$@"'
        return ["ip", "netns", "exec", self.name, "sh", "-c", script, "sh", *places, *wrapped]

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        timeout_s: float = 30.0,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        unprivileged: bool = False,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end and capture both outputs; a time-out or (with check) a failure is a LabError."""
        full = self.argv(argv, unprivileged=unprivileged)
        with subprocess.Popen(
            full,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(env),
            cwd=cwd,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(input, timeout=timeout_s)
            except subprocess.TimeoutExpired as error:
                kill_group(process)
                out, err = process.communicate()
                words = shlex.join(map(str, argv))
                raise LabError(f"{self.name}: {words} did not end in {timeout_s:g} s:\n{out}\n{err}") from error
            except BaseException:
                kill_group(process)
                raise
        if check and process.returncode != 0:
            words = shlex.join(map(str, argv))
            raise LabError(f"{self.name}: {words} ended with {process.returncode}:\n{out}\n{err}")
        return subprocess.CompletedProcess(full, process.returncode, out, err)

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        log: str,
        env: Mapping[str, str] | None = None,
        unprivileged: bool = False,
        cwd: Path | None = None,
    ) -> Running:
        """Start a daemon writing both outputs to folder/LOG; it dies with the lab.

        Where that is `python -m` with a module of the lab, it is a copy of this process: a quarter of all that a clinic
        costs is Python that loads the same modules once more.
        """
        if argv[:2] == [sys.executable, "-m"] and str(argv[2]).startswith("tests.lab.") and not unprivileged:
            place = copies.Place(self._settle, self.folder / log, self.environment(env), cwd=cwd)
            self._started.append(copies.start([str(word) for word in argv[2:]], place))
            return self._started[-1]
        with (self.folder / log).open("ab") as output:
            process = subprocess.Popen(
                self.argv(argv, unprivileged=unprivileged),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment(env),
                cwd=cwd,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def run_copy(
        self, words: Sequence[str], *, timeout_s: float, env: Mapping[str, str], cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """As run (`python -m WORDS`, without check), but as a copy of this process; see copies.py."""
        output, errors = self.folder / "copy-output", self.folder / "copy-errors"
        copy = self.start_copy(words, output=output, errors=errors, env=env, cwd=cwd)
        try:
            status = copy.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            kill_group(copy)
            copy.wait()
            said = output.read_text(errors="replace") + errors.read_text(errors="replace")
            raise LabError(f"{self.name}: {shlex.join(words)} did not end in {timeout_s:g} s:\n{said}") from error
        except BaseException:
            kill_group(copy)
            raise
        return subprocess.CompletedProcess(words, status, output.read_text(), errors.read_text())

    def start_copy(
        self,
        words: Sequence[str],
        *,
        output: Path,
        errors: Path,
        env: Mapping[str, str],
        unprivileged: bool = False,
        cwd: Path | None = None,
    ) -> copies.Copy:
        """Begin what run_copy runs to its end; it dies with the lab. unprivileged takes every capability away."""
        for file in (output, errors):
            file.write_text("")
        settle = self._settle_without_capabilities if unprivileged else self._settle
        place = copies.Place(settle, output, self.environment(env), errors=errors, cwd=cwd)
        copy = copies.start(words, place)
        self._started.append(copy)
        return copy

    def _settle(self) -> None:
        kernel.enter(self.namespace)
        kernel.own_mounts(self.bound())

    def _settle_without_capabilities(self) -> None:
        self._settle()
        kernel.give_up_capabilities()

    def wait_for(self, predicate: Callable[[], bool], *, timeout_s: float, what: str, log: str | None = None) -> None:
        """As the function wait_for, naming this host and showing the tail of its log LOG."""
        wait_for(
            predicate,
            timeout_s=timeout_s,
            what=f"{what} in host {self.name}",
            log=self.folder / log if log is not None else None,
        )

    def listening(self, port: int, *, protocol: str = "tcp") -> bool:
        """Whether something listens on the port, read from the kernel's tables without touching it."""
        with kernel.inside(self.namespace):
            return port in kernel.listening_ports(protocol)

    def close(self) -> None:
        """Kill what was started and whatever it left behind, then forget the namespace."""
        for process in self._started:
            if process.poll() is None:  # else its number may be another's by now
                kill_group(process)
                process.wait()
        self._started.clear()
        for pid in kernel.inhabitants(self.namespace):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        kernel.forget_network(self.namespace)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a program in this host gets: little is inherited, and HOME is the scratch folder."""
        inherited = {key: os.environ[key] for key in ("PATH", "LANG", "TERM") if key in os.environ}
        return {**inherited, "HOME": str(self.folder), **(extra or {})}


def kill_group(process: Running) -> None:
    """Kill a process started in its own session together with its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
