"""When does a fault deserve a mail? Each check goes ok -> suspect -> confirmed -> recovered. Pure.

A report becomes a `Judged` (`report.judged`). `step` takes the state and gives the next one, with what is to be mailed;
both are to be kept in one go (`to_json`, `from_json`). `wants_retest` tells when a run is wanted sooner than planned.
"""

from __future__ import annotations

from emrnetcheck.alerting.kept import from_json, to_json
from emrnetcheck.alerting.posted import with_mail
from emrnetcheck.alerting.retest import retest_checks, wants_retest
from emrnetcheck.alerting.standing import standing
from emrnetcheck.alerting.state import AlertState
from emrnetcheck.alerting.step import step

__all__ = ["AlertState", "from_json", "retest_checks", "standing", "step", "to_json", "wants_retest", "with_mail"]
