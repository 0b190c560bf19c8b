"""The program's entry: `emrnetcheck`, or `python -m emrnetcheck`."""

from __future__ import annotations

import sys

from emrnetcheck.cli.app import app_for, with_default_command
from emrnetcheck.cli.standard_output import OutputError, watched
from emrnetcheck.exit_status import ExitStatus


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    watched()
    try:
        status = _status(sys.argv[1:] if arguments is None else arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a refusal can still be told
    except OutputError as error:
        if error.closed:
            sys.exit(ExitStatus.OUTPUT_CLOSED)
        sys.stderr.write(f"Standard output could not be written: {error}.\n")
        sys.exit(ExitStatus.USAGE)
    sys.exit(status)


def _status(arguments: list[str]) -> int | str | None:
    try:
        meant = with_default_command(arguments)
        app_for(meant)(args=meant, prog_name="emrnetcheck")
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except SystemExit as end:
        return end.code
    return None


if __name__ == "__main__":
    main()
