"""What was seen of the EMR's certificate and protocol on the office network. Facts, no opinions."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the server's own certificate says. Times are ISO 8601, UTC; days are by the clock of this computer.

    names: of the subject's alternative names, the first of names_total. self_signed: nobody but itself vouches for it.
    issuer_named: it says where its issuer's certificate is kept, as those of public authorities do.
    key_bits, signature_hash None: the kind of key has none, or it could not be read.
    """

    names: tuple[str, ...]
    names_total: int
    common_name: str | None
    issuer: str
    not_before: str
    not_after: str
    days_left: float
    days_old: float
    self_signed: bool
    is_authority: bool
    issuer_named: bool
    key_type: str
    key_bits: int | None
    signature_hash: str | None

    @property
    def lifetime_days(self) -> float:
        """For how long it was made."""
        return self.days_left + self.days_old


@dataclass(frozen=True, slots=True)
class Tls:
    """The EMR's port on the office network, spoken to in TLS. What answers outside is in Port.outside.

    server_name: the public name that was asked for, None where the settings have none. clock: this computer's, as
    ISO 8601, UTC. failure: why there was no handshake; then the rest is None. only_old: the handshake came about only
    when protocols and ciphers were offered that browsers have given up. old_version: the newest below TLS 1.2 that the
    server still takes, None where it takes none or old_failure says why that is not known.
    chain_length: certificates sent; chain_length and issuer_sent None: this Python cannot tell. trusted: by this
    system's authorities, whatever the name and the date (trust_failure says why not). name_matches None: no name known.
    wants_certificate: it turns visitors away who have no certificate of their own.
    """

    address: str
    port: int
    server_name: str | None
    clock: str
    failure: Failure | None
    protocol: str | None = None
    cipher: str | None = None
    only_old: bool = False
    old_version: str | None = None
    old_failure: Failure | None = None
    fingerprint_sha256: str | None = None
    certificate: Certificate | None = None
    certificate_failure: Failure | None = None
    chain_length: int | None = None
    issuer_sent: bool | None = None
    trusted: bool | None = None
    trust_failure: Failure | None = None
    name_matches: bool | None = None
    handshake_ms: float | None = None
    wants_certificate: bool = False
