"""What does the EMR's port give a browser? Files and nginx's own words, or a program for what nginx never does."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from tests.lab.namespaces import Host

_ROOT = Path(__file__).resolve().parents[2]
_BACKEND_PORT = 8081


class EmrPage(StrEnum):
    """The page at /oscar/. From GARBAGE on it is a program of our own; TOMCAT is a real one."""

    LOGIN = "login"
    SLOW = "slow"
    """The first byte comes after three seconds, from behind nginx."""
    ERROR = "500"
    STARTING = "503"
    BEHIND_DEAD = "behind_dead"
    """nginx is a proxy, and behind it there is nobody."""
    WRONG_PATH = "wrong_path"
    """The EMR is at /openosp/."""
    GUARDED = "guarded"
    """nginx wants a password of its own first."""
    TO_LOGIN = "to_login"
    """Two redirects, then the log-in page."""
    LOOP = "loop"
    ELSEWHERE = "elsewhere"
    """To a log-in service on another host."""
    TO_INSIDE = "to_inside"
    """To the server's own address in the office."""
    TO_OTHER_PORT = "to_other_port"
    TO_UNENCRYPTED = "to_unencrypted"
    """To plain HTTP on the same port, as behind a proxy that does not say what was asked for."""
    EMPTY_FOLDER = "empty_folder"
    BIG = "big"
    """Two megabytes, all in all."""
    ROUTER = "router"
    DEFAULT = "default"
    BRANDED = "branded"
    """An OSCAR with a name and a form of its own."""
    GARBAGE = "garbage"
    """What answers the question is no HTTP."""
    SILENT = "silent"
    """It takes the question, and never answers."""
    ENDLESS = "endless"
    TRICKLES = "trickles"
    """The page comes a byte at a time."""
    HOSTILE = "hostile"
    """Control characters in the head and in the title, a hundred thousand tags."""
    HUNG = "hung"
    """It listens, but its queue is full: nobody's connection is taken."""
    TOMCAT = "tomcat"


BY_PROGRAM = (EmrPage.GARBAGE, EmrPage.SILENT, EmrPage.ENDLESS, EmrPage.TRICKLES, EmrPage.HOSTILE, EmrPage.HUNG)

_FORM = '<form method="post" action="/x"><input name="username"><input name="password" type="password"></form>'
_TO_FILES = "location /oscar/ { alias %s/oscar/; index index.html; }"
_LINES = {
    EmrPage.SLOW: f"location /oscar/ {{ proxy_pass http://127.0.0.1:{_BACKEND_PORT}; }}",
    EmrPage.BEHIND_DEAD: f"location /oscar/ {{ proxy_pass http://127.0.0.1:{_BACKEND_PORT}; }}",
    EmrPage.ERROR: "location /oscar/ { return 500; }",
    EmrPage.STARTING: "location /oscar/ { return 503; }",
    EmrPage.WRONG_PATH: "location /openosp/ { alias %s/oscar/; index index.html; }",
    EmrPage.GUARDED: 'location /oscar/ { auth_basic "Clinic"; auth_basic_user_file /dev/null; }',
    EmrPage.TO_LOGIN: (
        "location = /oscar/ { return 302 /oscar/index.jsp; } "
        "location = /oscar/index.jsp { return 302 /oscar/login/;} "
        "location /oscar/login/ { alias %s/oscar/; index index.html; }"
    ),
    EmrPage.LOOP: ("location = /oscar/ { return 302 /oscar/login/; } location = /oscar/login/ { return 302 /oscar/; }"),
    EmrPage.ELSEWHERE: "location /oscar/ { return 302 https://login.example.net/sso?token=secret; }",
    EmrPage.TO_INSIDE: "location /oscar/ { return 302 http://192.168.1.10:8080/oscar/; }",
    EmrPage.TO_UNENCRYPTED: "location /oscar/ { return 302 http://$http_host/oscar/login/; }",
    EmrPage.EMPTY_FOLDER: "location /oscar/ { alias %s/nginx-body/; }",
    EmrPage.TO_OTHER_PORT: "location /oscar/ { return 302 https://$host/oscar/; }",
}
_PAGES = {
    EmrPage.ROUTER: "<html><head><title>DD-WRT (build 44715) - Info</title></head><body>" + _FORM + "</body></html>",
    EmrPage.DEFAULT: "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome!</h1></body></html>",
    EmrPage.BRANDED: "<html><head><title>Elm Street</title></head><body>" + _FORM + "</body></html>",
}
_BIG_BYTES = 1_950_000


def locations(host: Host, page: EmrPage) -> str:
    """nginx's lines for the page; its files are made, and what is behind nginx is started."""
    pages = host.folder / "oscar"
    if page is EmrPage.SLOW:
        _start(host, _BACKEND_PORT, "slow", address="127.0.0.1")
    if page is EmrPage.BIG:
        (pages / "index.html").write_text((pages / "index.html").read_text() + f"<!--{'x' * _BIG_BYTES}-->\n")
    if page in _PAGES:
        (pages / "index.html").write_text(_PAGES[page])
    lines = _LINES.get(page, _TO_FILES)
    return lines.replace("%s", str(host.folder))


def start_program(host: Host, page: EmrPage, port: int, certificate: tuple[Path, Path]) -> None:
    """The program in nginx's place."""
    _start(host, port, page.value, *map(str, certificate))


def _start(host: Host, port: int, *what: str, address: str = "0.0.0.0") -> None:
    host.start([sys.executable, "-m", "tests.lab.emr_program", address, str(port), *what], log="page.log", cwd=_ROOT)
    host.wait_for(lambda: host.listening(port), timeout_s=10.0, what="the EMR's page", log="page.log")
