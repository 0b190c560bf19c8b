"""What each finding about the EMR's page means, what to do and whom to ask."""

from __future__ import annotations

from emrnetcheck.checks.emr import lead_codes
from emrnetcheck.model import Code, Contact, Segment, Severity, Urgency

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
        say="The EMR does not answer on port {port} of {where}. Please restart it, and look into its log.",
        when=Urgency.TODAY,
    ),
    "emr.error": Code(
        Severity.FAIL,
        "The EMR answers with an error ({error}) at {path}.",
        "Look into the EMR's log (OSCAR: catalina.out), and whether its database runs. Then restart the EMR.",
        Contact.EMR_HOST,
        "The server runs, but nobody can work with the EMR.",
        say="The EMR answers with an error ({error}) at {path}. Please look into its log, and whether its database "
        "runs.",
        when=Urgency.TODAY,
    ),
    "emr.empty": Code(
        Severity.FAIL,
        "The server answers at {path} with an empty page ({status}).",
        "Correct the path with emrnetcheck setup ([emr] path). If it is right, look into the EMR's log.",
        Contact.EMR_HOST,
        "A browser stays white: nobody can log in.",
        say="The EMR's server answers at {path} with an empty page. Is that the right path? Please look into its log.",
        when=Urgency.TODAY,
    ),
    "emr.certificate_wanted": Code(
        Severity.UNKNOWN,
        "The EMR's server asks for a client certificate, so its page was not seen.",
        "Open it in a browser that has such a certificate, from outside. If nobody should need one, turn it off "
        "(Tomcat: certificateVerification, nginx: ssl_verify_client).",
        Contact.EMR_HOST,
        "Who has no certificate of their own gets no page.",
        say="The EMR's server asks visitors for a certificate of their own. Should it? If not, please turn that off.",
    ),
    "emr.starting": Code(
        Severity.FAIL,
        "The EMR's server says that it is not ready (503): it is starting, stopping or overloaded.",
        "Wait two minutes and run the check again. If it stays, restart the EMR (OSCAR: the Tomcat service).",
        Contact.EMR_HOST,
        "Nobody can work with the EMR while this lasts.",
        say="The EMR's server says that it is not ready (503). Please restart it, and look into its log.",
        when=Urgency.TODAY,
    ),
    "emr.behind_proxy_down": Code(
        Severity.FAIL,
        "A server in front of the EMR answers ({status}), but the EMR behind it does not.",
        "Start the EMR itself (OSCAR: the Tomcat service). If it runs, check where the server in front of it sends to.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
        say="The server in front of the EMR answers ({status}), but the EMR behind it does not. Please start the EMR.",
        when=Urgency.TODAY,
    ),
    "emr.not_found": Code(
        Severity.FAIL,
        "The server answers, but there is nothing at {path} ({status}).",
        "Correct the path with emrnetcheck setup ([emr] path). If it is right, the EMR is not installed there or did "
        "not start.",
        Contact.EMR_HOST,
        "At this path nobody gets the EMR.",
        say="The server answers, but there is nothing at {path} ({status}). Is the EMR installed there, and did it "
        "start?",
        when=Urgency.TODAY,
    ),
    "emr.something_else": Code(
        Severity.FAIL,
        "What answers on port {port} of {where} is not the EMR but {looks}{titled}.",
        "Correct the EMR server's address and port with emrnetcheck setup ([emr] lan_address and port). If they are "
        "right, start the EMR there.",
        Contact.EMR_HOST,
        "Who opens the EMR's address gets something else.",
        say="What answers on port {port} of {where} is not the EMR but {looks}. Please start the EMR there, or tell "
        "us where it is.",
        when=Urgency.TODAY,
    ),
    "emr.unknown_page": Code(
        Severity.UNKNOWN,
        "A page answers at {path}, but it does not look like {profile}: {looks}{titled}.",
        "Open it in a browser. If it is not the EMR, correct its address, port and path with emrnetcheck setup. If "
        "it is, {proof}.",
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
    **lead_codes.CODES,
    "emr.unfinished": Code(
        Severity.FAIL,
        "The EMR's page begins, but does not come to its end: {why}.",
        "Look into the EMR's log. Open the page in a browser on the server itself.",
        Contact.EMR_HOST,
        "A page that does not end stays white or half in the browser.",
        say="The EMR's page begins, but does not come to its end. Please look into the EMR's log.",
        when=Urgency.TODAY,
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
        "Whoever logs in waits that long, inside and outside; every click may take as long.",
        say="A page of the EMR takes {server_s:.1f} s even in the office. Please look at the server's processor, "
        "memory and disk, and at its database.",
    ),
    "emr.slow_parts": Code(
        Severity.WARN,
        "What belongs to the EMR's page (styles, programs, pictures) comes slowly from its server, even in the office: "
        "{came}.",
        "The network is not the reason (it answers in {loaded_rtt} meanwhile). Look at the server's disk and "
        "processor, at a virus scanner, and for a limit on the rate in the EMR or the proxy.",
        Contact.EMR_HOST,
        "Whatever is large opens slowly, inside and outside: documents, pictures, long lists.",
        say="The parts of the EMR's page come slowly from the server: {came}. Please look at its disk, its processor "
        "and its virus scanner.",
    ),
    "emr.slow_parts_network": Code(
        Severity.WARN,
        "What belongs to the EMR's page comes slowly over the office's network: {came}.",
        "The way to the server is slow or loses packets. Check by cable, then try another cable and another port of "
        "the switch at the server.",
        Contact.LAN,
        "Whatever is large opens slowly in the office: documents, pictures, long lists.",
        Segment.LAN,
        say="What belongs to the EMR's page comes slowly over the office network: {came}. Please look at the "
        "server's cable and its port of the switch.",
    ),
    "emr.slow_line": Code(
        Severity.WARN,
        "Outside the EMR's page takes about {line_s:.1f} s over this office's upload; in the office it is quick.",
        "The server is not the reason. The page has {size}: more upload helps, and so does compression on the server.",
        Contact.ISP,
        "People outside wait for each page; people in the office do not.",
        say="A page of {size} takes {line_s:.1f} s to leave my office. I need more upload. What can you offer?",
    ),
    "emr.unset": Code(
        Severity.UNKNOWN,
        "The EMR server is not known, so its page was not opened.",
        "Run emrnetcheck setup, which asks where it is. In the settings file that is [emr] lan_address (leave it out "
        "on the server itself, but keep [emr] hostname).",
        Contact.IT_HELPER,
    ),
    "emr.unmeasured": Code(
        Severity.UNKNOWN,
        "Whether the EMR answers could not be tested: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}
