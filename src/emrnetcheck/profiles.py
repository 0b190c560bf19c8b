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
    STORAGE = "storage"
    DEFAULT_PAGE = "default_page"
    FILE_LIST = "file_list"
    ERROR_PAGE = "error_page"
    OTHER = "other"


EMRS = (PageKind.OSCAR, PageKind.OPENEMR, PageKind.OPENMRS)
# Whatever the EMR is: it is none of these.
FOREIGN = (PageKind.ROUTER, PageKind.STORAGE, PageKind.DEFAULT_PAGE, PageKind.FILE_LIST)
LOOKS = {
    PageKind.OSCAR: "OSCAR",
    PageKind.OPENEMR: "OpenEMR",
    PageKind.OPENMRS: "OpenMRS",
    PageKind.ROUTER: "a router's page",
    PageKind.STORAGE: "the page of a storage device (NAS)",
    PageKind.DEFAULT_PAGE: "a Web server's default page",
    PageKind.FILE_LIST: "a list of files",
    PageKind.ERROR_PAGE: "an error page",
    PageKind.OTHER: "an unknown page",
}


@dataclass(frozen=True, slots=True)
class ClosedPort:
    """A TCP port that must not be open to the Internet. reason: a sentence for people. Its severity is the check's.

    own_use: only programs on the same computer need it, so it belongs on the loopback address. usual: that it can be
    reached in the office is how such a service is meant.
    """

    port: int
    service: str
    reason: str
    own_use: bool = False
    usual: bool = False


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


_DATABASE = "Whoever gets into the database can read, change and delete the records of every patient."

# netfacts.md 3.3, from the hardening pages of OSCAR's and of other manuals. The order is that of the report.
CLOSED_EVERYWHERE: tuple[ClosedPort, ...] = (
    ClosedPort(3306, "MariaDB or MySQL database", _DATABASE, own_use=True),
    ClosedPort(5432, "PostgreSQL database", _DATABASE, own_use=True),
    ClosedPort(6379, "Redis database", "It asks for no password unless it was told to.", own_use=True),
    ClosedPort(3389, "Windows Remote Desktop", "Ransomware most often comes in by guessed passwords here.", usual=True),
    ClosedPort(445, "Windows file sharing", "Ransomware spreads by it, and shared files can be read.", usual=True),
    ClosedPort(5900, "VNC remote screen", "Whoever guesses one short password sees and steers the computer."),
    ClosedPort(23, "Telnet log-in", "Passwords are sent unencrypted, and devices are taken over by it every day."),
    ClosedPort(21, "FTP file transfer", "Passwords and files are sent unencrypted."),
    ClosedPort(10000, "Webmin administration", "Whoever gets in there owns the server."),
    ClosedPort(7547, "TR-069, management of the router", "Routers have been taken over by it in their millions."),
    ClosedPort(631, "CUPS printing", "Anybody can look at the printers, and old versions can be taken over."),
    ClosedPort(53, "DNS", "A name server that answers strangers can be used to attack others.", usual=True),
    ClosedPort(22, "SSH log-in", "Passwords are tried there all day long.", usual=True),
    ClosedPort(80, "Web without encryption", "It may be the router's own page.", usual=True),
    ClosedPort(443, "Web", "It may be the router's own page.", usual=True),
)

_AJP = ClosedPort(
    8009, "Tomcat's AJP", "Files of the EMR can be read through it (Ghostcat, CVE-2020-1938).", own_use=True
)
_SHUTDOWN = ClosedPort(8005, "Tomcat's shutdown port", "One word sent there stops the EMR.", own_use=True)
_PLAIN = ClosedPort(8080, "Tomcat without encryption", "Passwords and records are sent unencrypted.")

_ANSWERS_EVERYBODY = "It was meant for the office, and is not kept up for the Internet."
_CLOSED_OSCAR = (_PLAIN, _AJP, _SHUTDOWN, ClosedPort(8081, "Expedius, laboratory results", _ANSWERS_EVERYBODY))
_CLOSED_OPENEMR = (_PLAIN, ClosedPort(3000, "Grafana monitoring", "Its first password is admin, and is often kept."))
_CLOSED_OPENMRS = (_PLAIN, _AJP, _SHUTDOWN, ClosedPort(3316, "OpenMRS standalone database", _DATABASE, own_use=True))
_CLOSED_CUSTOM = (_PLAIN, _AJP, ClosedPort(27017, "MongoDB database", _DATABASE, own_use=True))

CONTROL_PORTS: tuple[int, ...] = (61_213, 62_347, 63_519)
"""Nobody has a use for these: a service outside that says that one of them is open says so of every port."""

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        # Tomcat's own HTTPS port, and the name under which the application is installed (product.md 5).
        Profile("oscar", "OSCAR", 8443, "/oscar/", PageKind.OSCAR, _CLOSED_OSCAR),
        # Its container listens on 80 and 443; "/" sends on to interface/login/login.php.
        Profile("openemr", "OpenEMR", 443, "/", PageKind.OPENEMR, _CLOSED_OPENEMR),
        Profile("openmrs", "OpenMRS", 8080, "/openmrs/", PageKind.OPENMRS, _CLOSED_OPENMRS),
        Profile("custom", "the EMR", 443, "/", None, _CLOSED_CUSTOM),
    )
}


def closed_ports(profile: str, own_port: int) -> tuple[ClosedPort, ...]:
    """What must not be open at a clinic with this EMR, but for the EMR's own port; at most 19, and a control port."""
    known = PROFILES.get(profile, PROFILES["custom"])
    return tuple(each for each in (*CLOSED_EVERYWHERE, *known.closed_ports) if each.port != own_port)


EVERY_CLOSED_PORT: frozenset[int] = frozenset(each.port for name in PROFILES for each in closed_ports(name, own_port=0))
"""Of all profiles together."""

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
    Fingerprint(PageKind.FILE_LIST, title="index of /"),
    Fingerprint(PageKind.FILE_LIST, title="directory listing for /"),
    # What servers say with a status of success all the same.
    Fingerprint(PageKind.ERROR_PAGE, text=("java.sql.sqlexception",)),
    Fingerprint(PageKind.ERROR_PAGE, text=("com.mysql.", "exception")),
    Fingerprint(PageKind.ERROR_PAGE, text=("org.hibernate.", "exception")),
    Fingerprint(PageKind.ERROR_PAGE, text=("org.apache.jasper.jasperexception",)),
    Fingerprint(PageKind.ERROR_PAGE, text=("uncaught mysqli_sql_exception",)),
    Fingerprint(PageKind.ERROR_PAGE, text=("fatal error</b>:",)),
    Fingerprint(PageKind.ERROR_PAGE, title="whitelabel error page"),
    Fingerprint(PageKind.ERROR_PAGE, title="http status 500"),
    *(
        Fingerprint(PageKind.STORAGE, title=title)
        for title in (
            "diskstation",
            "rackstation",
            "synology",
            "qnap",
            "turbonas",
            "truenas",
            "readynas",
            "wd my cloud",
        )
    ),
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
