"""The walls between the rooms stand, and the light commands stay light."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = (
    "sqlalchemy",
    "alembic",
    "pydantic",
    "scapy",
    "dns",
    "speedtest",
    "psutil",
    "rich.console",
    "jinja2",
    "css_inline",
    "matplotlib",
    "emrnetcheck.checks",
    "emrnetcheck.net",
)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_imports_go_down_only() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]], ids=" ".join)
def test_what_measures_nothing_loads_nothing(arguments: list[str]) -> None:
    code = f"""
import sys
from emrnetcheck.__main__ import main
try:
    main({arguments!r})
except SystemExit as end:
    assert end.code in (0, None), end.code
loaded = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit("loaded: " + ", ".join(loaded) if loaded else 0)
"""
    ran = python("-c", code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


def test_a_check_loads_no_socket() -> None:
    ran = python(
        "-c", "import sys, emrnetcheck.checks; sys.exit('socket' in sys.modules or 'emrnetcheck.net' in sys.modules)"
    )
    assert ran.returncode == 0, ran.stderr


SOURCE = ROOT / "src" / "emrnetcheck"
MIGRATIONS = {
    file.relative_to(SOURCE).as_posix() for file in (SOURCE / "store" / "migrations" / "versions").glob("r*.py")
}

# Each of these is used in few modules of net/, so that its licence, its start-up time and its faults stay there.
GUARDED = {
    "scapy": {"net/arp.py", "net/makers.py", "net/syn_sniff.py"},
    "speedtest": {"net/speedtest_list.py"},
    "psutil": {
        "net/card.py",
        "net/ddns_clients.py",
        "net/host.py",
        "net/host_scheduler.py",
        "net/listeners.py",
        "net/received.py",
        "net/routes.py",
    },
    "dns": {"net/dns.py", "net/dns_records.py", "net/dns_transport.py", "net/lookup.py", "net/doh.py"},
    "smtplib": {"net/smtp_session.py"},
    "keyring": {"net/keyrings.py"},
    "defusedxml": {"net/upnp_xml.py"},
    "starlette": {"responder/answers.py", "responder/app.py", "responder/transfers.py"},
    "uvicorn": {"responder/protocol.py", "responder/server.py"},
    "sqlalchemy": {
        "store/alerts.py",
        "store/claims.py",
        "store/faults.py",
        "store/history.py",
        "store/opening.py",
        "store/outbox.py",
        "store/renaming.py",
        "store/pruning.py",
        "store/tables.py",
        "store/unsent.py",
        *MIGRATIONS,
    },
    "alembic": {
        "store/opening.py",
        "store/migrations/env.py",
        *MIGRATIONS,
    },
    "jinja2": {"reports/html/base.py"},
    "markupsafe": {"reports/html/base.py"},
    "css_inline": {"reports/html/letters.py"},
    "cryptography": {"net/certificates.py", "responder/certificate.py"},
}


@functools.cache
def imported(file: Path) -> set[str]:
    """Top packages that a module imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", GUARDED)
def test_guarded_packages_are_imported_where_they_belong(package: str) -> None:
    users = {file.relative_to(SOURCE).as_posix() for file in SOURCE.rglob("*.py") if package in imported(file)}
    assert users
    assert users <= GUARDED[package]


@pytest.mark.parametrize("room", ["checks", "evidence", "judging.py", "diagnosis.py"])
def test_judging_reads_no_file_no_clock_and_no_environment(room: str) -> None:
    where = ROOT / "src" / "emrnetcheck" / room
    files = [where] if where.is_file() else list(where.rglob("*.py"))
    assert files
    for file in files:
        assert not imported(file) & {"os", "io", "pathlib", "datetime", "time", "random", "asyncio", "subprocess"}, file
