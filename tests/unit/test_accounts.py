"""Accounts: paper from the start, keys that are checked, choices that hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from account_support import CREDENTIALS, FULL, KEY, AccountDesk

from bot.errors import CannotConnect, KeyRefused, NoAccount, PeerUnavailable
from bot.models.account import Account, TradingChoices
from bot.models.audit import Act, Deed
from bot.models.market import AccountType
from bot.models.notice import Kind
from bot.resilience.clock import ManualClock

ANNA, BORIS = 7, 8


@pytest.fixture
def desk() -> AccountDesk:
    return AccountDesk(ManualClock())


async def test_everybody_has_a_paper_account_at_once(desk: AccountDesk) -> None:
    """One, however many ask for it at the same time; it is the chosen one."""
    both = await asyncio.gather(*(desk.accounts.of(ANNA) for _ in range(5)))
    [paper] = both[0]
    assert [both[0]] * 5 == list(both)
    assert (True, True, "paper") == (paper.is_paper, paper.can_trade, paper.label)
    assert paper == await desk.accounts.chosen(ANNA)
    assert 1 == len(desk.store.rows)


async def test_an_account_is_connected_after_the_venue_was_asked(desk: AccountDesk) -> None:
    """It is there at once, with an act that holds no secret, and is not chosen by itself."""
    await desk.accounts.of(ANNA)
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    assert [("bybit", CREDENTIALS)] == desk.venue.asked
    assert [True, False] == [each.is_paper for each in await desk.accounts.of(ANNA)]
    assert "bybit …a3f9" == account.label
    assert [Act(ANNA, "@7", Deed.CONNECT, "bybit …a3f9", "", "may trade")] == desk.store.acts
    assert (await desk.accounts.chosen(ANNA)).is_paper


async def test_a_key_that_may_only_read_is_good_for_looking(desk: AccountDesk) -> None:
    """It is connected, and known as such."""
    desk.venue.rights = replace(FULL, can_trade=False)
    assert (await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)).can_trade is False
    assert "may look" == desk.store.acts[0].after


@pytest.mark.parametrize(
    ("changes", "problem"), [({"can_withdraw": True}, "withdraws"), ({"expires_at": 1.8e9}, "expired")]
)
async def test_a_key_that_may_too_much_or_nothing_is_not_kept(
    desk: AccountDesk, changes: dict[str, object], problem: str
) -> None:
    """The right to withdraw is one too many, whatever else the key may do."""
    desk.venue.rights = replace(FULL, **changes)  # type: ignore[arg-type]
    with pytest.raises(CannotConnect) as refusal:
        await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    assert (problem, {}, []) == (refusal.value.problem, desk.store.keys, desk.store.acts)


@pytest.mark.parametrize("venue", ["paper", "kraken", ""])
async def test_only_the_desks_exchanges_can_be_connected(desk: AccountDesk, venue: str) -> None:
    """Nobody else is shown the key."""
    with pytest.raises(CannotConnect, match="venue"):
        await desk.accounts.connect(ANNA, venue, CREDENTIALS)
    assert [] == desk.venue.asked


@pytest.mark.parametrize("error", [KeyRefused("bybit", 403, "no"), PeerUnavailable("bybit", "down")])
async def test_what_the_venue_does_not_confirm_is_not_kept(desk: AccountDesk, error: Exception) -> None:
    """Neither a wrong key nor one that could not be checked."""
    desk.venue.failures = [error]
    with pytest.raises(type(error)):
        await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    assert {} == desk.store.keys


async def test_choices_hold_and_fall_back(desk: AccountDesk) -> None:
    """What is chosen is used at once; an account that is given up makes room for paper."""
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    await desk.accounts.choose(ANNA, account_id=account.id)
    await desk.accounts.choose(ANNA, account_type=AccountType.LINEAR)
    assert account == await desk.accounts.chosen(ANNA)
    assert TradingChoices(account.id, AccountType.LINEAR) == await desk.accounts.choices(ANNA)

    assert [True, False] == [await desk.accounts.disconnect(ANNA, account.id) for _ in range(2)]
    assert (await desk.accounts.chosen(ANNA)).is_paper
    with pytest.raises(NoAccount):
        await desk.accounts.credentials(account)


async def test_pausing_is_seen_at_once(desk: AccountDesk) -> None:
    """Both ways."""
    for paused in (True, False):
        await desk.accounts.set_paused(ANNA, paused)
        assert paused is (await desk.accounts.choices(ANNA)).paused


async def test_nobody_reaches_somebody_elses_account(desk: AccountDesk) -> None:
    """It is as if it were not there: it cannot be seen, chosen or given up; and paper cannot be given up either."""
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    with pytest.raises(NoAccount):
        await desk.accounts.account(BORIS, account.id)
    with pytest.raises(NoAccount):
        await desk.accounts.choose(BORIS, account_id=account.id)
    assert False is await desk.accounts.disconnect(BORIS, account.id)
    assert CREDENTIALS == await desk.accounts.credentials(account)
    with pytest.raises(NoAccount):
        await desk.accounts.disconnect(ANNA, (await desk.accounts.of(ANNA))[0].id)


async def test_a_minute_of_asking_is_one_reading(desk: AccountDesk) -> None:
    """Accounts, choices and keys are read once a minute, and once for all who ask together."""
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    await desk.accounts.of(ANNA)
    desk.store.reads.clear()
    for _ in range(3):
        await asyncio.gather(*(desk.accounts.credentials(account) for _ in range(3)))
        await desk.accounts.chosen(ANNA)
        await desk.clock.tick(19)
    assert (["credentials"], 1) == (desk.store.reads, desk.choices.reads)
    assert (1, 2) == ((found := desk.accounts.figures()["choices"]).loads, found.hits)
    await desk.clock.tick(19)
    await desk.accounts.credentials(account)
    await desk.accounts.chosen(ANNA)
    assert (["credentials", "credentials", "accounts"], 2) == (desk.store.reads, desk.choices.reads)


async def test_a_refused_key_is_told_to_its_owner(desk: AccountDesk) -> None:
    """Once, with the venue's words; the account is marked, and the others go on."""
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    for _ in range(2):
        await desk.accounts.refuse(account, "the key has expired")
    [notice] = desk.store.notices
    assert (ANNA, Kind.KEY_REFUSED) == (notice.to, notice.kind)
    assert {
        "account": "bybit …a3f9",
        "account_id": account.id,
        "reason": "the key has expired",
    } == notice.data
    refused = [each.refused for each in await desk.accounts.of(ANNA)]
    assert [None, "the key has expired"] == refused


async def test_a_mended_key_works_again(desk: AccountDesk) -> None:
    """After the venue was asked; with the rights it has now."""
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    await desk.accounts.refuse(account, "wrong address")
    desk.venue.failures = [KeyRefused("bybit", 403, "wrong address still")]
    with pytest.raises(KeyRefused):
        await desk.accounts.check_again(ANNA, account.id)
    assert 1 == len(desk.store.notices)

    desk.venue.rights = replace(FULL, can_trade=False)
    mended = await desk.accounts.check_again(ANNA, account.id)
    assert Account(account.id, ANNA, "bybit", False, "a3f9") == mended


async def test_activity_is_noted_once_a_minute(desk: AccountDesk) -> None:
    """However often somebody asks."""
    for _ in range(5):
        await desk.accounts.touch(ANNA)
    assert 1 == desk.choices.writes
    assert [ANNA] == list(await desk.accounts.active_since(desk.clock.time()))
    await desk.clock.tick(61)
    await desk.accounts.touch(ANNA)
    assert 2 == desk.choices.writes


async def test_nothing_shows_a_key(desk: AccountDesk) -> None:
    """Neither the credentials nor an account nor an act, in whatever way they are written out."""
    account = await desk.accounts.connect(ANNA, "bybit", CREDENTIALS)
    shown = f"{await desk.accounts.credentials(account)} {account!r} {desk.store.acts}"
    assert ("CANARY" in shown, KEY[-4:] in shown) == (False, True)
