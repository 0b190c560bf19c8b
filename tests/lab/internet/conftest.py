"""A running lab Internet for the tests beside this file."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.internet import InternetPlan
from tests.lab.internet.internet import Internet, start_internet
from tests.lab.internet.trial_host import TrialHost


@dataclass(frozen=True, slots=True)
class Running:
    host: TrialHost
    internet: Internet


Starter = Callable[[InternetPlan], Running]


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Fail, with the reason, where namespaces are not to be had: a lab that was asked for and cannot run is no pass."""
    try:
        done = subprocess.run(
            ["unshare", "--net", "--mount", "--map-root-user", "true"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.fail("unshare (util-linux) is not installed")
    if done.returncode != 0:
        pytest.fail(f"no network namespaces here: {done.stderr.strip()}")


@pytest.fixture(scope="module")
def start(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    hosts: list[TrialHost] = []
    numbers = itertools.count()

    def starter(plan: InternetPlan) -> Running:
        folder: Path = tmp_path_factory.mktemp("internet") / str(next(numbers))
        host = TrialHost.create(folder)
        hosts.append(host)
        return Running(host, start_internet(host, plan, folder / "world"))

    yield starter
    for host in hosts:
        host.close()


@pytest.fixture(scope="module")
def healthy(start: Starter) -> Running:
    return start(InternetPlan(address="21.99.0.10"))
