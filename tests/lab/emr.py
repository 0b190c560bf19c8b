"""What answers on the EMR host's port: a real HTTPS server with a small log-in page."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.lab.emr_certificates import issue
from tests.lab.emr_page import BY_PROGRAM, EmrPage, locations, start_program
from tests.lab.emr_tomcat import start_tomcat
from tests.lab.internet.certificates import Authority
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import EMR_PORT, EmrCertificate, EmrSpeaks, Plan

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>OSCAR Login</title></head>
<body><h1>OSCAR EMR</h1>
<form method="post" action="/oscar/login.do">
<label>User name <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<label>PIN <input name="pin" type="password"></label>
<button>Sign in</button>
</form></body></html>
"""

# One process and no worker: in a user namespace there is nobody for a worker to become.
_CONFIGURATION = """
user root root;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    types {{ text/html html; text/css css; application/javascript js; image/png png; image/jpeg jpg; }}
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen {bind}:{port}{ssl};
        {also}
        {tls}
        location = / {{ return 302 /oscar/; }}
        {locations}
    }}
}}
"""

_REDIRECTED_TO = 9443


def _redirect(*, itself: bool) -> str:
    """As Docker without its proxy: no listener of its own, and a rule for everybody else, perhaps one for itself."""
    rule = f"fib daddr type local tcp dport {EMR_PORT} redirect to :{_REDIRECTED_TO}"
    lines = ["table ip published {", "chain prerouting {", "type nat hook prerouting priority dstnat", rule, "}"]
    if itself:
        lines += ["chain output {", "type nat hook output priority -100", f"ip daddr != 127.0.0.0/8 {rule}", "}"]
    return "\n".join([*lines, "}", ""])


def start_others(host: Host, plan: Plan) -> None:
    """What else listens on the EMR host."""
    places = plan.emr.also_listens
    if not places:
        return
    argv = [sys.executable, "-m", "tests.lab.listeners", *places]
    host.start(argv, log="listeners.log", env={"PYTHONPATH": str(_ROOT)})
    ports = [int(place.rsplit(":", 1)[1]) for place in places]
    host.wait_for(
        lambda: all(map(host.listening, ports)), timeout_s=10.0, what="what else listens", log="listeners.log"
    )


def start_emr(host: Host, plan: Plan, authority: Authority) -> None:
    """Start it with a certificate of the lab's CA, if the plan wants it running."""
    if not plan.emr.running:
        return
    if plan.emr.page in (EmrPage.TOMCAT, *BY_PROGRAM):
        issued = authority.issue((plan.internet.hostname,), host.folder / "certificates")
        if plan.emr.page is EmrPage.TOMCAT:
            start_tomcat(host, EMR_PORT, issued)
        else:
            start_program(host, plan.emr.page, EMR_PORT, issued)
        return
    if plan.emr.tls.speaks is EmrSpeaks.SSH:
        host.start([sys.executable, "-m", "tests.lab.banner", str(EMR_PORT)], log="banner.log", cwd=_ROOT)
        host.wait_for(lambda: host.listening(EMR_PORT), timeout_s=10.0, what="the other server", log="banner.log")
        return
    if plan.emr.tls.speaks in _BROKEN:
        _start_broken(host, plan, authority)
        return
    program = shutil.which("nginx")
    if program is None:
        raise LabError("nginx is missing (Debian: apt-get install nginx-light)")
    pages = host.folder / "oscar"
    pages.mkdir()
    (pages / "index.html").write_text(_PAGE)
    configuration = host.folder / "nginx.conf"
    port = _REDIRECTED_TO if plan.emr.redirected else EMR_PORT
    configuration.write_text(
        _CONFIGURATION.format(
            folder=host.folder,
            locations=locations(host, plan.emr.page, plan.emr.page_s),
            bind=plan.emr.bind,
            port=port,
            ssl=_ssl(plan),
            also=f"listen [::]:{EMR_PORT}{_ssl(plan)};" if plan.emr.ipv6 else "",
            tls=_tls(host, plan, authority),
        )
    )
    host.start([program, "-p", host.folder, "-c", configuration], log="nginx.log")
    host.wait_for(lambda: host.listening(port), timeout_s=5.0, what="the EMR server", log="nginx.log")
    if plan.emr.redirected:
        host.nft(_redirect(itself=plan.emr.redirects_itself))


_BROKEN = (EmrSpeaks.CUTS, EmrSpeaks.HANGS, EmrSpeaks.WANTS_CERTIFICATE)


def _start_broken(host: Host, plan: Plan, authority: Authority) -> None:
    names = plan.emr.certificate_names or (plan.internet.hostname,)
    pair = issue(plan.emr.tls.certificate, names, authority, host.folder / "certificates")
    argv = [sys.executable, "-m", "tests.lab.emr_broken_tls", str(EMR_PORT), plan.emr.tls.speaks, *map(str, pair)]
    host.start(argv, log="broken_tls.log", cwd=_ROOT)
    host.wait_for(lambda: host.listening(EMR_PORT), timeout_s=10.0, what="the EMR server", log="broken_tls.log")


_ANY_STRENGTH = "ssl_ciphers ALL:@SECLEVEL=0;"  # without it OpenSSL has no TLS 1.0 and takes no short key
_PROTOCOLS = {
    EmrSpeaks.TLS_1_0: f"ssl_protocols TLSv1; {_ANY_STRENGTH}",
    EmrSpeaks.OLD_TLS_TOO: f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; {_ANY_STRENGTH}",
}


def _ssl(plan: Plan) -> str:
    return "" if plan.emr.tls.speaks is EmrSpeaks.PLAIN_HTTP else " ssl"


def _tls(host: Host, plan: Plan, authority: Authority) -> str:
    """The lines of the configuration about the certificate and the protocol."""
    kind, speaks = plan.emr.tls.certificate, plan.emr.tls.speaks
    if speaks is EmrSpeaks.PLAIN_HTTP:
        return ""
    names = plan.emr.certificate_names or (plan.internet.hostname,)
    certificate, key = issue(kind, names, authority, host.folder / "certificates")
    weak = _ANY_STRENGTH if kind is EmrCertificate.WEAK_KEY else ""
    return f"{_PROTOCOLS.get(speaks, weak)} ssl_certificate {certificate}; ssl_certificate_key {key};"
