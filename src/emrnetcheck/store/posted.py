"""How are a mail, a delivery and a server's reply written down, and what does a row mean?"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.mail import (
    REPLY_TEXT_CHARS,
    Composed,
    Delivery,
    DeliveryState,
    MailKind,
    Outcome,
    Reply,
)
from emrnetcheck.store.faults import UnreadableError
from emrnetcheck.store.packed import storable

MOST_MESSAGE_BYTES = 5_000_000
"""No mail of ours is a twentieth of it, and hardly a server takes more than some times that."""
_MOST_SUBJECT_CHARS = 500


def mail_columns(mail: Composed) -> dict[str, object]:
    """By their names. ValueError for one that is too large to be kept."""
    if len(mail.message) > MOST_MESSAGE_BYTES:
        raise ValueError(f"a mail of {len(mail.message)} bytes: at most {MOST_MESSAGE_BYTES} are kept")
    return {
        "key": storable(mail.key),
        "kind": mail.kind.value,
        "site": storable(mail.site),
        "message_id": storable(mail.message_id),
        "subject": storable(mail.subject)[:_MOST_SUBJECT_CHARS],
        "sender": storable(mail.sender),
        "composed_unix_s": int(mail.composed_at.timestamp()),
        "message": zlib.compress(mail.message),
    }


def delivery_of(row: Mapping[str, Any], recipients: tuple[str, ...]) -> Delivery:
    """recipients: of the whole mail. UnreadableError for what this version does not know, or what is damaged."""
    try:
        mail = Composed(
            key=row["key"],
            kind=MailKind(row["kind"]),
            site=row["site"],
            message_id=row["message_id"],
            subject=row["subject"],
            sender=row["sender"],
            recipients=recipients,
            message=_unpacked(row["message"]),
            composed_at=_moment(row["composed_unix_s"]),
        )
        return Delivery(
            id=int(row["id"]),
            mail=mail,
            recipient=row["recipient"],
            state=DeliveryState(row["state"]),
            attempts=int(row["attempts"]),
            next_try_at=_moment(row["next_try_unix_s"]),
            first_try_at=_moment_or_none(row["first_try_unix_s"]),
            settled_at=_moment_or_none(row["settled_unix_s"]),
            last_reply=reply_of(row["reply"]) if row["reply"] is not None else None,
            may_be_double=bool(row["may_be_double"]),
        )
    except (ValueError, TypeError, OverflowError, OSError, zlib.error) as error:  # SQLite keeps any type anywhere
        raise UnreadableError(f"the mail {str(row['id'])[:20]}: {str(error)[:100]}") from error


def as_json(reply: Reply) -> str:
    """As it is kept."""
    failure = reply.failure
    return json.dumps(
        {
            "outcome": reply.outcome.value,
            "code": reply.code,
            "text": storable(reply.text)[:REPLY_TEXT_CHARS],
            "stage": reply.stage,
            "failure": None
            if failure is None
            else {
                "kind": failure.kind.value,
                "operation": storable(failure.operation),
                "target": storable(failure.target),
                "detail": storable(failure.detail),
            },
        }
    )


def reply_of(text: str) -> Reply:
    """ValueError for what is none."""
    try:
        kept = json.loads(text)
        failure = kept["failure"]
        return Reply(
            outcome=Outcome(kept["outcome"]),
            code=kept["code"],
            text=str(kept["text"]),
            stage=str(kept["stage"]),
            failure=None if failure is None else Failure(**{**failure, "kind": FailureKind(failure["kind"])}),
        )
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("its reply cannot be read") from error


def _unpacked(content: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    message = unpacking.decompress(content, MOST_MESSAGE_BYTES)
    if not unpacking.eof:
        raise ValueError("cut off, or too large")
    return message


def _moment(value: Any) -> datetime:  # noqa: ANN401 (SQLite keeps any type anywhere)
    return datetime.fromtimestamp(value, UTC)


def _moment_or_none(value: Any) -> datetime | None:  # noqa: ANN401 (as above)
    return None if value is None else _moment(value)
