"""When does a row of a table fit a reply?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from emrnetcheck.mailing.providers import provider_of
from emrnetcheck.model import FailureKind
from emrnetcheck.model.mail import MailServer, Outcome, Reply


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a server may mean. What is left empty fits everything.

    says: a pattern that is looked for in the reply's text or in the failure's detail, letters of either size.
    what, do: sentences. In them may be {host}, {port} and {sender} of the settings, {provider} and {how} of the
    provider, {later} and {twice}: what becomes of the mail, {command}: how this program is called.
    source: where it is from.
    """

    id: str
    what: str
    do: str
    source: str
    outcomes: tuple[Outcome, ...] = ()
    stages: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    failures: tuple[FailureKind, ...] = ()
    says: str = ""
    providers: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()

    def fits(self, reply: Reply, server: MailServer) -> bool:
        """Whether all that is named is so."""
        provider = provider_of(server.host)
        kind = reply.failure.kind if reply.failure is not None else None
        words = f"{reply.text} {reply.failure.detail if reply.failure is not None else ''}"
        return (
            (not self.outcomes or reply.outcome in self.outcomes)
            and (not self.stages or reply.stage in self.stages)
            and (not self.codes or reply.code in self.codes)
            and (not self.failures or kind in self.failures)
            and (not self.says or re.search(self.says, words, re.IGNORECASE) is not None)
            and (not self.providers or (provider is not None and provider.id in self.providers))
            and (not self.ports or server.port in self.ports)
        )
