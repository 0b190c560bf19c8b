"""A proxy on the PC in front of the EMR, with a certificate of its own: people outside are shown another one."""

from __future__ import annotations

import shutil

from tests.lab.emr_certificates import issue
from tests.lab.internet.certificates import Authority
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import EMR_LAN, EMR_PORT, Plan

_CONFIGURATION = """
user root root;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen 0.0.0.0:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ proxy_pass https://{emr}:{port}; }}
    }}
}}
"""


def start_front(host: Host, plan: Plan, authority: Authority) -> None:
    """Start it where the plan has one."""
    if plan.emr.front is None:
        return
    program = shutil.which("nginx")
    if program is None:
        raise LabError("nginx is missing (Debian: apt-get install nginx-light)")
    certificate, key = issue(plan.emr.front, (plan.internet.hostname,), authority, host.folder / "certificates")
    configuration = host.folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=host.folder, port=EMR_PORT, certificate=certificate, key=key, emr=EMR_LAN)
    )
    host.start([program, "-p", host.folder, "-c", configuration], log="nginx.log")
    host.wait_for(lambda: host.listening(EMR_PORT), timeout_s=5.0, what="the proxy", log="nginx.log")
