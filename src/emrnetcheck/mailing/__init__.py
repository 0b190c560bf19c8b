"""What do mail servers mean by what they say, and what do the large providers want? Tables, in plain words.

Pure: a reply in, a sentence of what happened and one of what to do out. Each row names where it is from.
"""

from __future__ import annotations

from emrnetcheck.mailing.meaning import RULES, Fate, Meaning, meaning_of
from emrnetcheck.mailing.providers import (
    PROVIDERS,
    Provider,
    provider_of,
    provider_of_mailbox,
    takes_no_password,
)
from emrnetcheck.mailing.rules import Rule

__all__ = [
    "PROVIDERS",
    "RULES",
    "Fate",
    "Meaning",
    "Provider",
    "Rule",
    "meaning_of",
    "provider_of",
    "provider_of_mailbox",
    "takes_no_password",
]
