"""What can go wrong, as data; `bot.views.errors` turns it into text.

QuartermasterError
├── StorageError             the database refused; nothing was changed
│   └── AlreadyRunning       another process holds the database
├── CannotListen             nobody could reach the bot there (host, port, taken)
├── PeerError                an outside system failed
│   ├── PeerUnavailable      it did not do it: safe to ask again (retry_after)
│   │   └── PeerBusy         … because we asked too often
│   ├── OutcomeUnknown       it may have done it: look before repeating
│   └── PeerRefused          it understood and said no (status, message)
│       ├── Unreachable      … because that person cannot be written to: blocked us, gone, never started us
│       ├── KeyRefused       … because the key is wrong, has lapsed or may not do that
│       └── OrderRefused     … because of the order (reason)
├── SheetLayoutError         a needed column is not in row 1
└── RequestRefused           a person asked for what cannot be done
    ├── UnknownResource      nobody uses that name yet (nearest)
    ├── UnknownPerson        nobody goes by that name, or more than one does (candidates)
    ├── NotEnough            fewer are free than asked (available)
    ├── RequestConflict      the request key came back with other parameters
    ├── OfferLapsed          a button that is stale, foreign or forged
    ├── NotYours             it is held by somebody else, or by nobody
    ├── NotAllowed           a higher role is needed (needed)
    ├── FixedAdmin           the settings make that person an admin (name)
    ├── LastAdmin            nobody else could let people in (name)
    ├── OverLimit            more than one person may hold or reserve (limit, has, what)
    ├── ResourceFrozen       an admin has stopped handing out for it (resource)
    ├── OthersWait           what is free is for those who stand in line (resource, waiting)
    ├── PreviewLapsed        what was reserved is not any more
    ├── UnknownSymbol        the venue does not trade that (nearest)
    ├── NoAccount            there is no such account, or it is somebody else's
    ├── CannotConnect        an account is not connected (problem)
    ├── AccountInUse         it is not known yet what has become of an order on it (label)
    ├── CannotTrade          the account's key may only look (label)
    ├── TradingPaused        no new orders are taken (by everybody, or by that person)
    ├── OrderTooLarge        more than one order, or a day's, may be worth (what, limit, worth)
    ├── OrderUnfit           the venue's rules do not allow it (problem)
    ├── UnknownOrder         there is no such order, or it is somebody else's
    ├── QuoteLapsed          the price that was shown is too old, or not the price any more
    ├── UnknownAlert         there is no such alert any more, or it is somebody else's
    ├── TooManyAlerts        one person may have so many (limit)
    └── AlreadyThere         the price is beyond an alert's target before it is set
"""

from __future__ import annotations

from decimal import Decimal


class QuartermasterError(Exception):
    """Everything that Quartermaster raises on purpose."""


class StorageError(QuartermasterError):
    """The database refused; the transaction had no effect."""


class AlreadyRunning(StorageError):
    """Another process has this database open."""

    def __init__(self, path: str) -> None:
        super().__init__(f"another process is using {path}")
        self.path = path


class CannotListen(QuartermasterError):
    """The bot cannot listen at that address; `taken` where somebody else does."""

    def __init__(self, host: str, port: int, detail: str, *, taken: bool) -> None:
        super().__init__(f"{host}, port {port}: {detail}")
        self.host = host
        self.port = port
        self.detail = detail
        self.taken = taken


class PeerError(QuartermasterError):
    """An outside system failed; `peer` names it."""

    def __init__(self, peer: str, detail: str) -> None:
        super().__init__(f"{peer}: {detail}")
        self.peer = peer
        self.detail = detail


class PeerUnavailable(PeerError):
    """The peer certainly did nothing, and may do it when asked again; `retry_after` in seconds, None = any time."""

    def __init__(self, peer: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(peer, detail)
        self.retry_after = retry_after


class PeerBusy(PeerUnavailable):
    """The peer asks us to slow down; `retry_after` is None where it did not say for how long."""


class OutcomeUnknown(PeerError):
    """The answer got lost: the work may have been done, or may still be."""


class PeerRefused(PeerError):
    """The peer understood and refused; asking the same again is no use. Nothing was done."""

    def __init__(self, peer: str, status: int, detail: str) -> None:
        super().__init__(peer, f"{status} {detail}")
        self.status = status
        self.message = detail


class Unreachable(PeerRefused):
    """That person cannot be written to until they write to us."""


class KeyRefused(PeerRefused):
    """The venue does not take the key: wrong, lapsed, from a wrong address, or not allowed to do this."""


class OrderRefused(PeerRefused):
    """The venue refused an order; `reason` is the value of a `bot.models.order.Refusal`. It had no effect."""

    def __init__(self, peer: str, status: int, detail: str, reason: str) -> None:
        super().__init__(peer, status, detail)
        self.reason = reason


class RowsRefused(PeerRefused):
    """The peer refused a write because of these rows; none of it was done."""

    def __init__(self, peer: str, status: int, detail: str, rows: frozenset[int]) -> None:
        super().__init__(peer, status, detail)
        self.rows = rows


class SheetLayoutError(QuartermasterError):
    """Needed columns are missing from row 1; `missing` holds their names, `found` the headers there are."""

    def __init__(self, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(f"row 1 of the sheet has no column {', '.join(missing)}")
        self.missing = missing
        self.found = found


class RequestRefused(QuartermasterError):
    """A person asked for what cannot be done; nothing was changed."""


class UnknownResource(RequestRefused):
    """Nobody has used that resource yet; `nearest` holds the closest known names, best first."""

    def __init__(self, resource: str, nearest: tuple[str, ...]) -> None:
        super().__init__(f"unknown resource {resource}")
        self.resource = resource
        self.nearest = nearest


class UnknownPerson(RequestRefused):
    """Nobody goes by that name, or more than one does: `candidates` are their Telegram ids."""

    def __init__(self, name: str, candidates: tuple[int, ...] = ()) -> None:
        super().__init__(f"{len(candidates)} people are called {name}")
        self.name = name
        self.candidates = candidates


class NotEnough(RequestRefused):
    """Fewer proxies are free than were asked for."""

    def __init__(self, resource: str, asked: int, available: int) -> None:
        super().__init__(f"{available} of {asked} free for {resource}")
        self.resource = resource
        self.asked = asked
        self.available = available


class RequestConflict(RequestRefused):
    """A request key was used before, with other parameters."""


class OfferLapsed(RequestRefused):
    """The button is stale, somebody else's, or was never ours."""


class NotYours(RequestRefused):
    """The allocation is not held by the person who wants to give it back."""


class StillPending(RequestRefused):
    """It was handed out, and the sheet does not show it yet."""


class NotAllowed(RequestRefused):
    """A higher role is needed; `needed` is its name."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"only for {needed}s")
        self.needed = needed


class FixedAdmin(RequestRefused):
    """The settings make that person an admin; nobody can change that in chat."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is an admin by the settings")
        self.name = name


class LastAdmin(RequestRefused):
    """That person is the only admin there is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the last admin")
        self.name = name


class OverLimit(RequestRefused):
    """A person may have `limit` proxies `what` (held, reserved) at a time, and has `has` of them."""

    def __init__(self, what: str, limit: int, has: int) -> None:
        super().__init__(f"at most {limit} may be {what}, {has} are")
        self.what = what
        self.limit = limit
        self.has = has


class ResourceFrozen(RequestRefused):
    """An admin has stopped handing out for the resource."""

    def __init__(self, resource: str) -> None:
        super().__init__(f"{resource} is frozen")
        self.resource = resource


class OthersWait(RequestRefused):
    """What is free for the resource is for the `waiting` people who stand in line before."""

    def __init__(self, resource: str, waiting: int) -> None:
        super().__init__(f"{waiting} wait for {resource}")
        self.resource = resource
        self.waiting = waiting


class PreviewLapsed(RequestRefused):
    """What was reserved is not any more: its time is over, or it was taken, dropped or replaced."""


class UnknownSymbol(RequestRefused):
    """The venue does not trade that; `nearest` holds the closest symbols, best first."""

    def __init__(self, symbol: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(f"unknown symbol {symbol}")
        self.symbol = symbol
        self.nearest = nearest


class NoAccount(RequestRefused):
    """There is no such account, or it is somebody else's."""


class CannotConnect(RequestRefused):
    """An account was not connected; `problem` is the value of a `bot.models.dialogue.Problem`."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"cannot connect: {problem}")
        self.problem = problem


class AccountInUse(RequestRefused):
    """The account cannot be disconnected while an order on it is being looked for; `label` names it."""

    def __init__(self, label: str) -> None:
        super().__init__(f"{label} is in use")
        self.label = label


class CannotTrade(RequestRefused):
    """The account's key may only look, or the venue no longer takes it; `label` names the account."""

    def __init__(self, label: str) -> None:
        super().__init__(f"{label} cannot trade")
        self.label = label


class TradingPaused(RequestRefused):
    """No new orders are taken: `everybody`, or only those of the person."""

    def __init__(self, *, everybody: bool) -> None:
        super().__init__("trading is paused")
        self.everybody = everybody


class OrderTooLarge(RequestRefused):
    """An order would be worth more than `limit` (USD) for `what` (an order, a day); `worth` is what it comes to."""

    def __init__(self, what: str, limit: Decimal, worth: Decimal) -> None:
        super().__init__(f"at most {limit} USD for {what}, this comes to {worth}")
        self.what = what
        self.limit = limit
        self.worth = worth


class OrderUnfit(RequestRefused):
    """The venue's rules do not allow such an order; `problem` says which, as part of a sentence."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class UnknownOrder(RequestRefused):
    """There is no such order, or it is somebody else's."""


class QuoteLapsed(RequestRefused):
    """The price that was shown is too old, or too far from what it is now; nothing was sent."""


class UnknownAlert(RequestRefused):
    """There is no such alert any more, or it is somebody else's."""


class TooManyAlerts(RequestRefused):
    """One person may have `limit` active alerts."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit} alerts")
        self.limit = limit


class AlreadyThere(RequestRefused):
    """An alert on `series` would fire at once. `kind` is the value of a `bot.models.alert.AlertKind`.

    `found` is the price of `source`, or for a change the fraction by which it has moved within `seconds`.
    """

    def __init__(self, series: str, kind: str, found: Decimal, source: str, seconds: int | None) -> None:
        super().__init__(f"{series} is {kind} already")
        self.series = series
        self.kind = kind
        self.found = found
        self.source = source
        self.seconds = seconds
