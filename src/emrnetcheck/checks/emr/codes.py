"""What each finding about the EMR's page means, what to do and whom to ask."""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Severity

CODES = {
    "emr.ok": Code(
        Severity.OK,
        "The EMR's log-in page comes: the first byte after {first_byte_ms:.0f} ms, {size} in all.",
    ),
    "emr.not_answering": Code(
        Severity.FAIL,
        "The EMR does not answer on port {port} of {where}: {why}.",
        "Right after a start, wait two minutes and run the check again. If it stays, restart the EMR (OSCAR: the "
        "Tomcat service) and look into its log.",
        Contact.EMR_HOST,
        "The port is open, but nobody gets a page.",
    ),
    "emr.error": Code(
        Severity.FAIL,
        "The EMR answers with an error ({error}) at {path}.",
        "Look into the EMR's log (OSCAR: catalina.out), and whether its database runs. Then restart the EMR.",
        Contact.EMR_HOST,
        "The server runs, but nobody can work with the EMR.",
    ),
    "emr.empty": Code(
        Severity.FAIL,
        "The server answers at {path} with an empty page ({status}).",
        "Check the path in the settings: [emr] path. If it is right, look into the EMR's log.",
        Contact.EMR_HOST,
        "A browser stays white: nobody can log in.",
    ),
    "emr.certificate_wanted": Code(
        Severity.UNKNOWN,
        "The EMR's server asks for a client certificate, so its page was not seen.",
        "Open it in a browser that has such a certificate, from outside. If nobody should need one, turn it off "
        "(Tomcat: certificateVerification, nginx: ssl_verify_client).",
        Contact.EMR_HOST,
        "Who has no certificate of their own gets no page.",
    ),
    "emr.starting": Code(
        Severity.FAIL,
        "The EMR's server says that it is not ready (503): it is starting, stopping or overloaded.",
        "Wait two minutes and run the check again. If it stays, restart the EMR (OSCAR: the Tomcat service).",
        Contact.EMR_HOST,
        "Nobody can work with the EMR while this lasts.",
    ),
    "emr.behind_proxy_down": Code(
        Severity.FAIL,
        "A server in front of the EMR answers ({status}), but the EMR behind it does not.",
        "Start the EMR itself (OSCAR: the Tomcat service). If it runs, check where the server in front of it sends to.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
    ),
    "emr.not_found": Code(
        Severity.FAIL,
        "The server answers, but there is nothing at {path} ({status}).",
        "Check the path in the settings: [emr] path. If it is right, the EMR is not installed there or did not start.",
        Contact.EMR_HOST,
        "At this path nobody gets the EMR.",
    ),
    "emr.something_else": Code(
        Severity.FAIL,
        "What answers on port {port} of {where} is not the EMR but {looks}{titled}.",
        "Check the EMR server's address and port in the settings: [emr] lan_address and port. If they are right, start "
        "the EMR there.",
        Contact.EMR_HOST,
        "Who opens the EMR's address gets something else.",
    ),
    "emr.unknown_page": Code(
        Severity.UNKNOWN,
        "A page answers at {path}, but it does not look like {profile}: {looks}{titled}.",
        "Open it in a browser. If it is not the EMR, check [emr] lan_address, port and path. If it is, {proof}.",
        Contact.IT_HELPER,
        "That something answers does not show that people get the EMR.",
    ),
    "emr.guarded": Code(
        Severity.UNKNOWN,
        "The server does not show its page ({status}), so the EMR was not seen.",
        "Open it in a browser. If no EMR comes, check the path and the rights on the server (an empty folder answers "
        "403 too). After 429 wait ten minutes and run the check again.",
        Contact.IT_HELPER,
        "Behind a refusal there may be the EMR, or nothing.",
    ),
    "emr.guarded_by_password": Code(
        Severity.NOTICE,
        "The server asks for a password before it shows its page ({status}); the settings say that it is right.",
        "Open it in a browser now and then, and see whether the EMR comes after the password.",
        Contact.IT_HELPER,
    ),
    "emr.redirects_elsewhere": Code(
        Severity.UNKNOWN,
        "The EMR's page sends on to {to}, which was not followed: the EMR was not seen.",
        'Open it in a browser. If people log in there, set [emr] profile = "custom" in the settings. If not, mend the '
        "address in the EMR's configuration.",
        Contact.IT_HELPER,
        "What is at the other place was not looked at.",
    ),
    "emr.redirects_to_login": Code(
        Severity.NOTICE,
        "The EMR's page sends on to log in at {to}, which was not followed.",
        "Open it in a browser now and then, and see whether the EMR comes after the log-in.",
        Contact.IT_HELPER,
    ),
    "emr.redirects_unencrypted": Code(
        Severity.FAIL,
        "The EMR's page is asked for by HTTPS and sends the log-in on without encryption: {to}.",
        "Usual cause: a proxy in front that does not hand on X-Forwarded-Proto. In Tomcat: RemoteIpValve, or scheme "
        "and proxyPort in the Connector (server.xml).",
        Contact.EMR_HOST,
        "The log-in does not come, or passwords can be read on the way.",
    ),
    "emr.redirects_unencrypted_office": Code(
        Severity.WARN,
        "The EMR's page is asked for by HTTPS and sends the log-in on without encryption: {to}.",
        "Usual cause: a proxy in front that does not hand on X-Forwarded-Proto. In Tomcat: RemoteIpValve, or scheme "
        "and proxyPort in the Connector (server.xml).",
        Contact.EMR_HOST,
        "In the office passwords can be read on the way.",
    ),
    "emr.redirects_port": Code(
        Severity.FAIL,
        "The EMR's page sends on to another port of the same server: {to}.",
        "Put that port into the settings as [emr] port and forward it, or mend the address in the EMR's configuration.",
        Contact.EMR_HOST,
        "From outside people get no further if that port is not forwarded too.",
    ),
    "emr.redirects_port_office": Code(
        Severity.NOTICE,
        "The EMR's page sends on to another port of the same server: {to}.",
        "If people get there, put that port into the settings as [emr] port.",
        Contact.IT_HELPER,
    ),
    "emr.redirects_inside": Code(
        Severity.FAIL,
        "The EMR's page sends on to {to}, an address that leads to the EMR only in the office.",
        "Set the EMR's public name as its address in its configuration. A proxy in front of it must hand on the name "
        "that was asked for.",
        Contact.EMR_HOST,
        "From outside the page cannot be opened, though the port is open.",
    ),
    "emr.redirects_inside_office": Code(
        Severity.NOTICE,
        "The EMR's page sends on to {to}, an address of the office.",
        "That is right as long as people come from the office or by VPN.",
        Contact.IT_HELPER,
    ),
    "emr.redirect_loop": Code(
        Severity.FAIL,
        "The EMR's page sends on again and again, and no page comes after {count} times.",
        "Check the addresses and the proxy in the EMR's configuration: one sends on to what sends back.",
        Contact.EMR_HOST,
        "A browser gives up, and nobody gets the page.",
    ),
    "emr.unfinished": Code(
        Severity.FAIL,
        "The EMR's page begins, but does not come to its end: {why}.",
        "Look into the EMR's log. Open the page in a browser on the server itself.",
        Contact.EMR_HOST,
        "A page that does not end stays white or half in the browser.",
    ),
    "emr.long": Code(
        Severity.NOTICE,
        "The EMR's page is very long: only its first 2 MB were read.",
        "Open it in a browser, and see whether it comes to an end.",
        Contact.EMR_HOST,
    ),
    "emr.sluggish": Code(
        Severity.NOTICE,
        "The EMR's server takes {server_ms:.0f} ms for a page, even in the office, most of it {part}.",
        "Watch it: see what else the server does, and whether its memory and disk suffice.",
        Contact.EMR_HOST,
    ),
    "emr.slow": Code(
        Severity.WARN,
        "The EMR's server is slow: a page takes {server_s:.1f} s even in the office, most of it {part}.",
        "The network is not the reason (it answers in {rtt_ms:.0f} ms). Look at the server's processor, memory and "
        "disk, and at its database.",
        Contact.EMR_HOST,
        "Every click takes at least as long, inside and outside.",
    ),
    "emr.slow_line": Code(
        Severity.WARN,
        "Outside the EMR's page takes about {line_s:.1f} s over this office's upload; in the office it is quick.",
        "The server is not the reason. The page has {size}: more upload helps, and so does compression on the server.",
        Contact.ISP,
        "People outside wait for each page; people in the office do not.",
    ),
    "emr.unset": Code(
        Severity.UNKNOWN,
        "The EMR server is not known, so its page was not opened.",
        'Give the server\'s address in the settings file: [emr] lan_address = "192.168.1.10" (leave it out on the '
        "server itself, but keep [emr] hostname).",
        Contact.IT_HELPER,
    ),
    "emr.unmeasured": Code(
        Severity.UNKNOWN,
        "Whether the EMR answers could not be tested: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}
