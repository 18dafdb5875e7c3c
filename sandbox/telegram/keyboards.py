"""Which keyboards a message may carry."""

from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request
from sandbox.telegram.requests import Parameters

Markup = dict[str, Any]

ACTIONS = frozenset(
    {
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    }
)
LINKS = ("http://", "https://", "tg://", "ton://")


def read_markup(parameters: Parameters) -> Markup | None:
    """`reply_markup` of a new message, None when left out or without buttons; 400 if it cannot be shown."""
    markup = parameters.json("reply_markup", "reply keyboard markup")
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup)
    if "keyboard" in markup:
        return _reply(markup)
    return markup if markup.get("remove_keyboard") is True or markup.get("force_reply") is True else None


def read_inline_markup(parameters: Parameters) -> Markup | None:
    """`reply_markup` of an edit, where only inline keyboards may stand."""
    markup = read_markup(parameters)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def check_place(markup: Markup | None, *, group: bool) -> None:
    """Refuse what a group does not show: buttons that open a Mini App."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    apps = (isinstance(button, dict) and "web_app" in button for row in rows for button in row)
    if group and any(apps):
        raise bad_request("BUTTON_TYPE_INVALID")


def has_callback(markup: Markup | None, data: str) -> bool:
    """Whether a button with this callback data is on the keyboard."""
    rows = (markup or {}).get("inline_keyboard", [])
    return any(button.get("callback_data") == data for row in rows for button in row)


def _inline(markup: Markup) -> Markup | None:
    rows = [[_button(button) for button in row] for row in _rows(markup, "inline_keyboard")]
    rows = [row for row in rows if row]
    if max(map(len, rows), default=0) > limits.BUTTONS_IN_A_ROW or sum(map(len, rows)) > limits.BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _rows(markup: Markup, field: str) -> list[list[Any]]:
    rows = markup[field]
    if not isinstance(rows, list):
        raise bad_request(f'field "{field}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" must be an Array of Arrays')
    return rows


def _button(source: Any) -> dict[str, Any]:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(source, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if "text" not in source:
        raise bad_request(wrong + 'Can\'t find field "text"')
    if not isinstance(source["text"], str):
        raise bad_request(wrong + 'Field "text" must be of type String')
    if not source["text"].strip():
        raise bad_request(wrong + "Button text must be non-empty")
    actions = ACTIONS & source.keys()
    if not actions:
        raise bad_request(wrong + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"{wrong}Exactly one action is expected, found {', '.join(sorted(actions))}")
    _check_action(source)
    return source


def _check_action(button: dict[str, Any]) -> None:
    data, url, copied = (button.get(name) for name in ("callback_data", "url", "copy_text"))
    _check_app(button, "inline keyboard button")
    if data is not None and not (isinstance(data, str) and _fits(data)):
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and not str(url).lower().startswith(LINKS):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if copied is not None:
        text = copied.get("text", "") if isinstance(copied, dict) else ""
        if not isinstance(text, str) or not 1 <= len(text) <= limits.COPY_TEXT_LENGTH:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _fits(data: str) -> bool:
    return 1 <= len(data.encode(errors="replace")) <= limits.CALLBACK_DATA_BYTES


def _reply(markup: Markup) -> Markup:
    wrong = "can't parse keyboard button: "
    for button in (button for row in _rows(markup, "keyboard") for button in row):
        text = button.get("text") if isinstance(button, dict) else button
        if not isinstance(text, str) or not text:
            raise bad_request(wrong + 'Can\'t find field "text"')
        if isinstance(button, dict):
            _check_app(button, "keyboard button")
    return markup


def _check_app(button: dict[str, Any], what: str) -> None:
    if "web_app" not in button:
        return
    app = button["web_app"]
    url = str(app.get("url", "")) if isinstance(app, dict) else ""
    if not url.startswith("https://"):
        raise bad_request(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")
