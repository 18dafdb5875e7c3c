"""What the Bot API refuses, and in which words."""

from typing import Any

QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class BotApiError(Exception):
    """A refused call: HTTP status, description and `parameters` of the error body."""

    def __init__(self, status: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> BotApiError:
    """400, the caller's mistake."""
    return BotApiError(400, f"Bad Request: {reason}")


def migrated(chat_id: int) -> BotApiError:
    """400, the group goes on as the supergroup `chat_id`."""
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return BotApiError(400, description, {"migrate_to_chat_id": chat_id})


def bad_entities(reason: str) -> BotApiError:
    """400, a text that does not follow its parse mode."""
    return bad_request(f"can't parse entities: {reason}")


def forbidden(reason: str) -> BotApiError:
    """403, the chat is closed to the bot."""
    return BotApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> BotApiError:
    """409, two ways of receiving updates at once."""
    return BotApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> BotApiError:
    """429, to be repeated after `retry_after` seconds."""
    description = f"Too Many Requests: retry after {retry_after}"
    return BotApiError(429, description, {"retry_after": retry_after})


def unauthorized() -> BotApiError:
    """401, a token that is not (any more) the bot's."""
    return BotApiError(401, "Unauthorized")


def not_found() -> BotApiError:
    """404, a malformed token or an unknown method."""
    return BotApiError(404, "Not Found")


def too_large() -> BotApiError:
    """413, an upload beyond the limit."""
    return BotApiError(413, "Request Entity Too Large")


DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def telegram_error_body(status: int, retry_after: float | None) -> dict[str, Any]:
    """The body for an injected fault; fits `Faults(error_body=…)`."""
    if retry_after is not None:
        seconds = int(retry_after)
        return BotApiError(
            status, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds}
        ).body()
    return BotApiError(status, DESCRIPTIONS.get(status, "Internal Server Error")).body()
