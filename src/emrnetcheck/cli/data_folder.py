"""Where does this program keep data?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

DATA_ENVIRONMENT_NAME = "EMRNETCHECK_DATA"


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """$EMRNETCHECK_DATA, else the platform's folder for a user's data."""
    given = environ.get(DATA_ENVIRONMENT_NAME)
    return Path(given) if given else Path(platformdirs.user_data_dir("emrnetcheck", appauthor=False))
