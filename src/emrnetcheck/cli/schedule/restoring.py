"""What was installed before, and how is it put back where installing again fails? A schedule that works is not lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.schedule.record import Made, Record, sha256

if TYPE_CHECKING:
    from emrnetcheck.cli.schedule.machine import Machine
    from emrnetcheck.schedule.job import Plan

GOES_ON = "What was installed before is back, and goes on as before."
_LOST = "What was installed before could not be put back whole, so it may be that nothing is done by itself now. {why}"


@dataclass(frozen=True, slots=True)
class Before:
    """record, plan: of what is installed, None: nothing is. files: what is in its files, by their paths.

    crontab: as it is; None: it is not touched.
    """

    record: Record | None = None
    plan: Plan | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    crontab: str | None = None

    def made(self) -> tuple[Made, ...]:
        """All that is there, as it stands in a record."""
        return tuple(Made(path, sha256(content)) for path, content in self.files.items())

    def moved(self, plan: Plan) -> list[Path]:
        """Its files that this plan has elsewhere: the folder for settings is another one since."""
        there = {file.path for file in plan.files}
        return [Path(path) for path in self.files if path not in there]


def put_back(machine: Machine, failed: Plan, before: Before) -> str:
    """Take away what this plan has written, and have it as it was; what came of that, as a sentence."""
    from emrnetcheck.cli.schedule.record import RecordError, write_record
    from emrnetcheck.model import Failure
    from emrnetcheck.net.host_scheduler import run

    assert before.record is not None
    assert before.plan is not None
    for argv in failed.deactivate:
        run(argv)
    wrong = [*_files_back(failed, before), *_crontab_back(machine, before)]
    try:
        write_record(machine.data_folder, before.record, owner=machine.owner())
    except RecordError as error:
        wrong.append(str(error))
    for argv in before.plan.activate:
        answer = run(argv)
        if isinstance(answer, Failure):
            wrong.append(f"{' '.join(argv)}: {answer.in_words()}.")
            break
    return _LOST.format(why=" ".join(wrong)) if wrong else GOES_ON


def _files_back(failed: Plan, before: Before) -> list[str]:
    from emrnetcheck.cli.schedule.record import make_folder, replace_file

    wrong = []
    for path in [Path(file.path) for file in failed.files if file.path not in before.files]:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            wrong.append(f"{path} cannot be deleted: {error.strerror}.")
    for path, content in [(Path(path), content) for path, content in before.files.items()]:
        try:
            make_folder(path.parent, None)
            replace_file(path, content, mode=0o644)
        except OSError as error:
            wrong.append(f"{path} cannot be written: {error.strerror}.")
    return wrong


def _crontab_back(machine: Machine, before: Before) -> list[str]:
    from emrnetcheck.net.host_scheduler import crontab, write_crontab

    if before.crontab is None or crontab() == before.crontab:
        return []
    failed = write_crontab(before.crontab, machine.data_folder)
    return [] if failed is None else [f"The crontab cannot be written: {failed.in_words()}."]
