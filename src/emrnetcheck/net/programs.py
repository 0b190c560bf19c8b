"""What does a program of the operating system print?"""

from __future__ import annotations

import os
import subprocess

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify, clean


def output_of(argv: list[str], *, timeout_s: float = 3.0) -> str | Failure:
    """Standard output of a program that only reads; UNSUPPORTED where it does not exist, OTHER where it fails."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            # The parsers know the English words.
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return Failure(FailureKind.TIMEOUT, "run", argv[0])
    except FileNotFoundError:
        return Failure(FailureKind.UNSUPPORTED, "run", argv[0], "there is no such program")
    except OSError as error:
        return classify(error, "run", argv[0])
    if done.returncode != 0:
        return Failure(FailureKind.OTHER, "run", argv[0], clean(done.stderr.decode(errors="replace")))
    return done.stdout.decode(errors="replace")
