"""What does the EMR's port give a browser? Files and nginx's own words, or a program for what nginx never does."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from tests.lab.emr_program import TAKES
from tests.lab.namespaces import Host

_ROOT = Path(__file__).resolve().parents[2]
_BACKEND_PORT = 8081


class EmrPage(StrEnum):
    """The page at /oscar/. From GARBAGE on it is a program of our own; TOMCAT is a real one."""

    LOGIN = "login"
    SLOW = "slow"
    """The first byte comes after three seconds (or so many as the plan or a change says), from behind nginx."""
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
    WITH_PARTS = "with_parts"
    """A log-in page with style sheets, a program and pictures, 600 kB together, as real ones have."""
    SLOW_PARTS = "slow_parts"
    """The same, but each part of it comes at 40 kB in a second, however good the way."""
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
    TLS_SLOW = "tls_slow"
    """Two and a half seconds until the encryption is agreed on."""
    REST_SLOW = "rest_slow"
    """The page begins at once, and its rest comes five seconds later."""
    SENDS_ON_SLOW = "sends_on_slow"
    """What sends on to the log-in page takes three seconds; that is quick itself."""
    TOMCAT = "tomcat"


BY_PROGRAM = (
    *(EmrPage.GARBAGE, EmrPage.SILENT, EmrPage.ENDLESS, EmrPage.TRICKLES, EmrPage.HOSTILE, EmrPage.HUNG),
    *(EmrPage.TLS_SLOW, EmrPage.REST_SLOW, EmrPage.SENDS_ON_SLOW),
)

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
    EmrPage.SLOW_PARTS: (
        "location /oscar/ { alias %s/oscar/; index index.html; } "
        "location ~ ^/oscar/((css|js|images)/.*)$ { alias %s/oscar/$1; limit_rate 40k; }"
    ),
    EmrPage.TO_OTHER_PORT: "location /oscar/ { return 302 https://$host/oscar/; }",
}
_PAGES = {
    EmrPage.ROUTER: "<html><head><title>DD-WRT (build 44715) - Info</title></head><body>" + _FORM + "</body></html>",
    EmrPage.DEFAULT: "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome!</h1></body></html>",
    EmrPage.BRANDED: "<html><head><title>Elm Street</title></head><body>" + _FORM + "</body></html>",
}
_BIG_BYTES = 1_950_000
_PARTS = {
    "css/login.css": 40_000,
    "css/font.css": 60_000,
    "js/login.js": 250_000,
    "images/logo.png": 100_000,
    "images/back.jpg": 150_000,
}
"""Path -> size in bytes."""
_PARTS_HEAD = (
    '<link rel="stylesheet" href="css/login.css"><link rel="stylesheet" href="/oscar/css/font.css">'
    '<script src="js/login.js"></script></head>'
)
_PARTS_BODY = '<img src="images/logo.png" alt="OSCAR"><img src="images/back.jpg" alt=""></body>'


def set_page_s(host: Host, seconds: float) -> None:
    """How long a slow page takes from now on."""
    new = _takes(host).with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(_takes(host))  # at once: nobody reads half of it


def _takes(host: Host) -> Path:
    return host.folder / "page_s"


def locations(host: Host, page: EmrPage, page_s: float) -> str:
    """nginx's lines for the page; its files are made, and what is behind nginx is started. page_s: of a slow one."""
    pages = host.folder / "oscar"
    if page is EmrPage.SLOW:
        set_page_s(host, page_s)
        _start(host, _BACKEND_PORT, "slow", address="127.0.0.1")
    if page is EmrPage.BIG:
        (pages / "index.html").write_text((pages / "index.html").read_text() + f"<!--{'x' * _BIG_BYTES}-->\n")
    if page in (EmrPage.WITH_PARTS, EmrPage.SLOW_PARTS):
        _write_parts(pages)
    if page in _PAGES:
        (pages / "index.html").write_text(_PAGES[page])
    lines = _LINES.get(page, _TO_FILES)
    return lines.replace("%s", str(host.folder))


def _write_parts(pages: Path) -> None:
    page = (pages / "index.html").read_text()
    page = page.replace("</head>", _PARTS_HEAD).replace("</body>", _PARTS_BODY)
    (pages / "index.html").write_text(page)
    for name, size_bytes in _PARTS.items():
        (pages / name).parent.mkdir(exist_ok=True)
        (pages / name).write_bytes(b"/* */\n".ljust(size_bytes, b" "))


def start_program(host: Host, page: EmrPage, port: int, certificate: tuple[Path, Path]) -> None:
    """The program in nginx's place."""
    _start(host, port, page.value, *map(str, certificate))


def _start(host: Host, port: int, *what: str, address: str = "0.0.0.0") -> None:
    argv = [sys.executable, "-m", "tests.lab.emr_program", address, str(port), *what]
    host.start(argv, log="page.log", cwd=_ROOT, env={TAKES: str(_takes(host))})
    host.wait_for(lambda: host.listening(port), timeout_s=10.0, what="the EMR's page", log="page.log")
