"""Orders and their executions as they look on the wire."""

from typing import Any

from sandbox.exchange.records import Fill, Order
from sandbox.exchange.texts import maybe, ms, rounded, text

JSON = dict[str, Any]


def order_info(order: Order) -> JSON:
    """One entry of order/realtime and order/history."""
    info: JSON = {
        "orderId": order.id,
        "orderLinkId": order.link_id,
        "blockTradeId": "",
        "symbol": order.symbol,
        "price": text(order.price),
        "qty": text(order.qty),
        "side": order.side,
        "isLeverage": "0" if order.category == "spot" else "",
        "positionIdx": 0,
        "orderStatus": order.status,
        "cancelType": order.cancel_type,
        "rejectReason": order.reject_reason,
        "avgPrice": rounded(order.value / order.filled) if order.filled else "",
        "leavesQty": text(order.left),
        "leavesValue": rounded(order.left * order.price),
        "cumExecQty": text(order.filled),
        "cumExecValue": rounded(order.value),
        "cumExecFee": rounded(order.fee),
        "timeInForce": order.time_in_force,
        "orderType": order.kind,
        "stopOrderType": order.stop_type,
        "marketUnit": order.unit,
        "triggerPrice": "",
        "takeProfit": maybe(order.take_profit),
        "stopLoss": maybe(order.stop_loss),
        "reduceOnly": order.reduce_only,
        "closeOnTrigger": order.create_type != "CreateByUser",
        "createdTime": ms(order.created_at),
        "updatedTime": ms(order.updated_at),
    }
    return info if order.category == "spot" else info | {"createType": order.create_type}


def fill_info(order: Order, fill: Fill) -> JSON:
    """One entry of execution/list."""
    return {
        "symbol": order.symbol,
        "orderId": order.id,
        "orderLinkId": order.link_id,
        "orderType": order.kind,
        "stopOrderType": order.stop_type,
        "side": order.side,
        "orderPrice": text(order.price),
        "orderQty": text(order.qty),
        "leavesQty": text(order.left),
        "execId": fill.id,
        "execType": fill.kind,
        "execPrice": text(fill.price),
        "execQty": text(fill.qty),
        "execValue": rounded(fill.qty * fill.price),
        "execFee": rounded(fill.fee),
        "feeRate": text(fill.fee_rate),
        # Perpetuals say nothing here: their fees are paid in the coin they settle in.
        "feeCurrency": fill.fee_coin if order.category == "spot" else "",
        "isMaker": fill.maker,
        "execTime": ms(fill.time),
        "closedSize": text(fill.closed),
        "markPrice": "" if order.category == "spot" else text(fill.price),
        "blockTradeId": "",
    }
