"""What is done on the EMR server?"""

from __future__ import annotations

from emrnetcheck.recipes.recipe import Recipe

RECIPES = (
    Recipe(
        "start_emr",
        "Start the EMR",
        (
            "Go to the server, and see that it is on and has not run out of disk (Linux: df -h).",
            "Start the service. Linux: sudo systemctl restart tomcat9 (or tomcat10, oscar). Windows: Services, Tomcat.",
            "See that its database runs. Linux: sudo systemctl status mariadb.",
            "Wait two minutes, and open the log-in page on the server itself.",
            "If it does not come, read the end of the log (OSCAR: catalina.out), from the first line with SEVERE.",
            "See that [emr] lan_address, port and path in the settings are the EMR's.",
        ),
        "emrnetcheck run --only port,emr is fine.",
    ),
    Recipe(
        "emr_log",
        "Read what the EMR says of itself",
        (
            "On the server open the log: OSCAR's is catalina.out, often in /var/log/tomcat9 or Tomcat's folder logs.",
            "Look for SEVERE and Exception at the time of the check.",
            "OutOfMemoryError: give Java more memory (see the recipe for a slow EMR).",
            "Cannot connect to the database: start MariaDB or MySQL, and look at its disk.",
            "404: the EMR is not installed under this path, or did not start.",
            "Send the lines to whoever supports the EMR. Take out names of patients first.",
        ),
        "The log-in page opens on the server itself.",
    ),
    Recipe(
        "emr_slow",
        "Find out why the EMR itself is slow",
        (
            "On the server look at processor, memory and disk (Linux: top, free -h; Windows: Task Manager).",
            "Restart the EMR once, outside clinic hours. If it is quick then and slow again later, it lacks memory.",
            "Give Java more memory: -Xmx in CATALINA_OPTS or JAVA_OPTS (Tomcat: bin/setenv.sh). Leave half free.",
            "Look at the database: slow queries, and innodb_buffer_pool_size about as large as the data in use.",
            "Keep backups and virus scans out of clinic hours, and leave out the database's folder.",
            "An old disk is the usual end of it: an SSD helps more than anything else.",
        ),
        "emrnetcheck run --only emr says that the page comes quickly.",
    ),
    Recipe(
        "listen_everywhere",
        "Let Tomcat listen on all addresses",
        (
            "Open Tomcat's server.xml (often /etc/tomcat9/server.xml) with administrator rights. Keep a copy.",
            'In the Connector of the EMR\'s port take out address="127.0.0.1" (or the wrong address).',
            "Restart Tomcat.",
            "If a proxy such as nginx stands in front, look at its listen lines instead.",
        ),
        "On another computer of the office https://SERVER:8443/ opens.",
    ),
    Recipe(
        "listen_locally",
        "Let the database and the like listen for this computer only",
        (
            "MariaDB or MySQL: set bind-address = 127.0.0.1 below [mysqld], and restart it.",
            "PostgreSQL: listen_addresses = 'localhost'. Redis: bind 127.0.0.1.",
            "Docker: in the compose file write 127.0.0.1:3306:3306 (with its port), or take the line out.",
            'Tomcat: address="127.0.0.1" in the Server and in the AJP Connector of server.xml.',
            "Other programs: look for bind, listen or address in their settings.",
            "If another computer of the office needs it, allow just that one in the server's firewall.",
        ),
        "The check names no such program any more.",
    ),
    Recipe(
        "host_firewall",
        "Let the EMR's port in at the server's own firewall",
        (
            "Ubuntu and Debian with ufw: sudo ufw allow 8443/tcp (with the EMR's port).",
            "Fedora and the like: sudo firewall-cmd --add-port=8443/tcp --permanent, then sudo firewall-cmd --reload.",
            "Windows Defender Firewall > Advanced settings > Inbound Rules > New Rule > Port, TCP, all profiles.",
            "Let it in from all addresses if people come from outside, not from the office's network only.",
            "Security programs have a firewall of their own: look there too.",
        ),
        "On another computer of the office https://SERVER:8443/ opens.",
    ),
    Recipe(
        "certificate_renew",
        "Renew the certificate, and see why it was not renewed by itself",
        (
            "With certbot: sudo certbot renew --dry-run shows what is wrong; sudo certbot renew renews.",
            "Its check needs port 80 open, or a record in DNS: see which way yours uses.",
            "Convert it to Tomcat's keystore, if Tomcat does not read the files itself. Then restart Tomcat.",
            "Let a script do this after each renewal (certbot: --deploy-hook).",
            "A bought certificate: order the new one, and install it with the whole chain.",
        ),
        "emrnetcheck run --only tls names the new end.",
    ),
    Recipe(
        "certificate_get",
        "Get a certificate that browsers trust, for the right name",
        (
            "Take the name that people type: the EMR's public name.",
            "Get one from Let's Encrypt with certbot (free), or buy one. A DDNS name is proved by port 80 or by DNS.",
            "Install the whole chain (certbot: fullchain.pem), not the certificate alone.",
            "Restart the EMR, so that it is used.",
            "Let it renew by itself.",
        ),
        "A browser opens the EMR from outside without a warning.",
    ),
    Recipe(
        "https_on",
        "Turn on HTTPS, and nothing else",
        (
            "Get a certificate first.",
            'In Tomcat\'s server.xml add a Connector with SSLEnabled="true" for the port, with the certificate in it.',
            "Restart Tomcat, and open https://SERVER:8443/ in the office.",
            "Take every forward to the port without encryption out of the router.",
            "Patient data must not go over the Internet until this is done.",
        ),
        "emrnetcheck run --only tls is fine.",
    ),
    Recipe(
        "tls_update",
        "Bring encryption up to date",
        (
            "Update Java and Tomcat to versions that are still supported. Ask the EMR's support which ones fit.",
            "In the Connector of server.xml allow TLSv1.2 and TLSv1.3 only.",
            "A weak key: make a new one (RSA with 2048 bits or more, or EC with 256), and a new certificate for it.",
            "Restart Tomcat.",
        ),
        "emrnetcheck run --only tls is fine.",
    ),
    Recipe(
        "emr_address",
        "Let the EMR and the server in front of it use the public name",
        (
            "Open the EMR by its public name, and look where the browser ends up.",
            "A proxy in front (nginx, Apache) has to hand on the name and the scheme: Host and X-Forwarded-Proto.",
            "In Tomcat add the RemoteIpValve, or scheme and proxyPort in the Connector (server.xml).",
            "In the EMR's own configuration set the public name as its address.",
            "If the EMR is at another port or path, put that into the settings: [emr] port and path.",
        ),
        "The log-in page opens from outside under the name that was typed.",
    ),
    Recipe(
        "client_certificate",
        "See whether visitors need a certificate of their own",
        (
            "Ask whoever set up the EMR whether that is meant: some clinics let in only computers with a certificate.",
            "If it is, open the EMR in a browser that has one; this check cannot look further.",
            "If not, turn it off. Tomcat: certificateVerification. nginx: ssl_verify_client.",
        ),
        "The log-in page opens as it should.",
    ),
)
