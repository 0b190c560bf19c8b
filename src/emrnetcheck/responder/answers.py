"""What does the responder answer to what it does not do?"""

from __future__ import annotations

from starlette.responses import JSONResponse

NO_STORE = {"cache-control": "no-store"}


class Refused(Exception):
    """An answer that is a refusal. retry_s: when it makes sense to ask again."""

    def __init__(self, status: int, sentence: str, *, retry_s: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry_s = retry_s

    def answer(self) -> JSONResponse:
        """It closes the connection, so that what comes after is not read either."""
        headers = {**NO_STORE, "connection": "close"}
        if self.retry_s is not None:
            headers["retry-after"] = str(self.retry_s)
        if self.status == 401:  # noqa: PLR2004 - RFC 9110 11.6.1 wants it said
            headers["www-authenticate"] = "Bearer"
        return JSONResponse({"error": self.sentence}, self.status, headers)
