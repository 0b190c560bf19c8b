"""Did the clinic get another name in its settings file? Then what was under way goes on under the new one."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.data_folder import data_folder

if TYPE_CHECKING:
    from emrnetcheck.model import Site

FILE_NAME = "names.json"
"""In the data folder: which name each settings file had when it was used last. A shared database has other clinics in
it, so that an old name is known as ours only from here."""
_MAX_BYTES = 100_000


def go_on_under_its_name(site: Site, config: Path | None, tell: Callable[[str], None]) -> None:
    """Before anything is done under this name. What goes wrong is told; the next one tries again.

    config: the settings file as it was named; None: where it is usually.
    """
    from emrnetcheck.store import NothingStoredError, StoreError

    folder, file = data_folder(), _whole_path(config)
    if site.history_url is None and not folder.exists():
        return  # nothing was ever kept here
    names = _names(folder / FILE_NAME)
    old = names.get(file)
    if old == site.name:
        return
    if old is not None:
        alone = _is_its_own(old, site, [name for path, name in names.items() if path != file])
        try:
            _go_on(site, old, runs=alone)
        except NothingStoredError:
            pass
        except StoreError as error:
            tell(f'What was under way for "{old}", the name before, waits: {error}')
            return
        else:
            went = "its runs, its alarms and the mail that waits go" if alone else "what waits and open alarms go"
            tell(f'The clinic is called "{site.name}" now: {went} on under this name.')
            if not alone:
                tell(f'Runs stay under "{old}", since others may have that name: no report compares with them.')
    _write(folder, {**names, file: site.name}, tell)


def _is_its_own(old: str, site: Site, of_others: Collection[str]) -> bool:
    """Whether the runs under the old name are this clinic's for certain. In a database that others write into, all
    clinics have the same name until somebody gives them one."""
    shared_unnamed = site.history_url is not None and old == type(site)().name
    return old not in of_others and not shared_unnamed


def _go_on(site: Site, old: str, *, runs: bool) -> None:
    from emrnetcheck.cli.history.asking import opened
    from emrnetcheck.schedule.due import CLOCK_WAS_WRONG
    from emrnetcheck.store.renaming import go_on

    with opened(site):  # never to make one: then nothing waits in it
        pass
    now = datetime.now(UTC)
    with opened(site, write=True) as history:
        go_on(history, old, site.name, now, now + CLOCK_WAS_WRONG, runs=runs)


def _whole_path(config: Path | None) -> str:
    from emrnetcheck.config import find_file

    found = find_file(config)
    return "" if found is None else str(found.absolute())


def _names(file: Path) -> dict[str, str]:
    """What cannot be read is as if it had never been written."""
    try:
        with file.open("rb") as reading:
            told = json.loads(reading.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return {path: name for path, name in told.items() if isinstance(name, str)} if isinstance(told, dict) else {}


def _write(folder: Path, names: dict[str, str], tell: Callable[[str], None]) -> None:
    from emrnetcheck.cli.schedule.record import make_folder, replace_file

    try:
        make_folder(folder, None)
        replace_file(folder / FILE_NAME, (json.dumps(names, indent=2) + "\n").encode(), mode=0o600)
    except OSError as error:
        tell(f"{folder / FILE_NAME} cannot be written: {error.strerror}. Do not rename the clinic before it can.")
