"""How does the summary of a watch get into the history?

First as a JSON file of its own, for this user only: that is quick, and needs nothing. Then the history takes in all
such files, those of older versions too. Where it cannot be used, they stay, the last hundred.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emrnetcheck.cli.data_folder import data_folder

if TYPE_CHECKING:
    from emrnetcheck.model import Site
    from emrnetcheck.store.history import History

KEPT = 100
_PREFIX, _SUFFIX = "watch-", ".json"


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Beside what else this program keeps."""
    return data_folder(environ) / "watch"


def save(data: Mapping[str, Any], began_unix_s: float, place: Path) -> Path | str:
    """The file that the summary is in now; or why it could not be saved: a sentence. Older ones than the last go."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        began = datetime.fromtimestamp(began_unix_s, UTC)
        file = place / f"{_PREFIX}{began:%Y%m%dT%H%M%S}-{os.getpid()}{_SUFFIX}"
        beside = file.with_suffix(".new")
        # Never readable for others, not even for a moment: it names addresses of the office.
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(data, out, allow_nan=False, indent=1)
            out.write("\n")
        beside.replace(file)
        saved = sorted(place.glob(f"{_PREFIX}*{_SUFFIX}"))
        for old in saved[: max(0, len(saved) - KEPT)]:
            old.unlink(missing_ok=True)
    except OSError as error:
        return f"The summary could not be saved: {error.strerror or error}."
    return file


def take_in(site: Site, place: Path) -> str | None:
    """All that is in the folder goes into the history. None: done; else why not, a sentence."""
    from emrnetcheck.cli.keeping import place as history_place
    from emrnetcheck.store import StoreError
    from emrnetcheck.store.history import History

    try:
        with History.opened(history_place(site), write=True) as history:
            for file in sorted(place.glob(f"{_PREFIX}*{_SUFFIX}")):
                _take(history, file, site.name)
    except StoreError as error:
        return str(error)
    return None


def _take(history: History, file: Path, site: str) -> None:
    from emrnetcheck.reports.watches import NotAWatchError, past_watch

    try:
        text = file.read_text(encoding="utf-8")
        watch = past_watch(file.stem, site, text)
    except (OSError, ValueError, NotAWatchError):
        return  # not ours, or cut off: it stays where it is, for somebody to look at
    history.save_watch(watch, text)
    try:
        file.unlink(missing_ok=True)
    except OSError:
        pass  # it is in the history under its name, and would not be taken in twice
