"""What an error of ccxt means for us. The classes go by their names, so that nothing here imports ccxt."""

from __future__ import annotations

import re

from bot.errors import KeyRefused, OrderRefused, OutcomeUnknown, PeerBusy, PeerError, PeerUnavailable
from bot.models.account import Credentials
from bot.models.order import Refusal

LONGEST_MESSAGE = 200
NO_STATUS = 400  # ccxt keeps the venue's code in its text only

SLOW_DOWN = {"RateLimitExceeded", "DDoSProtection", "InvalidNonce"}
NOT_SENT = {"ClientConnectorError", "ConnectionTimeoutError", "gaierror"}
REFUSALS = {
    "OrderNotFound": Refusal.NOT_FOUND,
    "DuplicateOrderId": Refusal.DUPLICATE,
    "InsufficientFunds": Refusal.FUNDS,
    "BadSymbol": Refusal.MARKET,
    "MarketClosed": Refusal.MARKET,
    "ContractUnavailable": Refusal.MARKET,
    "InvalidOrder": Refusal.RULES,
    "BadRequest": Refusal.RULES,
    "ArgumentsRequired": Refusal.RULES,
    "NotSupported": Refusal.RULES,
    "OperationRejected": Refusal.OTHER,
}
# Most venues have no class of their own for it in ccxt; a false alarm only makes one look the order up.
_TAKEN = re.compile(r"duplicat|already exist|110072|170141|51016", re.IGNORECASE)
_WORDS = re.compile(r'"(?:retMsg|sMsg|msg|message|error)"\s*:\s*"([^"]+)"')


def translated(venue: str, error: Exception, credentials: Credentials, *, order: bool) -> PeerError:
    """The error in our words, without a secret in them. `order`: something was to be changed at the venue.

    Only classes by which ccxt says that the venue (or ccxt itself, before sending) has refused count as refusals; an
    error of an unknown kind leaves the outcome of an order open.
    """
    if isinstance(error, PeerError):
        return error
    names, words = _names(error), _words(error, credentials)
    if is_about_key(error):
        return KeyRefused(venue, NO_STATUS, words)
    if names & SLOW_DOWN:
        return PeerBusy(venue, words)
    if not order or _was_not_sent(error):
        return PeerUnavailable(venue, words)
    reason = _reason(error)
    return OutcomeUnknown(venue, words) if reason is None else OrderRefused(venue, NO_STATUS, words, reason)


def is_about_key(error: Exception) -> bool:
    """Whether it is the key that is refused. After a call that went well ccxt takes Binance's -2015 for a ban."""
    names = _names(error)
    return "AuthenticationError" in names or ("DDoSProtection" in names and "-2015" in str(error))


def was_too_early_or_late(busy: PeerBusy) -> bool:
    """Whether it was refused because the venue's clock shows another time than ours."""
    return busy.__cause__ is not None and "InvalidNonce" in _names(busy.__cause__)


def _reason(error: Exception) -> Refusal | None:
    """That of the nearest class that has one."""
    own = [cls.__name__ for cls in type(error).__mro__]
    reason = next((REFUSALS[name] for name in own if name in REFUSALS), None)
    return Refusal.DUPLICATE if reason is Refusal.RULES and _TAKEN.search(str(error)) else reason


def _was_not_sent(error: Exception) -> bool:
    """Whether not even a connection came about."""
    return error.__cause__ is not None and bool(_names(error.__cause__) & NOT_SENT)


def _names(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


def _words(error: Exception, credentials: Credentials) -> str:
    """The venue's own words where there are some; an address may hold what was signed, so none is kept."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if "BaseError" not in _names(error):  # no error of ccxt's: it stumbled over the answer
        return "an answer that cannot be read"
    text = str(error)
    said = [words for words in _WORDS.findall(text) if words]
    text = "; ".join(said) if said else text.partition("http")[0]
    for secret in (credentials.key, credentials.secret, credentials.passphrase):
        text = text.replace(secret, "…") if secret else text
    return " ".join(text.split())[:LONGEST_MESSAGE] or type(error).__name__
