"""What is said of the part of the way that is slow."""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Segment, Severity, Urgency
from emrnetcheck.placing.words import unmeasured

_WHY = (
    "The nearest part that is bad and explains those behind it is named; parts behind it cannot be judged through it."
)

CODES = {
    "segment.none": Code(
        Severity.OK,
        "Nothing on the way to the EMR was slow when it was measured ({sure}).",
        segment=None,
    ),
    "segment.computer": Code(
        Severity.FAIL,
        "This computer's own connection is what {does} ({sure}). {reasons}.",
        "Connect this computer with a cable. If it has one, try another cable and another socket. Turn a VPN off.",
        Contact.LAN,
        _WHY,
        Segment.COMPUTER,
        say="This computer's own connection {does}. {reasons}. Please look at its cable, its Wi-Fi and its VPN.",
        when=Urgency.TODAY,
    ),
    "segment.lan": Code(
        Severity.FAIL,
        "The network of this place (cables, switch, Wi-Fi repeaters) is what {does} ({sure}). {reasons}.",
        "Try another cable and another port of the switch. Restart the switch. Look for a cable that leads back to it.",
        Contact.LAN,
        _WHY,
        Segment.LAN,
        say="The network of this place {does}. {reasons}. Please look at the cables and at the switch.",
        when=Urgency.TODAY,
    ),
    "segment.router": Code(
        Severity.FAIL,
        "The router of this place is what {does} ({sure}). {reasons}.",
        "Restart the router. If it stays slow, have its cable, its load and its software looked at.",
        Contact.ROUTER,
        _WHY,
        Segment.ROUTER,
        say="The router {does}. {reasons}. Please look at its cable, its load and its software.",
        when=Urgency.TODAY,
    ),
    "segment.line": Code(
        Severity.FAIL,
        "The Internet line of this place is what {does} ({sure}). {reasons}.",
        "See whether somebody here is sending or loading much. If nobody is, call the provider with this report.",
        Contact.ISP,
        _WHY,
        Segment.LINE,
        say="My Internet line {does}. {reasons}. Please test the line.",
        when=Urgency.TODAY,
    ),
    "segment.line_portal": Code(
        Severity.FAIL,
        "Nobody on the Internet answers, and for the EMR's name the router here gives its own address ({sure}). Its "
        "line is down, or this network wants a log-in first.",
        "Open any page in a browser. If a log-in page of this network comes, log in and measure again. If none comes, "
        "restart the router, then call the provider.",
        Contact.ISP,
        "Guest networks answer so until somebody has logged in, and some routers do while their line is down.",
        Segment.LINE,
        say="My Internet line fails: nobody on the Internet answers, and the router gives its own address for every "
        "name. Please test the line.",
        when=Urgency.TODAY,
    ),
    "segment.path": Code(
        Severity.FAIL,
        "The network of a provider, beyond this place's line, is what {does} ({sure}). {reasons}.",
        "Wait an hour and measure again. If it stays, call the provider with this report.",
        Contact.ISP,
        _WHY,
        Segment.PATH,
        say="Beyond my line your network {does}. {reasons}. Please look at it.",
        when=Urgency.TODAY,
    ),
    "segment.name": Code(
        Severity.FAIL,
        "The look-up of the EMR's name is what is wrong ({sure}). {reasons}.",
        "Restart this place's router and measure again. If it stays, set another name server (such as 1.1.1.1) in it.",
        Contact.ROUTER,
        "Without the right address nothing else of the EMR can be reached.",
        Segment.NAME,
        say="The look-up of the EMR's name is wrong. {reasons}. Please set another name server, such as 1.1.1.1, in "
        "the router.",
        when=Urgency.TODAY,
    ),
    "segment.name_missing": Code(
        Severity.FAIL,
        "The EMR's name does not exist, for nobody ({sure}). {reasons}.",
        "Check the address that you typed, letter by letter. If it is right, the name may have expired. Have whoever "
        "looks after it see to the account at the DDNS provider, and to the name's record.",
        Contact.DNS_PROVIDER,
        "The router and the name server of this place are not to blame: others do not find the name either.",
        Segment.NAME,
        say="The EMR's name does not exist any more. {reasons}. Please see that the account at the DDNS provider has "
        "not expired, and that the name's record is there.",
        when=Urgency.TODAY,
    ),
    "segment.name_dead_address": Code(
        Severity.FAIL,
        "The EMR's name has an address at which nobody answers: {dead} ({sure}). At {open} the EMR answers.",
        "Have whoever looks after the name take {dead} out at the DDNS or DNS provider. If it is a second line of the "
        "clinic, have that line looked at.",
        Contact.DNS_PROVIDER,
        "A browser takes one of the addresses by chance, and waits at a dead one before it tries the other.",
        Segment.NAME,
        say="The EMR's name has an address at which nobody answers: {dead}. Please take it out, or have that line "
        "looked at.",
        when=Urgency.TODAY,
    ),
    "segment.name_office_address": Code(
        Severity.FAIL,
        "The EMR's name has an address of an office network, which nobody outside reaches: {dead} ({sure}). At {open} "
        "the EMR answers.",
        "Have the office's router give {dead} to the computers there. Then have it taken out at the DDNS or DNS "
        "provider.",
        Contact.DNS_PROVIDER,
        "A browser takes one of the addresses by chance, and waits at a dead one before it tries the other.",
        Segment.NAME,
        say="The EMR's name has an address of an office network, which nobody outside reaches: {dead}. Please take it "
        "out of the public name.",
        when=Urgency.TODAY,
    ),
    "segment.far": Code(
        Severity.FAIL,
        "The clinic's side (its line, its router or its network) is what {does} ({sure}). {reasons}.",
        "Have the clinic run emrnetcheck there at the same time, and compare both reports with emrnetcheck compare.",
        Contact.EMR_HOST,
        _WHY,
        Segment.FAR,
        say="The clinic's side {does}. {reasons}. Please run emrnetcheck at the clinic, and send us the report.",
        when=Urgency.TODAY,
    ),
    "segment.kept_in": Code(
        Severity.FAIL,
        "This place's own network lets nothing out on port {port} ({sure}). Each connection is refused before it can "
        "have left this place.",
        "Open the EMR by a phone's hotspot. If it comes, have whoever looks after this network (a firewall, a guest "
        "network) let port {port} out.",
        Contact.LAN,
        "It is refused sooner than the provider's first router answers. Guest networks of hospitals and hotels often "
        "let out only what goes to ports 80 and 443.",
        Segment.LAN,
        say="From this network no connection to port {port} gets out. Please let port {port} out in its firewall.",
        when=Urgency.TODAY,
    ),
    "segment.server": Code(
        Severity.FAIL,
        "The EMR's own computer or program is what {does} ({sure}). {reasons}.",
        "Look at the server's processor, memory and disk, and at its database.",
        Contact.EMR_HOST,
        _WHY,
        Segment.SERVER,
        say="The EMR's computer or program {does}. {reasons}. Please look at the server's load, its log and its "
        "database.",
        when=Urgency.TODAY,
    ),
    "segment.server_refuses": Code(
        Severity.FAIL,
        "The EMR's computer answers, and refuses every connection on port {port} ({sure}): nothing takes them.",
        "Start the EMR's program, or check the port and the address that were given. If they are right, look at the "
        "server's firewall.",
        Contact.EMR_HOST,
        "A program that is only slow or busy takes the connection first: this one does not run, or is somewhere else.",
        Segment.SERVER,
        say="The EMR's computer refuses every connection on port {port}. Please see whether the EMR's program runs, "
        "and on which port.",
        when=Urgency.TODAY,
    ),
    "segment.server_no_page": Code(
        Severity.FAIL,
        "The EMR's server answers, and no page comes of it ({sure}). Why: {no_page}.",
        "Check the address that was typed: https or http, the port, and what comes after the name. If it is right, "
        "look at the addresses, the proxy and the certificates in the EMR's configuration, and at its log.",
        Contact.EMR_HOST,
        "It is there and answers, so neither the network nor a high load keeps the page away.",
        Segment.SERVER,
        say="The EMR's server answers, and no page comes. Why: {no_page}. Please look at its configuration.",
        when=Urgency.TODAY,
    ),
    "segment.server_or_router": Code(
        Severity.FAIL,
        "At this office's own public address nothing takes connections on port {port} ({sure}). The EMR does not run, "
        "or the router does not lead back inside (no hairpin).",
        "Open the EMR by its server's address in this office: if it comes, the router does not lead back. Use that "
        "address here then, or have the name lead to it. emrnetcheck run on the EMR's server tells which.",
        Contact.EMR_HOST,
        "From inside, the public address leads to the router first. Many do not send on from there to the server, and "
        "then nobody outside notices anything.",
        Segment.SERVER,
        say="In the office nothing answers at the EMR's public address, port {port}. Please see whether the EMR runs. "
        "If it does, the router does not lead back inside (hairpin, NAT loopback).",
        when=Urgency.TODAY,
    ),
    "segment.other_page": Code(
        Severity.UNKNOWN,
        "What answers at the EMR's address is {looks}, not the EMR. How the EMR is was not seen.",
        "Check the address that was typed: the name, the port, and what comes after them. In the office try the EMR "
        "server's own address: the router may not lead back inside (hairpin).",
        Contact.IT_HELPER,
    ),
    "segment.unclear": Code(
        Severity.UNKNOWN,
        "Which part of the way is slow could not be told: too little of it answered.",
        "Measure again, and send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    "segment.unmeasured": unmeasured("Which part of the way is slow could not be told: {why}."),
}
