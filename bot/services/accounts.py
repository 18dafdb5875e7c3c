"""Accounts: who trades where, with what key, and how they like it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from cachetools import TTLCache

from bot.errors import CannotConnect, KeyRefused, NoAccount
from bot.models.account import Account, Credentials, KeyRights, TradingChoices, label_of
from bot.models.audit import Act, Deed
from bot.models.dialogue import Dialogue, Problem, tail_of
from bot.models.market import AccountType
from bot.models.notice import Kind, Notice
from bot.resilience.cache import AsyncCache, CacheFigures
from bot.resilience.clock import Clock
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor

CACHED = 2_000
TOUCHED_EVERY = 60.0


class KeyCheck(Protocol):
    """The venues, as far as they judge keys."""

    async def check(self, venue: str, credentials: Credentials) -> KeyRights:
        """What the key may do, its balance read to see that it works. Raises KeyRefused, PeerUnavailable."""


class AccountKeeper(Protocol):
    """Where accounts are kept, and their secrets apart from them. `act`s are written down with what they tell of."""

    async def of(self, user_id: int) -> Sequence[Account]: ...
    async def open_paper(self, user_id: int, now: float) -> None: ...
    async def credentials(self, account: Account) -> Credentials: ...
    async def connect(
        self,
        user_id: int,
        venue: str,
        credentials: Credentials,
        *,
        can_trade: bool,
        act: Act,
        now: float,
        ended: Dialogue | None = None,
    ) -> Account: ...
    async def close(self, account: Account, act: Act, now: float) -> bool: ...
    async def refuse(self, account_id: int, reason: str, notice: Notice, now: float) -> bool: ...
    async def accept(self, account_id: int, *, can_trade: bool) -> None: ...


class ChoiceKeeper(Protocol):
    """Where people's choices are kept, and when they were last active."""

    async def choices(self, user_id: int) -> TradingChoices: ...
    async def change(
        self,
        user_id: int,
        now: float,
        *,
        account_id: int | None = None,
        account_type: AccountType | None = None,
        paused: bool | None = None,
    ) -> None: ...
    async def active_since(self, when: float) -> Sequence[int]: ...


class Accounts:
    """Everybody has a paper account from the first use on; further ones are connected by their keys.

    Accounts, choices and keys are read once and then good for `ttl` seconds; what changes them is seen at once.
    `venues` are those that may be connected, `name_of` names people for the audit.
    """

    def __init__(
        self,
        store: AccountKeeper,
        choices: ChoiceKeeper,
        keys: KeyCheck,
        clock: Clock,
        supervisor: Supervisor,
        *,
        venues: Collection[str],
        name_of: Callable[[int], str],
        ttl: float = 60.0,
    ) -> None:
        self._store = store
        self._choice_store = choices
        self._keys = keys
        self._clock = clock
        self._name_of = name_of
        self.venues = tuple(venues)
        self._accounts: AsyncCache[int, tuple[Account, ...]] = AsyncCache(
            clock, supervisor=supervisor, ttl=ttl, size=CACHED, name="accounts"
        )
        self._choices: AsyncCache[int, TradingChoices] = AsyncCache(
            clock, supervisor=supervisor, ttl=ttl, size=CACHED, name="choices"
        )
        self._credentials: AsyncCache[tuple[int, int], Credentials] = AsyncCache(
            clock, supervisor=supervisor, ttl=ttl, size=CACHED, keep=0.0, name="credentials"
        )
        self._touched: TTLCache[int, bool] = TTLCache(CACHED, TOUCHED_EVERY, timer=clock.monotonic)

    async def of(self, user_id: int) -> Sequence[Account]:
        """The user's accounts: paper first, then in the order in which they were connected."""
        return (await self._accounts.get(user_id, lambda: self._load(user_id))).value

    async def account(self, user_id: int, account_id: int) -> Account:
        """One of the user's accounts. Raises NoAccount."""
        for account in await self.of(user_id):
            if account.id == account_id:
                return account
        raise NoAccount

    async def chosen(self, user_id: int) -> Account:
        """The account that is used unless another is named; paper where the chosen one is not there any more."""
        accounts, wanted = await self.of(user_id), (await self.choices(user_id)).account_id
        return next((account for account in accounts if account.id == wanted), accounts[0])

    async def choices(self, user_id: int) -> TradingChoices:
        """How the user trades."""
        return (await self._choices.get(user_id, lambda: self._choice_store.choices(user_id))).value

    async def choose(
        self, user_id: int, *, account_id: int | None = None, account_type: AccountType | None = None
    ) -> None:
        """Use that account, or that type, from now on. Raises NoAccount."""
        if account_id is not None:
            await self.account(user_id, account_id)
        now = self._clock.time()
        await self._choice_store.change(user_id, now, account_id=account_id, account_type=account_type)
        self._choices.invalidate(user_id)

    async def set_paused(self, user_id: int, paused: bool) -> None:
        """Take no new orders of the user, or take them again."""
        await self._choice_store.change(user_id, self._clock.time(), paused=paused)
        self._choices.invalidate(user_id)

    async def connect(
        self, user_id: int, venue: str, credentials: Credentials, *, ends: Dialogue | None = None
    ) -> Account:
        """A new account, after the venue was asked what its key may do; `ends` is the dialogue that it ends.

        Raises CannotConnect, KeyRefused, PeerUnavailable: then nothing is kept.
        """
        if venue not in self.venues:
            raise CannotConnect(Problem.VENUE)
        rights = await self._checked(venue, credentials)
        label = label_of(venue, tail_of(credentials.key))
        after = "may trade" if rights.can_trade else "may look"
        account = await self._store.connect(
            user_id,
            venue,
            credentials,
            can_trade=rights.can_trade,
            act=Act(user_id, self._name_of(user_id), Deed.CONNECT, label, after=after),
            now=self._clock.time(),
            ended=ends and ends.connected(can_trade=rights.can_trade),
        )
        self._accounts.invalidate(user_id)
        return account

    async def check_again(self, user_id: int, account_id: int) -> Account:
        """Ask the venue about the key of an account: it may have been mended there. Raises as `connect` does."""
        account = await self.account(user_id, account_id)
        try:
            rights = await self._checked(account.venue, await self.credentials(account))
        except KeyRefused as error:
            await self.refuse(account, error.message)
            raise
        await self._store.accept(account_id, can_trade=rights.can_trade)
        self._accounts.invalidate(user_id)
        return await self.account(user_id, account_id)

    async def disconnect(self, user_id: int, account_id: int) -> bool:
        """Forget an account and its key; False where that was done before. Raises AccountInUse, NoAccount for paper."""
        account = next((each for each in await self.of(user_id) if each.id == account_id), None)
        if account is None:
            return False
        if account.is_paper:
            raise NoAccount
        act = Act(user_id, self._name_of(user_id), Deed.DISCONNECT, account.label)
        is_closed = await self._store.close(account, act, self._clock.time())
        self._accounts.invalidate(user_id)
        self._credentials.invalidate((user_id, account_id))
        return is_closed

    async def refuse(self, account: Account, reason: str) -> None:
        """The venue takes the key no longer, for the reason it gives: the owner is told, once, and others go on."""
        data = {"account": account.label, "account_id": account.id, "reason": reason}
        notice = Notice(account.user_id, Kind.KEY_REFUSED, data)
        await self._store.refuse(account.id, reason, notice, self._clock.time())
        self._accounts.invalidate(account.user_id)

    async def credentials(self, account: Account) -> Credentials:
        """The account's key. Raises NoAccount where it is closed, or paper; StorageError where it is not its own."""
        key = account.user_id, account.id
        return (await self._credentials.get(key, lambda: self._store.credentials(account))).value

    async def touch(self, user_id: int) -> None:
        """The user asks the trading desk for something; written down once a minute."""
        if user_id not in self._touched:
            await self._choice_store.change(user_id, self._clock.time())
            self._touched[user_id] = True

    async def active_since(self, when: float) -> Sequence[int]:
        """Whom the trading desk has heard of since then (epoch seconds), the latest first; 1,000 at most."""
        return await self._choice_store.active_since(when)

    def figures(self) -> Mapping[str, CacheFigures]:
        """How often accounts, choices and keys were at hand."""
        return {
            "accounts": self._accounts.figures(),
            "choices": self._choices.figures(),
            "credentials": self._credentials.figures(),
        }

    async def _load(self, user_id: int) -> tuple[Account, ...]:
        accounts = await self._store.of(user_id)
        if not any(account.is_paper for account in accounts):
            await self._store.open_paper(user_id, self._clock.time())
            accounts = await self._store.of(user_id)
        return tuple(accounts)

    async def _checked(self, venue: str, credentials: Credentials) -> KeyRights:
        async with resting():
            rights = await self._keys.check(venue, credentials)
        if rights.can_withdraw:
            raise CannotConnect(Problem.WITHDRAWS)
        if rights.expires_at is not None and rights.expires_at <= self._clock.time():
            raise CannotConnect(Problem.EXPIRED)
        return rights
