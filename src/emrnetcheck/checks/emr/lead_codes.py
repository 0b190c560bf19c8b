"""What does it mean where the EMR's page sends on to, what to do and whom to ask?"""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Severity, Urgency

CODES = {
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
        say="The EMR's page sends the log-in on without encryption, to {to}. Please make it stay with HTTPS.",
        when=Urgency.TODAY,
    ),
    "emr.redirects_unencrypted_office": Code(
        Severity.WARN,
        "The EMR's page is asked for by HTTPS and sends the log-in on without encryption: {to}.",
        "Usual cause: a proxy in front that does not hand on X-Forwarded-Proto. In Tomcat: RemoteIpValve, or scheme "
        "and proxyPort in the Connector (server.xml).",
        Contact.EMR_HOST,
        "In the office passwords can be read on the way.",
        say="The EMR's page sends the log-in on without encryption, to {to}. Please make it stay with HTTPS.",
        when=Urgency.THIS_WEEK,
    ),
    "emr.redirects_port": Code(
        Severity.FAIL,
        "The EMR's page sends on to another port of the same server: {to}.",
        "Put that port into the settings as [emr] port and forward it, or mend the address in the EMR's configuration.",
        Contact.EMR_HOST,
        "From outside people get no further if that port is not forwarded too.",
        say="The EMR's page sends on to another port: {to}. Which port is the right one? Please correct the other.",
        when=Urgency.TODAY,
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
        say="The EMR's page sends on to {to}, which works only in the office. Please set the EMR's public name as its "
        "address.",
        when=Urgency.TODAY,
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
        say="The EMR's page sends on again and again, {count} times, and no page comes. Please check its addresses "
        "and its proxy.",
        when=Urgency.TODAY,
    ),
}
