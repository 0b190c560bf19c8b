"""Which details of a failure are the program's own? All others were said by a server or a system, and are left out."""

from __future__ import annotations

import builtins
import re

_OURS = """
no ICMP socket may be opened|the router speaks version #|the answer|the head of the answer|more than # bytes|not Windows
it does not answer the question|no status page of DD-WRT|the address on the page is none|cut short|no chunk
wrong length|not an answer to the question|the router refuses this version|no address of a client|the XML
UPnP error #|no answer to the action|nothing on the Internet answers|[emr] lan_address|[emr] hostname
waited for # s|no host on the Internet to trace to|its port was not reached|no router on the way answers
hardly anything was lost on the way to the EMR|the settings name no server for it|about # Mbps just before, not a result
too little was moved to tell a rate|it does not tell which address it tried|no JSON object|it is about something else
it had no result yet|its probes in fewer than # networks tried|none of its probes tried|its probe had not finished
its probe went away|its probe had a fault of its own|it was not measured|too short|another version
it does not speak ndt7|HTTP #|no WebSocket answer|no report of more for # s|its report|too many reports
its counts go backwards|a letter that no request may have|#|# s|it hung up|it ends within its head|no HTTP answer
no HTTP header|interim answers only|unknown transfer coding|no length|only the second packet was answered
too many headers|this computer was too busy to look in time|it did not end within # s|it gave no figure
it is not the one in the settings|it is busy with another test; try again later|its results are none
iperf3 does not say why|it could not upload anything|an attribute is longer than the message|no mapped address
mapped address of unknown form|not an answer|no usable LOCATION|no fingerprint|no time|it has no id|it has no results
"""
_NUMBER = r"\d{1,8}(?:\.\d{1,3})?"
_OWN = re.compile(
    "|".join(re.escape(each).replace(r"\#", _NUMBER) for line in _OURS.split("\n") for each in line.split("|") if each)
)


def is_own_detail(text: str) -> bool:
    """Whether the program says this of a failure by itself, or it is the name of one of Python's errors."""
    error = getattr(builtins, text, None)
    return _OWN.fullmatch(text) is not None or (isinstance(error, type) and issubclass(error, BaseException))
