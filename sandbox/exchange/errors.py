"""The refusals of the exchange, each with Bybit's code and words.

VenueError is the only exception; the functions below build it where a refusal has a number of its own.
"""

MESSAGES = {
    10000: "Server Timeout",
    10001: "Request parameter error.",
    10003: "API key is invalid.",
    10005: "Permission denied, please check your API key permissions.",
    10006: "Too many visits. Exceeded the API Rate Limit.",
    10010: "Unmatched IP, please check your API key's bound IP addresses.",
    10016: "Internal System Error.",
    10018: "Exceeded the IP Rate Limit.",
    33004: "Your api key has expired.",
    34040: "not modified",
    110001: "order not exists or too late to cancel",
    110003: "Order price exceeds the allowable range.",
    110007: "ab not enough for new order",
    110017: "current position is zero, cannot fix reduce-only order qty",
    110043: "leverage not modified",
    110072: "OrderLinkedID is duplicate",
    110094: "Order does not meet minimum order value 5USDT",
    170007: "Timeout waiting for response from backend server.",
    170121: "Invalid symbol.",
    170131: "Insufficient balance.",
    170134: "Order price has too many decimals.",
    170135: "Order quantity exceeded upper limit.",
    170136: "Order quantity exceeded lower limit.",
    170137: "Order quantity has too many decimals.",
    170140: "Order value exceeded lower limit.",
    170141: "Duplicate clientOrderId.",
    170146: "Order creation timeout.",
    170193: "Buy order price cannot be higher than {}.",
    170194: "Sell order price cannot be lower than {}.",
    170213: "Order does not exist.",
}
FORBIDDEN = "access too frequent"
GATEWAY_PAGE = (
    "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n"
    "<hr><center>nginx</center>\n</body>\n</html>\n"
)
REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Temporarily Unavailable"}


class VenueError(Exception):
    """A refused call: `code` and `message` as they stand in the envelope."""

    def __init__(self, code: int, message: str | None = None) -> None:
        self.code = code
        self.message = MESSAGES.get(code, MESSAGES[10001]) if message is None else message
        super().__init__(self.message)


def bad_parameter(message: str) -> VenueError:
    """10001, about what the request says."""
    return VenueError(10001, message)


def bad_sign(origin: str) -> VenueError:
    """10004; Bybit repeats the text it has signed, API key and all."""
    return VenueError(10004, f"error sign! origin_string[{origin}]")


def bad_time(request_ms: str, server_ms: int, window: str) -> VenueError:
    """10002, a clock that is off or a call that came too late."""
    return VenueError(
        10002,
        "invalid request, please check your server timestamp or recv_window param. "
        f"req_timestamp[{request_ms}],server_timestamp[{server_ms}],recv_window[{window}]",
    )


def exchange_error_body(status: int, retry_after: float | None) -> str:
    """The body of an injected HTTP error; fits `Faults(error_body=…)`."""
    if status == 403:
        return FORBIDDEN
    return GATEWAY_PAGE.format(f"{status} {REASONS.get(status, 'Error')}")
