"""What the exchange keeps: keys, accounts, positions, orders and fills. Times are seconds since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, ClassVar, Protocol, TypeVar

JSON = dict[str, Any]

ZERO = Decimal(0)
TRADING: dict[str, list[str]] = {
    "ContractTrade": ["Order", "Position"],
    "Spot": ["SpotTrade"],
    "Wallet": ["AccountTransfer"],
    "Options": [],
    "Derivatives": [],
    "CopyTrading": [],
    "BlockTrade": [],
    "Exchange": [],
    "NFT": [],
}
WITHDRAWING = TRADING | {"Wallet": ["AccountTransfer", "Withdraw"]}


class Record(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Kept = TypeVar("Kept", bound=Record)


@dataclass(slots=True)
class ApiKey:
    """A key to an account; `ips` of "*" means any; `expires_at` None means never."""

    key: str
    secret: str
    uid: int
    read_only: bool = False
    permissions: dict[str, list[str]] = field(default_factory=lambda: dict(TRADING))
    ips: list[str] = field(default_factory=lambda: ["*"])
    expires_at: float | None = None
    created_at: float = 0.0
    note: str = ""


@dataclass(slots=True)
class Position:
    """A position in a perpetual: `size` > 0 is long, < 0 short, 0 is none."""

    symbol: str
    leverage: Decimal = Decimal(10)
    size: Decimal = ZERO
    entry: Decimal = ZERO
    realised: Decimal = ZERO
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    created_at: float = 0.0
    updated_at: float = 0.0


@dataclass(slots=True)
class Account:
    """A unified account: what it has of each coin, its positions by symbol, and the coins it began with."""

    uid: int
    coins: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    start: dict[str, Decimal] = field(default_factory=dict)

    def position(self, symbol: str) -> Position:
        """The position in a symbol; made, with a size of 0, when it is first spoken of."""
        return self.positions.setdefault(symbol, Position(symbol))

    def move(self, coin: str, amount: Decimal) -> None:
        """Add to a coin, or take from it."""
        self.coins[coin] = self.coins.get(coin, ZERO) + amount


@dataclass(slots=True)
class Order:
    """An order from its acceptance on. `qty` is in base, or in quote where `unit` says quoteCoin."""

    id: str
    link_id: str
    uid: int
    category: str
    symbol: str
    side: str
    kind: str
    time_in_force: str
    qty: Decimal
    price: Decimal
    created_at: float
    updated_at: float
    visible_at: float
    unit: str = ""
    reduce_only: bool = False
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    status: str = "New"
    filled: Decimal = ZERO
    value: Decimal = ZERO
    fee: Decimal = ZERO
    cancel_type: str = "UNKNOWN"
    reject_reason: str = "EC_NoError"
    create_type: str = "CreateByUser"
    stop_type: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in ("New", "PartiallyFilled")

    @property
    def is_buy(self) -> bool:
        return self.side == "Buy"

    @property
    def left(self) -> Decimal:
        """What may still be filled."""
        return self.qty - self.filled if self.is_open else ZERO


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order."""

    id: str
    order_id: str
    qty: Decimal
    price: Decimal
    fee: Decimal
    fee_coin: str
    fee_rate: Decimal
    maker: bool
    time: float
    kind: str = "Trade"
    closed: Decimal = ZERO


def packed(record: Record) -> JSON:
    """A record as JSON; decimals become texts."""
    values = ((item.name, getattr(record, item.name)) for item in fields(record))
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values}


def unpacked(cls: type[Kept], source: Mapping[str, Any]) -> Kept:
    """The record that `packed` gave."""
    exact = (Decimal, Decimal | None)
    values = {
        item.name: _exact(source[item.name]) if item.type in exact else source[item.name]
        for item in fields(cls)
    }
    return cls(**values)


def _exact(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def packed_account(account: Account) -> JSON:
    """An account as JSON."""
    return {
        "uid": account.uid,
        "coins": _texts(account.coins),
        "start": _texts(account.start),
        "positions": [packed(position) for position in account.positions.values()],
    }


def unpacked_account(source: Mapping[str, Any]) -> Account:
    """The account that `packed_account` gave."""
    positions = [unpacked(Position, position) for position in source["positions"]]
    by_symbol = {position.symbol: position for position in positions}
    return Account(source["uid"], _decimals(source["coins"]), by_symbol, _decimals(source["start"]))


def _texts(coins: Mapping[str, Decimal]) -> dict[str, str]:
    return {coin: str(amount) for coin, amount in coins.items()}


def _decimals(coins: Mapping[str, str]) -> dict[str, Decimal]:
    return {coin: Decimal(amount) for coin, amount in coins.items()}
