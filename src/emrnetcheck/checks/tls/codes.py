"""What can be said of the EMR's certificate and protocol."""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.model import Code, Contact, Severity, Urgency

_RENEW = (
    "Get a certificate from an authority that browsers know, such as Let's Encrypt, with automatic renewal. "
    "Then restart the EMR so that it is used."
)
_FIX_WARNINGS = "People get used to clicking warnings away, and then nobody notices a real attack."

_BY_ACCESS = {
    "tls.expired": Code(
        Severity.FAIL,
        "The EMR's certificate expired on {date}. This computer's clock says {clock}.",
        "Renew the certificate and restart the EMR. See why it was not renewed by itself.",
        Contact.EMR_HOST,
        "Browsers warn everybody off, and some programs refuse to connect.",
        say="The EMR's certificate expired on {date}. Please renew it, restart the EMR, and see why it was not "
        "renewed by itself.",
        when=Urgency.TODAY,
    ),
    "tls.not_yet_valid": Code(
        Severity.FAIL,
        "The EMR's certificate is valid only from {date} on. This computer's clock says {clock}.",
        "Check the date on this computer and on the EMR server, then make the certificate again.",
        Contact.EMR_HOST,
        "Browsers warn everybody off until that day.",
        say="The EMR's certificate is valid only from {date} on. Please check the server's date, then make the "
        "certificate again.",
        when=Urgency.TODAY,
    ),
    "tls.name_mismatch": Code(
        Severity.FAIL,
        "The EMR's certificate is not for {name}, but for {names}.",
        "Get a certificate for {name}, or use a name in the settings that it is for ([emr] hostname).",
        Contact.EMR_HOST,
        "Browsers warn everybody who opens the EMR by its public name.",
        say="The EMR's certificate is for {names}, and not for {name}. Please get one for {name}.",
        when=Urgency.TODAY,
    ),
    "tls.untrusted": Code(
        Severity.WARN,
        "Browsers do not trust the EMR's certificate: {reason}.",
        _RENEW,
        Contact.EMR_HOST,
        _FIX_WARNINGS,
        say="Browsers do not trust the EMR's certificate: {reason}. Please install one that they trust, with "
        "automatic renewal.",
        when=Urgency.THIS_WEEK,
    ),
    "tls.plain_http": Code(
        Severity.FAIL,
        "The EMR answers without encryption on port {port}.",
        "Turn on HTTPS on that port (in Tomcat's server.xml: a Connector with SSLEnabled), and forward no other.",
        Contact.EMR_HOST,
        "Anybody on the way can read passwords and patients' data.",
        say="The EMR answers without encryption on port {port}. Please turn on HTTPS there.",
        when=Urgency.TODAY,
    ),
}
_INSIDE_ENDING = "_inside"
_WARNED = (
    "Whoever opens this address itself, in the office or through a VPN, is warned off. A tunnel may refuse it too."
)
_INSIDE = {
    "tls.expired": (Severity.WARN, _BY_ACCESS["tls.expired"].advice, _WARNED),
    "tls.not_yet_valid": (Severity.WARN, _BY_ACCESS["tls.not_yet_valid"].advice, _WARNED),
    "tls.name_mismatch": (Severity.NOTICE, _BY_ACCESS["tls.name_mismatch"].advice, _WARNED),
    "tls.untrusted": (
        Severity.NOTICE,
        "Where people open this address itself, install the certificate on their computers, or get a trusted one.",
        _FIX_WARNINGS,
    ),
    "tls.plain_http": (
        Severity.WARN,
        "Turn on HTTPS on that port (in Tomcat's server.xml: a Connector with SSLEnabled).",
        "Whoever is on the office network, or breaks into its Wi-Fi, can read passwords and patients' data.",
    ),
}


def _inside(name: str) -> Code:
    severity, advice, why = _INSIDE[name]
    warned = severity is Severity.WARN
    say, when = (_BY_ACCESS[name].say, Urgency.THIS_WEEK) if warned else ("", None)
    return replace(_BY_ACCESS[name], severity=severity, advice=advice, why=why, say=say, when=when)


CODES: dict[str, Code] = {
    "tls.ok": Code(
        Severity.OK, "The EMR's certificate is trusted and valid for {days} more days; it speaks {protocol}."
    ),
    **_BY_ACCESS,
    **{name + _INSIDE_ENDING: _inside(name) for name in _INSIDE},
    "tls.plain_http_loopback": Code(
        Severity.NOTICE,
        "The EMR answers without encryption on port {port}, but on this computer alone.",
        "Nothing, as long as the tunnel or the VPN runs on this computer too.",
        Contact.EMR_HOST,
        "Nothing of it leaves this computer without the tunnel or the VPN.",
    ),
    "tls.expiring": Code(
        Severity.WARN,
        "The EMR's certificate expires in {days} days, on {date}.",
        "Renew it now. If it should renew by itself, find out why it has not (certbot: certbot renew --dry-run).",
        Contact.EMR_HOST,
        "From that day on browsers warn everybody off.",
        say="The EMR's certificate expires in {days} days, on {date}. Please renew it, and see that it renews by "
        "itself.",
        when=Urgency.THIS_WEEK,
    ),
    "tls.incomplete_chain": Code(
        Severity.WARN,
        "The EMR does not send the certificate of its issuer ({issuer}) along with its own.",
        "Install the whole chain: fullchain.pem of certbot, or the authority's file with the intermediate certificate.",
        Contact.EMR_HOST,
        "Most computers find the missing part by themselves. Telephones and programs often do not, and refuse.",
        say="The EMR does not send the certificate of its issuer, {issuer}. Please install the whole chain.",
    ),
    "tls.old_protocol": Code(
        Severity.FAIL,
        "The EMR runs, but speaks only {protocol}, which today's browsers refuse.",
        "Update Java and Tomcat, and allow TLS 1.2 in Tomcat's server.xml.",
        Contact.EMR_HOST,
        "For most people the EMR looks dead, although it runs.",
        say="The EMR speaks only {protocol}, which browsers refuse. Please update Java and Tomcat, and allow TLS 1.2.",
        when=Urgency.TODAY,
    ),
    "tls.old_protocol_allowed": Code(
        Severity.NOTICE,
        "The EMR still takes {old}, which is given up (RFC 8996).",
        "Allow only TLS 1.2 and newer in Tomcat's server.xml, once no old device needs it.",
        Contact.EMR_HOST,
    ),
    "tls.wants_certificate": Code(
        Severity.NOTICE,
        "The EMR turns away everybody who has no certificate of their own.",
        "Right where you gave such certificates out. Else turn certificateVerification off in Tomcat's server.xml.",
        Contact.EMR_HOST,
    ),
    "tls.weak_key": Code(
        Severity.WARN,
        "The EMR's certificate is weak: {weak}.",
        "Make a new key (RSA with 2048 bits or more, or EC with 256) and a new certificate for it.",
        Contact.EMR_HOST,
        "Some devices, those of Apple among them, refuse it, and it may be forged.",
        say="The EMR's certificate is weak: {weak}. Please make a new key and a new certificate for it.",
    ),
    "tls.not_tls": Code(
        Severity.FAIL,
        "Something else than the EMR answers on port {port} of {where}: no TLS{banner}.",
        "See which program has that port on that computer, and whether the EMR uses another one.",
        Contact.EMR_HOST,
        "Browsers cannot open it.",
        say="Something else than the EMR answers on port {port} of {where}. Which program is it, and where is the EMR?",
        when=Urgency.TODAY,
    ),
    "tls.handshake_fails": Code(
        Severity.FAIL,
        "Port {port} of {where} is open, but no encrypted connection comes about: {why}.",
        "Restart the EMR. Then look in Tomcat's log for its keystore and its certificate.",
        Contact.EMR_HOST,
        "Browsers cannot open it.",
        say="Port {port} of {where} is open, but no encrypted connection comes about. Please restart the EMR, and "
        "look for its certificate in the log.",
        when=Urgency.TODAY,
    ),
    "tls.certificate_wanted": Code(
        Severity.UNKNOWN,
        "Port {port} of {where} asks for a client certificate, so the EMR's own could not be looked at.",
        "Open it in a browser that has such a certificate. If nobody should need one, turn it off (Tomcat: "
        "certificateVerification, nginx: ssl_verify_client).",
        Contact.EMR_HOST,
        say="Port {port} of {where} asks visitors for a certificate of their own. Should it? If not, please turn that "
        "off.",
    ),
    "tls.differs_outside": Code(
        Severity.NOTICE,
        "From outside another certificate answers ({names_outside}) than in the office.",
        "That is right where a proxy or a tunnel is in front of the EMR. Else see where the router forwards the port.",
        Contact.IT_HELPER,
    ),
    "tls.outside_untrusted": Code(
        Severity.WARN,
        "The certificate that people outside see{which} is not trusted there: {error}.",
        "Install the whole chain where it answers, and use a certificate from an authority that browsers know.",
        Contact.EMR_HOST,
        _FIX_WARNINGS,
        say="People outside get a certificate that is not trusted: {error}. Please install the whole chain where it "
        "answers.",
    ),
    "tls.outside_expired": Code(
        Severity.FAIL,
        "The certificate that people outside see, another than in the office, has expired{date}.",
        "See which computer answers there. It may be a proxy whose certificate has to be renewed, or an old server "
        "that the router still sends people to.",
        Contact.EMR_HOST,
        "Browsers warn everybody outside off, and some programs refuse to connect.",
        say="People outside get a certificate that has expired{date}. Which computer answers there? Please renew its "
        "certificate.",
        when=Urgency.TODAY,
    ),
    "tls.clock_wrong": Code(
        Severity.UNKNOWN,
        "This computer's clock says {clock}; by it, certificates of others are out of date too.",
        "Set the date and the time of this computer, and run the check again.",
        Contact.IT_HELPER,
        "Whether the EMR's certificate has expired cannot be told with a wrong clock.",
    ),
    "tls.unset": Code(
        Severity.UNKNOWN,
        "The EMR server is not known, so its certificate was not looked at.",
        "Run emrnetcheck setup, which asks where it is. In the settings file that is [emr] lan_address and hostname.",
        Contact.IT_HELPER,
    ),
    "tls.unmeasured": Code(
        Severity.UNKNOWN,
        "The EMR's certificate could not be looked at: {why}.",
        "Run the check again when the EMR answers.",
        Contact.IT_HELPER,
    ),
}


def by_access(code: str, *, open_to_all: bool) -> str:
    """The code as it is for people who come from outside, or that for those who are protected already."""
    return code if open_to_all or code not in _INSIDE else code + _INSIDE_ENDING
