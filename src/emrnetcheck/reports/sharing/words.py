"""Which words are the program's own, a protocol's or everybody's, so that they tell nothing of this clinic?"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from emrnetcheck.evidence.address_class import AddressClass
from emrnetcheck.evidence.exposure import HeldBack
from emrnetcheck.evidence.port import HowShut
from emrnetcheck.evidence.wan import Told
from emrnetcheck.model import (
    FAILURE_WORDS,
    Access,
    Contact,
    FailureKind,
    Mode,
    Segment,
    Severity,
    Site,
    Status,
    Verdict,
)
from emrnetcheck.placing.states import Fault, Health, Leg, Sure
from emrnetcheck.profiles import PROFILES
from emrnetcheck.reports import wording
from emrnetcheck.reports.glossary import MEANINGS
from emrnetcheck.workloads import WORKLOADS

_ENUMS: tuple[type[StrEnum], ...] = (
    *(Access, Contact, FailureKind, Mode, Segment, Severity, Status, Verdict),
    *(AddressClass, HeldBack, HowShut, Told, Fault, Health, Leg, Sure),
)

_VOCABULARY = """
host client emrnetcheck
wired wifi unknown full half sysfs ifconfig psutil iw netsh system_profiler Get-NetAdapter /proc/net/wireless
gateway peer emr_host settings none default router isp outside server icmp icmp_raw icmp_api ping udp_errors stun
dns     http https tcp udp upnp natpmp pcp ddwrt literal system own public emr second_site traceroute tracert
Connected Disconnected Connecting Disconnecting Unconfigured Authenticating PendingDisconnect Up Down
WANIPConnection:1 WANIPConnection:2 WANPPPConnection:1
NOERROR NXDOMAIN SERVFAIL REFUSED FORMERR NOTIMP NOTAUTH YXDOMAIN
inadyn ddclient noip2 No-IP DUC dyndns2 dyndns noip duckdns cloudflare freedns web interface fixed command
good nochg badauth nohost notfqdn numhost !yours !donator badagent abuse dnserr 911 failed badsys servererror
DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN ERR_TLS_CERT_ALTNAME_INVALID CERT_HAS_EXPIRED
UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY CERT_NOT_YET_VALID
af_packet bpf npcap scapy TLSv1 TLSv1.1 TLSv1.2 TLSv1.3 SSLv3 RSA EC EdDSA DSA sha1
sha224 sha256 sha384 sha512 md5
sshd mariadbd mysqld postgres java tomcat nginx apache2 httpd smbd nmbd cupsd docker-proxy dnsmasq named unbound
systemd-resolved systemd node python3 xrdp Xvnc telnetd vsftpd redis-server mongod rpcbind svchost lsass
tcp_info server_report confirmed_posts received speedtest librespeed iperf3 ndt7 responder globalping
cubic bbr reno pass fail borderline busy
emrnetcheck/report/1 expires
"""
WORDS = (
    frozenset(_VOCABULARY.split())
    | {member.value for each in _ENUMS for member in each}
    | {"2.4 GHz", "5 GHz", "6 GHz", "neighbour table", "cable", "Wi-Fi", "not known"}
)
"""What a field for a word of a closed vocabulary may hold; others become "other"."""

_PATTERNS = re.compile(r"tcp:\d{1,5}|result \d{1,3}|line \d{1,4}|\d{1,2}(?:\.\d{1,3}){1,2}(?:(?:rc|b|a)\d{1,2})?")
_CIPHERS = """
TLS SSL WITH ECDHE DHE ECDH DH RSA ECDSA DSS PSK AES AES128 AES256 128 256 GCM CBC CBC3 CCM CCM8 8 SHA SHA1 SHA256
SHA384 MD5 CHACHA20 POLY1305 RC4 DES 3DES EDE CAMELLIA ARIA NULL EXPORT
"""
_CIPHER_PARTS = frozenset(_CIPHERS.split())


def is_word(text: str) -> bool:
    """Whether this belongs to the closed vocabularies; also several, with commas between them."""
    if text in WORDS or _PATTERNS.fullmatch(text):
        return True
    if set(re.split(r"[-_]", text)) <= _CIPHER_PARTS:
        return True
    parts = text.split(", ")
    return len(parts) > 1 and all(part in WORDS for part in parts)


_SITE = Site()
_WELL_KNOWN_URLS = (
    *_SITE.address_services,
    *_SITE.address_services_v6,
    *_SITE.dns_over_https,
    *(f"x://{each}" for each in _SITE.stun),
    *(f"x://{each.partition('@')[0]}" for each in _SITE.whoami),
    *(f"x://{each.partition('@')[2]}" for each in _SITE.whoami),
)
_PLACES = """
127.0.0.1 127.0.0.53 ::1 0.0.0.0 :: localhost globalping api.globalping.io speed.cloudflare.com cloudflare.com
cloudflare speedtest.net www.speedtest.net speedtest www.wikipedia.org example.com locate.measurementlab.net
"""
EVERYBODYS_PLACES = (
    frozenset(re.sub(r"^[a-z]+://|[:/].*$", "", url, count=0).rstrip(".").lower() for url in _WELL_KNOWN_URLS)
    | frozenset(_SITE.resolvers)
    | frozenset(_SITE.no_dns_addresses)
    | frozenset(_PLACES.split())
)
"""Addresses and names that the program uses by itself everywhere, or that every computer has."""

EVERYBODYS_PATHS = frozenset(
    ("/", "", "/__down", "/__up", "/dns-query", *(profile.path for profile in PROFILES.values()))
)
EVERYBODYS_FILES = re.compile(
    r"/etc/(?:ddclient(?:\.conf|/ddclient\.conf)|inadyn(?:\.conf|/inadyn\.conf)|no-ip2\.conf)"
)
_MAKERS = """
TP-Link ASUS Netgear Linksys D-Link AVM Ubiquiti MikroTik Cisco Huawei ZTE Sagemcom Technicolor Arris Zyxel Hitron Nokia
Actiontec Belkin Buffalo DrayTek Intel Realtek Apple Dell HP Lenovo Synology QNAP VMware
"""
MAKERS = tuple(_MAKERS.split())
AUTHORITIES = (
    "Let's Encrypt",
    "ZeroSSL",
    "DigiCert",
    "Sectigo",
    "GlobalSign",
    "Google Trust Services",
    "Amazon",
    "Buypass",
    "GoDaddy",
    "Entrust",
    "IdenTrust",
    "SSL.com",
)

SYSTEMS = ("Linux", "Windows", "Darwin", "FreeBSD")
KEPT = (*SYSTEMS, *MAKERS, *AUTHORITIES, *EVERYBODYS_PLACES, "Ethernet", "Wi-Fi")
"""What stays of fields that are no sentences, and so may stand in anybody's copy."""

# In sentences that no code has a template for: who was told what, what was expected and found, why something failed.
_OUR_SENTENCES = """
root admin administrator user guest ubuntu debian bills simplest speak speaks goodput against published vouches refuses
running probe sizes stretch judge earlier beginning unlimited listener title p95 dBm IPv4 IPv6 MariaDB MySQL eth0 wlan0
this office's Internet address, and which of its ports it was asked to try; the EMR's name and the name of the EMR's
zone that this office asks for a well-known name; random data, which M-Lab publishes for good with the test's result
for 7 days, whoever knows the number of the test can read its result; this computer's address, by packets that ask for
an answer; by pings and connections of random data, MB of; and its servers near by; this clinic; used of a processor
core connect ask query look up echo upload download watch ping handshake measure packet size judging answer address
line from to at in on of or and not no only all any each every both either than more less most least about over under
within below above between before after until since while during still again once twice first last next other same
different open shut closed reachable unreachable refused silent none nobody nothing something somebody somewhere
everywhere bytes byte bits kB MB GB Mbps kbps ms s seconds second minutes minute hours hour days day weeks week per
percent times yes ok found expected listening listens alone also is are was were be been has have had does did can
cannot could may it its them they their there here who what which when where why how with without by for as if so but
then too mail www web static pool dyn dynamic customer cable dsl fiber fibre home office local lan router gateway
server oscar openemr openmrs login log-in clinic
"""
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’][^\W\d_]+)*")


@cache  # always of the same few sentences
def words_in(*texts: str) -> frozenset[str]:
    """The words of these texts, in small letters; the holes of templates are none."""
    found: set[str] = set()
    for text in texts:
        found |= {word.lower() for word in _WORD.findall(re.sub(r"\{[^}]*\}", " ", text))}
    return frozenset(found)


OWN_WORDS = words_in(
    _OUR_SENTENCES,
    *(word for word in WORDS),
    *FAILURE_WORDS.values(),
    *(text for table in (wording.VERDICT_WORDS, wording.CONTACT_WORDS, wording.MODE_WORDS) for text in table.values()),
    *wording.SKIPPED_WORDS.values(),
    *wording.URGENCY_WORDS.values(),
    *wording.MONTHS,
    *(work.who for work in WORKLOADS.values()),
    *MEANINGS,
    *MEANINGS.values(),
)
