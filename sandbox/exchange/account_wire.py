"""Keys, wallets and positions as they look on the wire."""

from collections.abc import Sequence
from typing import Any

from sandbox.exchange import positions
from sandbox.exchange.instruments import QUOTE
from sandbox.exchange.records import ZERO, Account, ApiKey, Position
from sandbox.exchange.texts import iso, maybe, ms, rounded, text
from sandbox.exchange.world import ExchangeWorld

JSON = dict[str, Any]


def key_info(key: ApiKey) -> JSON:
    """What user/query-api says of a key."""
    info: JSON = {
        "id": str(key.uid),
        "note": key.note,
        "apiKey": key.key,
        "readOnly": int(key.read_only),
        "secret": "",
        "permissions": key.permissions,
        "ips": key.ips,
        "type": 1,
        "createdAt": iso(key.created_at),
        "unified": 0,
        "uta": 1,
        "userID": key.uid,
        "vipLevel": "No VIP",
        "isMaster": True,
        "parentUid": "0",
    }
    if key.expires_at is not None:
        info |= {
            "expiredAt": iso(key.expires_at),
            "deadlineDay": int((key.expires_at - key.created_at) / 86_400),
        }
    return info


def wallet(world: ExchangeWorld, account: Account, coins: Sequence[str]) -> JSON:
    """The unified account of wallet-balance; `coins` are those asked for, none means all that are not zero."""
    names = coins or sorted(coin for coin, amount in account.coins.items() if amount)
    margin, ordered = world.position_margin(account), world.order_margin(account)
    profit = world.profit(account)
    total = sum((amount * world.usd(coin) for coin, amount in account.coins.items()), ZERO)
    return {
        "accountType": "UNIFIED",
        "accountLTV": "",
        "accountIMRate": "",
        "accountMMRate": "",
        "totalEquity": rounded(total + profit),
        "totalWalletBalance": rounded(total),
        "totalMarginBalance": rounded(total + profit),
        "totalAvailableBalance": rounded(total + profit - margin - ordered),
        "totalPerpUPL": rounded(profit),
        "totalInitialMargin": rounded(margin + ordered),
        "totalMaintenanceMargin": "0",
        "coin": [_coin(world, account, name) for name in names],
    }


def _coin(world: ExchangeWorld, account: Account, coin: str) -> JSON:
    amount = account.coins.get(coin, ZERO)
    usdt = coin == QUOTE
    profit = world.profit(account) if usdt else ZERO
    realised = sum((position.realised for position in account.positions.values()), ZERO) if usdt else ZERO
    return {
        "coin": coin,
        "equity": rounded(amount + profit),
        "usdValue": rounded((amount + profit) * world.usd(coin)),
        "walletBalance": text(amount),
        "locked": text(world.locked(account, coin)),
        "borrowAmount": "0",
        "availableToBorrow": "",
        "availableToWithdraw": "",
        "accruedInterest": "0",
        "totalOrderIM": rounded(world.order_margin(account)) if usdt else "0",
        "totalPositionIM": rounded(world.position_margin(account)) if usdt else "0",
        "totalPositionMM": "0",
        "unrealisedPnl": rounded(profit),
        "cumRealisedPnl": rounded(realised),
        "bonus": "0",
        "collateralSwitch": True,
        "marginCollateral": True,
    }


def position_info(world: ExchangeWorld, position: Position) -> JSON:
    """One entry of position/list."""
    mark = world.mark(position.symbol)
    liquidation = positions.liquidation_price(position)
    side = "Buy" if position.size > 0 else "Sell" if position.size else ""
    return {
        "positionIdx": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": position.symbol,
        "side": side,
        "size": text(abs(position.size)),
        "avgPrice": rounded(position.entry),
        "positionValue": rounded(positions.value(position)) if position.size else "",
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2 if position.size else 0,
        "leverage": text(position.leverage),
        "markPrice": text(mark),
        "liqPrice": "" if liquidation is None else rounded(liquidation),
        "bustPrice": "",
        "positionIM": rounded(positions.initial_margin(position)),
        "positionMM": rounded(positions.value(position) * positions.MAINTENANCE),
        "tpslMode": "Full",
        "takeProfit": maybe(position.take_profit),
        "stopLoss": maybe(position.stop_loss),
        "trailingStop": "0",
        "unrealisedPnl": rounded(positions.unrealised(position, mark)) if position.size else "",
        "cumRealisedPnl": rounded(position.realised),
        "isReduceOnly": False,
        "createdTime": ms(position.created_at),
        "updatedTime": ms(position.updated_at),
    }
