"""How is a report made fit to be shown to strangers? A redacted copy, or none at all.

Nothing is hidden by looking for what is known to be secret: each field of the evidence is listed with what may stay of
it (`fields`), and of a sentence only the program's own words, numbers and pseudonyms stay (`scrub`). What nobody listed
makes the whole copy fail. Then every output is searched for everything that was replaced (`leaking`).
"""

from __future__ import annotations

from emrnetcheck.reports.sharing.copying import Shared, Speech, redacted, shared
from emrnetcheck.reports.sharing.fields import NotShareable
from emrnetcheck.reports.sharing.leaking import Secrets, leaks

__all__ = ["NotShareable", "Secrets", "Shared", "Speech", "leaks", "redacted", "shared"]
