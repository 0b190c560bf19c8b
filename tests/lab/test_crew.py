"""Is each job's own answer what its test gets, also when one before it fails or takes its worker along?"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.lab.crew import Done, Job, Worker, WorkerError, serve

SERVES = """
import os, sys
from tests.lab.crew import serve
def run(words):
    print("said", *words)
    if words == ["die"]:
        os.write(2, b"the last words")
        os._exit(7)
    return 5
serve(run, lambda: None, sys.stdin, sys.stdout)
"""

ROOT = Path(__file__).resolve().parents[2]
MODULE = """
import os, sys
if __name__ == "__main__":
    print(*sys.argv[1:], os.environ)
    sys.exit(sys.argv[1] if sys.argv[1] == "words" else int(sys.argv[1]))
"""


def test_what_fails_is_told_and_the_next_job_is_done_all_the_same() -> None:
    tidied: list[int] = []

    def run(words: Sequence[str]) -> int:
        print("said", *words)
        if words == ["bad"]:
            raise ValueError("an error of the lab")
        return 1

    asked = io.StringIO("".join(json.dumps([word]) + "\n" for word in ("bad", "good")))
    answers = io.StringIO()
    serve(run, lambda: tidied.append(1), asked, answers)
    bad, good = (Done(**json.loads(line)) for line in answers.getvalue().splitlines())
    assert bad.status == 2
    assert "ValueError: an error of the lab" in bad.said
    assert good == Done(1, "said good\n")
    assert len(tidied) == 2


def test_a_worker_that_dies_is_an_error_of_its_job_alone() -> None:
    worker = Worker([sys.executable, "-c", SERVES])
    try:
        assert worker.run(Job(("first",))) == Done(5, "said first\n")
        with pytest.raises(WorkerError, match="ended with 7: the last words"):
            worker.run(Job(("die",)))
        assert worker.run(Job(("second",))) == Done(5, "said second\n")
    finally:
        worker.close()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the lab needs Linux")
@pytest.mark.parametrize(("argument", "status"), [("0", 0), ("3", 3), ("words", 1)])
def test_a_copy_runs_a_module_as_python_does(tmp_path: Path, argument: str, status: int) -> None:
    """In a process of one thread, as the lab is."""
    (tmp_path / "what_it_is.py").write_text(MODULE)
    place = "copies.Place(lambda: None, Path('log'), {'ONLY': 'this'}, errors=Path('errors'))"
    script = f"copy = copies.start(['what_it_is', {argument!r}], {place})\nprint(copy.wait(30), copy.poll())"
    head = "from pathlib import Path\nfrom tests.lab import copies\n"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    argv = [sys.executable, "-c", head + script]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{status} {status}\n"
    assert (tmp_path / "log").read_text().startswith(f"{argument} environ({{'ONLY': 'this'}})")
    assert (tmp_path / "errors").read_text() == ("words\n" if argument == "words" else "")
