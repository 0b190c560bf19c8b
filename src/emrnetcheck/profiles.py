"""What is known beforehand of each EMR that a clinic may host: where it is, how its log-in page looks. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PageKind(StrEnum):
    """What a page looks like."""

    OSCAR = "oscar"
    OPENEMR = "openemr"
    OPENMRS = "openmrs"
    ROUTER = "router"
    DEFAULT_PAGE = "default_page"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ClosedPort:
    """A TCP port that must not be open to the Internet. reason: a sentence for people. Its severity is the check's."""

    port: int
    service: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """By what a page is known: all of these words, in lower case, are in its title and in its text.

    realm: a word in what it asks for by HTTP itself, as routers do (WWW-Authenticate).
    """

    kind: PageKind
    title: str = ""
    text: tuple[str, ...] = ()
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One EMR. port, path: where it usually is; the settings' word goes before. kind None: any page will do.

    closed_ports: beside those that no clinic should have open.
    """

    name: str
    title: str
    port: int
    path: str
    kind: PageKind | None
    closed_ports: tuple[ClosedPort, ...] = ()


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        # Tomcat's own HTTPS port, and the name under which the application is installed (product.md 5).
        Profile("oscar", "OSCAR", 8443, "/oscar/", PageKind.OSCAR),
        # Its container listens on 80 and 443; "/" sends on to interface/login/login.php.
        Profile("openemr", "OpenEMR", 443, "/", PageKind.OPENEMR),
        Profile("openmrs", "OpenMRS", 8080, "/openmrs/", PageKind.OPENMRS),
        Profile("custom", "the EMR", 443, "/", None),
    )
}

# The words are those of the log-in pages' own sources: OSCAR's index.jsp, OpenEMR's login.php, OpenMRS' login pages.
# A clinic may give OSCAR a title of its own, so its form is enough: no other program asks for a PIN in login.do.
FINGERPRINTS: tuple[Fingerprint, ...] = (
    Fingerprint(PageKind.OSCAR, text=("login.do", 'name="pin"')),
    Fingerprint(PageKind.OSCAR, text=("login.do", 'name="pin2"')),
    Fingerprint(PageKind.OSCAR, title="oscar", text=('name="username"', 'type="password"')),
    Fingerprint(PageKind.OPENEMR, text=('name="authuser"', 'name="clearpass"')),
    Fingerprint(PageKind.OPENEMR, title="openemr", text=('type="password"',)),
    Fingerprint(PageKind.OPENMRS, title="openmrs"),
    Fingerprint(PageKind.OPENMRS, text=("/openmrs/", 'type="password"')),
    Fingerprint(PageKind.OPENMRS, text=("/openmrs/spa", "importmap")),
    Fingerprint(PageKind.DEFAULT_PAGE, title="apache tomcat/"),
    Fingerprint(PageKind.DEFAULT_PAGE, title="apache tomcat", text=("successfully installed tomcat",)),
    Fingerprint(PageKind.DEFAULT_PAGE, text=("it works !", "/var/lib/tomcat")),
    Fingerprint(PageKind.DEFAULT_PAGE, title="welcome to nginx"),
    Fingerprint(PageKind.DEFAULT_PAGE, title="default page: it works"),
    Fingerprint(PageKind.DEFAULT_PAGE, text=("<html><body><h1>it works!</h1></body></html>",)),
    Fingerprint(PageKind.DEFAULT_PAGE, title="iis windows"),
    Fingerprint(PageKind.DEFAULT_PAGE, title="test page for the", text=("http server",)),
    *(
        Fingerprint(PageKind.ROUTER, title=title)
        for title in (
            "dd-wrt",
            "openwrt",
            "- luci",
            "luci - ",
            "freshtomato",
            "pfsense",
            "opnsense",
            "routeros",
            "mikrotik",
            "edgeos",
            "edgerouter",
            "unifi os",
            "tp-link",
            "archer c",
            "tl-wr",
            "netgear",
            "asus login",
            "asus wireless router",
            "asus router",
            "linksys",
            "d-link",
            "fritz!box",
            "draytek",
            "vigor login",
            "zyxel",
            "huawei hg",
            "sonicwall",
            "router login",
            "wireless router",
            "cable modem",
            "home hub",
        )
    ),
    *(
        Fingerprint(PageKind.ROUTER, realm=realm)
        for realm in (
            "dd-wrt",
            "netgear",
            "tp-link",
            "linksys",
            "d-link",
            "draytek",
            "zyxel",
            "mikrotik",
            "rt-",
            "router",
            "modem",
        )
    ),
)
"""In the order in which they count: an EMR's form says more than a word in a title."""
