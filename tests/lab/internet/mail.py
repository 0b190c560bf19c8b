"""A real mail server: Postfix, with Dovecot for its log-ins; each port is a server with another fault.

Own instances, with configuration, queue and mailboxes in the lab's folder. They become other users, so they want root.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from tests.lab.internet.addresses import MAIL
from tests.lab.internet.certificates import Authority
from tests.lab.internet.grey import LISTENS
from tests.lab.internet.hostlike import HostLike
from tests.lab.namespaces import LabError, in_user_namespace

_ROOT = Path(__file__).resolve().parents[3]
NAME = "smtp.example.org"
USER, PASSWORD = "reports@clinic.example", "a real pass phrase"
MAILBOXES = ("doctor@clinic.example", "it@clinic.example")
_OTHER_NAME = "www.other.example"
_POSTFIX = Path("/usr/lib/postfix/sbin")
_MOST_BYTES = 200_000


class MailPort(IntEnum):
    """What is behind each port."""

    STARTTLS = 587
    TLS = 465
    OTHER_CERTIFICATE = 2587
    """Its certificate is for another name."""
    STRIPPED = 3587
    """STARTTLS is not offered, as if somebody on the way took it out; log-ins are."""
    GREYLISTING = 4587
    """Defers whoever is new, once."""
    CRAM_MD5 = 5587
    """The only way to log in."""
    EXPIRED = 6587


_DOVECOT = """
protocols =
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot
log_path = /dev/stderr
ssl = no
auth_mechanisms = plain login cram-md5
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mailboxes
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
"""
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = /dev/stdout
myhostname = {name}
mydestination =
inet_interfaces = {address}
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
alias_maps =
local_recipient_maps =
message_size_limit = {most_bytes}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = clinic.example
virtual_mailbox_base = {folder}/mailboxes
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_sasl_auth_enable = yes
smtpd_tls_auth_only = yes
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_session_cache_database =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
smtpd_sender_login_maps = inline:{{ {user}={user} }}
smtpd_sender_restrictions = reject_sender_login_mismatch
"""
_SERVICES = """
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
"""


@dataclass(frozen=True, slots=True)
class MailService:
    """A mail server that runs."""

    folder: Path

    def arrived(self, mailbox: str) -> list[bytes]:
        """The mails in a mailbox, the oldest first."""
        new = self.folder / "mailboxes" / mailbox.partition("@")[0] / "new"
        if not new.is_dir():
            return []
        return [file.read_bytes() for file in sorted(new.iterdir(), key=lambda file: file.stat().st_mtime_ns)]

    def queued(self) -> int:
        """How many mails it has taken and not put into a mailbox yet."""
        folders = [self.folder / "queue" / name for name in ("incoming", "active", "deferred")]
        return sum(len([each for each in folder.rglob("*") if each.is_file()]) for folder in folders)


def start_mail(host: HostLike, authority: Authority, folder: Path) -> MailService:
    """Returns when each port greets."""
    if os.geteuid() != 0 or in_user_namespace():
        raise LabError("Postfix becomes other users: the lab's mail server wants to be started by root")
    for program in ("postfix", "dovecot"):
        if shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin") is None:
            raise LabError(f"{program} is missing (Debian: apt-get install postfix dovecot-core)")
    folder.mkdir(parents=True)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    (folder / "dovecot.conf").write_text(_DOVECOT.format(folder=folder))
    host.start(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")], log="dovecot.log")
    host.wait_for((folder / "auth").exists, timeout_s=20.0, what="Dovecot's log-ins")
    host.start([sys.executable, "-m", "tests.lab.internet.grey"], log="grey.log", env={"PYTHONPATH": str(_ROOT)})
    _configure(authority, folder)
    host.start(["/usr/sbin/postfix", "-c", str(folder / "postfix"), "start-fg"], log="postfix.log")
    log = host.folder / "postfix.log"
    host.wait_for(lambda: "daemon started" in log.read_text(errors="replace"), timeout_s=30.0, what="Postfix")
    return MailService(folder)


def _configure(authority: Authority, folder: Path) -> None:
    import datetime as dt

    good = authority.issue([NAME], folder / "good")
    other = authority.issue([_OTHER_NAME], folder / "other")
    expired = authority.issue([NAME], folder / "expired", valid_for=dt.timedelta(days=-2))
    for name in ("postfix", "queue", "data", "mailboxes"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "mailboxes", 65534, 65534)
    mailboxes = ", ".join(f"{each}={each.partition('@')[0]}/" for each in MAILBOXES)
    values = {"name": NAME, "address": MAIL, "most_bytes": _MOST_BYTES, "user": USER}
    main = _MAIN.format(folder=folder, certificate=good[0], key=good[1], mailboxes=mailboxes, **values)
    (folder / "postfix" / "main.cf").write_text(main)
    grey = f"smtpd_recipient_restrictions=check_policy_service,inet:{':'.join(map(str, LISTENS))}"
    options = {
        MailPort.STARTTLS: [],
        MailPort.TLS: ["smtpd_tls_wrappermode=yes"],
        MailPort.OTHER_CERTIFICATE: [f"smtpd_tls_cert_file={other[0]}", f"smtpd_tls_key_file={other[1]}"],
        MailPort.STRIPPED: ["smtpd_tls_security_level=none", "smtpd_tls_auth_only=no"],
        MailPort.GREYLISTING: [grey],
        MailPort.CRAM_MD5: ["smtpd_sasl_mechanism_filter=cram-md5"],
        MailPort.EXPIRED: [f"smtpd_tls_cert_file={expired[0]}", f"smtpd_tls_key_file={expired[1]}"],
    }
    lines = [
        f"{MAIL}:{port.value} inet n - n - - smtpd{''.join(f' -o {option}' for option in more)}"
        for port, more in options.items()
    ]
    (folder / "postfix" / "master.cf").write_text("\n".join(lines) + _SERVICES)
