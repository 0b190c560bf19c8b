"""PURE: speedtest.net's documents, as speedtest-cli 2.1.3 reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

# What the real pictures weigh, by their width in pixels.
_PICTURE_BYTES = {
    350: 245_388,
    500: 505_544,
    750: 1_118_012,
    1000: 1_986_284,
    1500: 4_468_241,
    2000: 7_907_740,
    2500: 12_407_926,
    3000: 17_816_816,
    3500: 24_262_167,
    4000: 31_625_365,
}
_PICTURE = re.compile(r"random(\d+)x\1\.jpg")


@dataclass(frozen=True, slots=True)
class Server:
    id: int
    host: str
    port: int
    name: str
    latitude: float
    longitude: float


SERVERS = (
    Server(1001, "speedtest1.example.org", 8080, "Toronto, ON", 43.6532, -79.3832),
    Server(1002, "speedtest2.example.org", 8080, "Vancouver, BC", 49.2827, -123.1207),
)


def picture_bytes(path: str) -> int | None:
    """The size of /speedtest/random350x350.jpg and its like; None for what is no such picture."""
    match = _PICTURE.fullmatch(path.rpartition("/")[2])
    return _PICTURE_BYTES.get(int(match[1])) if match else None


def configuration_xml(client_ip: str) -> str:
    """The parts of speedtest-config.php that clients read, with the real one's values of upload and download."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<settings>
<client ip={quoteattr(client_ip)} lat="43.7001" lon="-79.4163" isp="Lab Telecom" isprating="3.7" rating="0" \
ispdlavg="0" ispulavg="0" loggedin="0" country="CA"/>
<server-config threadcount="4" ignoreids="" notonmap="" forcepingid="" preferredserverid=""/>
<times dl1="5000000" dl2="35000000" dl3="800000000" ul1="1000000" ul2="8000000" ul3="35000000"/>
<download testlength="10" initialtest="250K" mintestsize="250K" threadsperurl="4"/>
<upload testlength="10" ratio="5" initialtest="0" mintestsize="32K" threads="2" maxchunksize="512K" \
maxchunkcount="50" threadsperurl="4"/>
<latency testlength="10" waittime="50" timeout="20"/>
</settings>
"""


def servers_xml() -> str:
    servers = "\n".join(
        f'<server url="http://{server.host}:{server.port}/speedtest/upload.php" lat="{server.latitude}"'
        f' lon="{server.longitude}" name={quoteattr(server.name)} country="Canada" cc="CA" sponsor="Lab Telecom"'
        f' id="{server.id}" host="{server.host}:{server.port}"/>'
        for server in SERVERS
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<settings>\n<servers>\n{servers}\n</servers>\n</settings>\n'
