"""A real Tomcat with a small application named oscar, as the EMR has it: JSP, a session, TLS by Tomcat itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.lab.namespaces import Host, LabError

_HOME = Path("/usr/share/tomcat10")
_SERVER_XML = """<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1">
  <Service name="Catalina">
    <Connector port="{port}" SSLEnabled="true" scheme="https" secure="true">
      <SSLHostConfig><Certificate certificateFile="{certificate}" certificateKeyFile="{key}"/></SSLHostConfig>
    </Connector>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false"/>
    </Engine>
  </Service>
</Server>
"""
_WEB_XML = """<?xml version="1.0" encoding="UTF-8"?>
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <welcome-file-list><welcome-file>index.jsp</welcome-file></welcome-file-list>
</web-app>
"""
_PAGE = """<%@ page language="java" contentType="text/html; charset=UTF-8" %>
<html><head><title>OSCAR</title></head><body>
<form name="loginForm" method="post" action="<%= response.encodeURL(request.getContextPath() + "/login.do") %>">
<% String[] names = {"username", "password", "pin"}; for (String name : names) { %>
<input name="<%= name %>" type="<%= name.equals("username") ? "text" : "password" %>">
<% } %>
</form></body></html>
"""


def start_tomcat(host: Host, port: int, certificate: tuple[Path, Path]) -> None:
    """Returns once it has started: its page is compiled when somebody asks for it first."""
    if not (_HOME / "bin" / "catalina.sh").is_file() or shutil.which("java") is None:
        raise LabError("Tomcat is missing (Debian: apt-get install tomcat10-user)")
    base = host.folder / "tomcat"
    shutil.copytree(_HOME / "skel" / "conf", base / "conf")
    for name in ("logs", "temp", "work", "webapps/oscar/WEB-INF"):
        (base / name).mkdir(parents=True)
    (base / "conf" / "server.xml").write_text(
        _SERVER_XML.format(port=port, certificate=certificate[0], key=certificate[1])
    )
    (base / "webapps" / "oscar" / "WEB-INF" / "web.xml").write_text(_WEB_XML)
    (base / "webapps" / "oscar" / "index.jsp").write_text(_PAGE)
    host.start(
        [_HOME / "bin" / "catalina.sh", "run"],
        log="tomcat.log",
        env={
            "CATALINA_HOME": str(_HOME),
            "CATALINA_BASE": str(base),
            "CATALINA_OPTS": "-Xmx128m -XX:TieredStopAtLevel=1",
        },
    )
    log = host.folder / "tomcat.log"
    host.wait_for(
        lambda: "Server startup in" in log.read_text(errors="replace"), timeout_s=150.0, what="Tomcat", log="tomcat.log"
    )
