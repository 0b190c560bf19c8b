"""Does somebody between here and the Internet take all questions to name servers for himself?"""

from __future__ import annotations

from functools import partial

from emrnetcheck.model import Failure, Site
from emrnetcheck.net import dns
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import together

_TIMEOUT_S = 1.0
_ASKED = "example.com"  # RFC 2606: whoever answers in another's place knows it


def intercepted_at(site: Site, context: Context) -> tuple[str, ...]:
    """Those of the site's addresses without a name server that answered like one. () where none did.

    The default addresses are of the blocks for documentation (RFC 5737): nobody has them, and the office's router sends
    what is for them to the Internet as anything else. So an answer, whatever it says, comes from somebody on the way.
    """
    for address in site.no_dns_addresses:
        context.ledger.told(address, f"the name {_ASKED}")
    ask = [partial(dns.query, address, _ASKED, "A", timeout_s=_TIMEOUT_S) for address in site.no_dns_addresses]
    answers = together(ask, context, limit_s=_TIMEOUT_S + 0.2)
    found = zip(site.no_dns_addresses, answers, strict=True)
    return tuple(address for address, answer in found if answer is not None and not isinstance(answer, Failure))
