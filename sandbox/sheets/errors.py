"""The refusals of the Sheets API, each with Google's status, words and details.

ApiError is the only exception; the functions below build it for each known refusal.
"""

from collections.abc import Sequence
from typing import Any

JSON = dict[str, Any]

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
TOO_MANY_CELLS = (
    "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
)
TOO_MANY_COLUMNS = (
    "This action would increase the number of columns in the sheet above the limit of 18278 columns."
)
CELL_TOO_LONG = "Your input contains more than the maximum of 50000 characters in a single cell."


class ApiError(Exception):
    """A refused call: HTTP `code`, Google's `message`, and `details` if any."""

    def __init__(self, code: int, message: str, details: Sequence[JSON] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details

    @property
    def body(self) -> JSON:
        """The JSON body of the answer."""
        error: JSON = {"code": self.code, "message": self.message, "status": STATUSES[self.code]}
        return {"error": error | ({"details": list(self.details)} if self.details else {})}

    def within(self, part: str) -> "ApiError":
        """The same refusal, naming the part of a batch that caused it."""
        return ApiError(self.code, f"Invalid {part}: {self.message}", self.details)


def invalid(message: str) -> ApiError:
    """A 400 about what the request says."""
    return ApiError(400, message)


def unable_to_parse(text: str) -> ApiError:
    """A 400 for a range that is no A1 notation or names no sheet."""
    return invalid(f"Unable to parse range: {text}")


def exceeds_grid(text: str, row_count: int, column_count: int) -> ApiError:
    """A 400 for a range outside the grid."""
    limits = f"Max rows: {row_count}, max columns: {column_count}"
    return invalid(f"Range ({text}) exceeds grid limits. {limits}")


def malformed(violations: Sequence[tuple[str, str]]) -> ApiError:
    """A 400 for a payload that does not fit the schema; violations are pairs (field path, description)."""
    listed = [
        {"field": path, "description": text} if path else {"description": text} for path, text in violations
    ]
    details = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}
    return ApiError(400, "\n".join(text for _, text in violations), [details])


def unauthenticated() -> ApiError:
    """The 401 for a missing, unknown or expired access token."""
    return ApiError(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, "
        "login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


def permission_denied() -> ApiError:
    """The 403 for a spreadsheet that is not shared with the caller."""
    return ApiError(403, "The caller does not have permission")


def not_found() -> ApiError:
    """The 404 for a spreadsheet that does not exist."""
    return ApiError(404, "Requested entity was not found.")


def quota_exceeded(kind: str, *, per_user: bool, limit: int) -> ApiError:
    """The 429 of a used-up minute; `kind` is "read" or "write"."""
    suffix = " per user" if per_user else ""
    scope = "User" if per_user else "Project"
    message = (
        f"Quota exceeded for quota metric '{kind.title()} requests' and limit "
        f"'{kind.title()} requests per minute{suffix}' of service 'sheets.googleapis.com' "
        "for consumer 'project_number:123'."
    )
    metadata = {
        "quota_metric": f"sheets.googleapis.com/{kind}_requests",
        "quota_limit": f"{kind.title()}RequestsPerMinutePer{scope}",
        "quota_limit_value": str(limit),
        "quota_location": "global",
        "service": "sheets.googleapis.com",
        "consumer": "projects/123",
    }
    return ApiError(429, message, [_error_info("RATE_LIMIT_EXCEEDED", metadata), _quota_help()])


def _error_info(reason: str, metadata: JSON) -> JSON:
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": metadata}


def _quota_help() -> JSON:
    url = "https://cloud.google.com/docs/quota#requesting_higher_quota"
    links = [{"description": "Request a higher quota limit.", "url": url}]
    return {"@type": "type.googleapis.com/google.rpc.Help", "links": links}
