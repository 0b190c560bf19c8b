"""What is done about the EMR's name, and about the servers that look names up?"""

from __future__ import annotations

from emrnetcheck.recipes.recipe import (
    ASUS,
    D_LINK,
    FRITZ,
    LINKSYS,
    MIKROTIK,
    NETGEAR,
    OPENWRT,
    TP_LINK,
    UNIFI,
    Recipe,
)

RECIPES = (
    Recipe(
        "ddns_client",
        "Let the name follow the office's address by itself",
        (
            "Choose one place that tells the address: the router, or a program on the EMR server. Not both.",
            "In the router: open its dynamic DNS page, choose your provider, type name, user and password.",
            "On the server: install ddclient or inadyn, and give it provider, name, user and password.",
            "Let the program ask the Web for the address, not the network card.",
            "In ddclient that is use=web (newer: usev4=webv4); in inadyn leave out the iface line.",
            "Let it look every 5 minutes, and see that it starts with the computer.",
            "Force one update, and look at its log: good or nochg is right.",
        ),
        "emrnetcheck ddns watch shows the office's address at every name server.",
        {
            TP_LINK: "Advanced > Network > Dynamic DNS",
            ASUS: "WAN > DDNS",
            NETGEAR: "Advanced > Advanced Setup > Dynamic DNS",
            LINKSYS: "look for DDNS (older: Setup > DDNS)",
            D_LINK: "look for Dynamic DNS",
            FRITZ: "Internet > Permit Access > DynDNS",
            UNIFI: "Settings > Internet > the line > Dynamic DNS",
            MIKROTIK: "IP > Cloud for its own service; others by a script",
            OPENWRT: "Services > Dynamic DNS (package luci-app-ddns)",
        },
    ),
    Recipe(
        "ddns_account",
        "Put the account at the DDNS provider in order",
        (
            "Log in at your DDNS provider in a browser.",
            "See that the name is there, is yours, and has not expired. Free names often must be confirmed each month.",
            "Type user, password (or token) and name anew where the client has them. Copy them, do not type by heart.",
            "If the provider has blocked the client for too many updates, stop it, wait an hour, and unblock it there.",
            "In its log badauth means a wrong password, nohost a missing name, abuse too many updates.",
            "Start the client, force one update, and look at its log again.",
        ),
        "The client's log says good or nochg.",
    ),
    Recipe(
        "dns_record",
        "Correct the name's record",
        (
            "Log in where the name is managed: the DDNS provider, or whoever keeps your domain.",
            "For the EMR's name set one record of the kind A, with the office's public address.",
            "Delete further A records with old addresses. An alias (CNAME) must lead to a name that exists.",
            "Set the time to live (TTL) to 300 seconds or less if the address changes.",
            "Wait for the old time to live, then run the check again.",
        ),
        "The check says that the name leads to this office everywhere.",
    ),
    Recipe(
        "ipv6_record",
        "Take out an IPv6 record that leads nowhere",
        (
            "Log in where the name is managed.",
            "Look for a record of the kind AAAA for the EMR's name.",
            "Delete it, and turn IPv6 off in the DDNS client (ddclient: usev6=disabled).",
            "If people need IPv6: open the port in the router's IPv6 firewall, and keep the record right.",
        ),
        "The check names no IPv6 address that does not answer.",
    ),
    Recipe(
        "wait_for_name",
        "Wait until the old answer has run out",
        (
            "Change nothing: the record is right, and somebody still remembers the old one.",
            "Wait as long as the check says; that is the old record's time to live.",
            "Run the check again.",
            "For next time, set the time to live to 300 seconds or less.",
        ),
        "The check says that the name leads to this office everywhere.",
    ),
    Recipe(
        "provider_of_name",
        "Tell the provider of the name what is wrong",
        (
            "Look at the provider's status page: is it known?",
            "Wait some minutes, and run the check again.",
            "If it stays, write to its support. Send what the check says of each name server.",
            "If it happens often, move the name to another provider.",
        ),
        "Every name server of the name gives the same right answer.",
    ),
    Recipe(
        "resolver_change",
        "Use another name server",
        (
            "Restart the router first, and look again.",
            "In the router, set the DNS servers to 1.1.1.1 and 9.9.9.9, or your provider's. A working one comes first.",
            "Restart the computers, so that they take the change.",
            "A computer with its own DNS setting has to be set to automatic.",
        ),
        "emrnetcheck run --only dns is fine.",
        {
            TP_LINK: "Advanced > Network > Internet, and Advanced > Network > DHCP Server: Primary DNS",
            ASUS: "WAN > Internet Connection: DNS Server; LAN > DHCP Server: DNS Server",
            NETGEAR: "Internet: Domain Name Server (DNS) Address",
            FRITZ: "Internet > Account Information > DNS Server",
            MIKROTIK: "IP > DNS, and IP > DHCP Server > Networks",
            OPENWRT: "Network > Interfaces > wan > Advanced Settings; Network > DHCP and DNS",
            UNIFI: "Settings > Internet > the line; Settings > Networks: DNS Server",
        },
    ),
    Recipe(
        "rebind_exception",
        "Let the router answer a name with an address of the office",
        (
            "The router leaves out answers that lead into the office, as a protection (DNS rebind protection).",
            "Open its page, and add the EMR's name to the exceptions. Do not turn the protection off as a whole.",
            "Or let the name lead to the public address, and use a router that can turn it around (NAT loopback).",
        ),
        "In the office the EMR's name opens the EMR.",
        {
            FRITZ: "Home Network > Network > Network Settings: DNS rebind protection, exceptions",
            OPENWRT: "Network > DHCP and DNS: rebind protection, Domain whitelist",
            ASUS: "WAN > Internet Connection: DNS Rebind protection",
        },
    ),
    Recipe(
        "hosts_file",
        "Take an old line out of the hosts file",
        (
            "Open the hosts file with administrator rights. Linux and macOS: /etc/hosts.",
            "Windows: C:\\Windows\\System32\\drivers\\etc\\hosts, with Notepad run as administrator.",
            "Find the line with the EMR's name. Delete it, or correct its address. Save.",
            "Close and open the browser again.",
        ),
        "The check says that this computer finds the same address as the others.",
    ),
    Recipe(
        "local_name",
        "Find out who in the office answers the name differently",
        (
            "See which name server this computer uses: the check names it.",
            "If it is the router or a filter (such as Pi-hole), look for a rule of its own for the EMR's name.",
            "Correct or delete that rule. An address of the office is right if the EMR answers there.",
            "Turn off VPN and security programs with name rules of their own, and look again.",
        ),
        "In the office the name leads to the EMR, by the answer that you want.",
    ),
)
