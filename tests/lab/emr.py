"""What answers on the EMR host's port: a real HTTPS server with a small log-in page."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.lab.internet.certificates import Authority
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import EMR_PORT, Plan

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
    types {{ text/html html; }}
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen {bind}:{port} ssl;
        {also}
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location = / {{ return 302 /oscar/; }}
        location /oscar/ {{ alias {folder}/oscar/; index index.html; }}
    }}
}}
"""


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
    program = shutil.which("nginx")
    if program is None:
        raise LabError("nginx is missing (Debian: apt-get install nginx-light)")
    pages = host.folder / "oscar"
    pages.mkdir()
    (pages / "index.html").write_text(_PAGE)
    names = plan.emr.certificate_names or (plan.internet.hostname,)
    certificate, key = authority.issue(names, host.folder / "certificates")
    configuration = host.folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            folder=host.folder,
            bind=plan.emr.bind,
            port=EMR_PORT,
            also=f"listen [::]:{EMR_PORT} ssl;" if plan.emr.ipv6 else "",
            certificate=certificate,
            key=key,
        )
    )
    host.start([program, "-p", host.folder, "-c", configuration], log="nginx.log")
    host.wait_for(lambda: host.listening(EMR_PORT), timeout_s=5.0, what="the EMR server", log="nginx.log")
