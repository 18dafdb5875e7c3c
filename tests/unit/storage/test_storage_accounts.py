"""The accounts table: secrets encrypted and bound to their account, one account a key, what is closed is wiped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, update
from storage_makers import NOW

from bot.errors import AccountInUse, CannotConnect, NoAccount, StorageError
from bot.models.account import Account, Credentials
from bot.models.audit import Act, Deed
from bot.models.dialogue import Dialogue, Step
from bot.models.notice import Kind, Notice
from bot.storage.accounts import MOST_ACCOUNTS, AccountStore
from bot.storage.audit import AuditStore
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.dialogues import DialogueStore
from bot.storage.outbox import OutboxStore
from bot.storage.trading_tables import accounts as table
from bot.storage.trading_tables import orders

CANARY = Credentials("CANARYKEY000a3f9", "CANARYSECRET0001", "CANARYPHRASE0001")
ACT = Act(7, "@anna", Deed.CONNECT, "bybit …a3f9")
USER, OTHER = 7, 8


@pytest.fixture
def store(db: Database, cipher: Cipher) -> AccountStore:
    return AccountStore(db, cipher)


async def connect(store: AccountStore, key: str = CANARY.key, user_id: int = USER, **changes: Any) -> Account:
    credentials = Credentials(key, CANARY.secret, CANARY.passphrase)
    return await store.connect(
        user_id, "bybit", credentials, **{"can_trade": True, "act": ACT, "now": NOW} | changes
    )


async def an_order(db: Database, account_id: int, state: str) -> None:
    """One order in that state."""
    texts = dict.fromkeys(("client_id", "request_key", "symbol", "base", "quote", "account_type"), "x")
    numbers = dict.fromkeys(("amount", "quoted", "worth", "filled"), 1)
    row = texts | numbers | {"user_id": USER, "account_id": account_id, "state": state}
    row |= {"side": "buy", "kind": "market", "reduce_only": False, "created_at": NOW}
    await db.write(lambda connection: connection.execute(insert(orders).values(row)).rowcount)


async def test_a_key_comes_back_as_it_was(store: AccountStore) -> None:
    """With the account's tail to tell it by."""
    account = await connect(store)
    assert Account(account.id, USER, "bybit", True, "a3f9") == account
    assert CANARY == await store.credentials(account)
    assert [account] == await store.of(USER)
    assert [] == await store.of(OTHER)


async def test_no_secret_is_in_any_file(store: AccountStore, db: Database, cipher: Cipher) -> None:
    """Neither of the account nor of the dialogue, in no file of the database."""
    await connect(store)
    said = (CANARY.key, CANARY.secret, CANARY.passphrase)
    await DialogueStore(db, cipher).put(Dialogue(USER, "okx", "r", NOW, Step.CHECK, said))
    files = [path.read_bytes() for path in Path(db.path).parent.iterdir() if path.is_file()]
    assert len(files) >= 2
    assert [] == [word for word in (*said, "CANARY") for content in files if word.encode() in content]


async def test_keys_rotate(db: Database) -> None:
    """What the old key has encrypted is read with the new one in front; without the old one it is told."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    account = await connect(AccountStore(db, Cipher([old])))
    assert CANARY == await AccountStore(db, Cipher([new, old])).credentials(account)
    with pytest.raises(StorageError, match="SECRET_KEY"):
        await AccountStore(db, Cipher([new])).credentials(account)


async def test_a_secret_that_was_moved_to_another_row_is_refused(store: AccountStore, db: Database) -> None:
    """Neither somebody else's account nor another one of the same person gets a key that is not its own."""
    own, other = await connect(store), await connect(store, "other-key-12345678")
    foreign = await connect(store, "third-key-12345678", OTHER)
    for target in (other, foreign):
        stolen = select(table.c.secret).where(table.c.id == own.id).scalar_subquery()
        move = update(table).where(table.c.id == target.id).values(secret=stolen)
        await db.write(lambda connection, move=move: connection.execute(move).rowcount)
        with pytest.raises(StorageError, match="not that of the account"):
            await store.credentials(target)
    assert CANARY == await store.credentials(own)


async def test_the_same_key_is_connected_once(store: AccountStore, db: Database) -> None:
    """A second time is refused, and writes no act either; somebody else may have the same key."""
    await connect(store)
    with pytest.raises(CannotConnect) as refusal:
        await connect(store)
    assert "known" == refusal.value.problem
    await connect(store, user_id=OTHER)
    assert 2 == len(await AuditStore(db).chain(0, 10))


async def test_a_key_can_be_connected_again_after_it_was_given_up(store: AccountStore) -> None:
    """As a new account, with a number of its own."""
    account = await connect(store)
    await store.close(account, ACT, NOW)
    assert account.id != (await connect(store)).id


async def test_accounts_are_bounded(store: AccountStore) -> None:
    """Ten at most, and paper besides."""
    await store.open_paper(USER, NOW)
    for number in range(MOST_ACCOUNTS):
        await connect(store, f"key-number-{number:06}")
    with pytest.raises(CannotConnect) as refusal:
        await connect(store)
    assert "many" == refusal.value.problem
    assert MOST_ACCOUNTS + 1 == len(await store.of(USER))


async def test_paper_is_opened_once_and_stands_first(store: AccountStore) -> None:
    """However often it is asked for."""
    real = await connect(store)
    await store.open_paper(USER, NOW)
    await store.open_paper(USER, NOW)
    paper, second = await store.of(USER)
    assert (True, True, real) == (paper.is_paper, paper.can_trade, second)
    with pytest.raises(NoAccount):
        await store.credentials(paper)


async def test_closing_wipes_the_secret(store: AccountStore, db: Database) -> None:
    """At once, with its act; a second time changes nothing, and nobody closes what is somebody else's."""
    account = await connect(store)
    foreign = Account(account.id, OTHER, "bybit")
    assert [False, True, False] == [await store.close(each, ACT, NOW) for each in (foreign, account, account)]
    secret = await db.read(lambda connection: connection.scalar(select(table.c.secret)))
    assert (None, []) == (secret, await store.of(USER))
    assert 2 == len(await AuditStore(db).chain(0, 10))
    with pytest.raises(NoAccount):
        await store.credentials(account)


@pytest.mark.parametrize("state", ["sending", "unknown"])
async def test_an_account_stays_while_an_order_is_in_doubt(
    store: AccountStore, db: Database, state: str
) -> None:
    """Without its key nobody could find out what has become of it."""
    account = await connect(store)
    await an_order(db, account.id, state)
    with pytest.raises(AccountInUse):
        await store.close(account, ACT, NOW)
    assert CANARY == await store.credentials(account)


@pytest.mark.parametrize("state", ["open", "filled"])
async def test_other_orders_hold_no_account(store: AccountStore, db: Database, state: str) -> None:
    """An order that rests at the venue stays there; one in doubt on another account does not matter."""
    account = await connect(store)
    await an_order(db, account.id, state)
    assert await store.close(account, ACT, NOW)


async def test_a_refused_key_is_told_once(db: Database, cipher: Cipher) -> None:
    """With its notice in one transaction; once it is mended, a further refusal is news again."""
    rung: list[bool] = []
    store, letters = AccountStore(db, cipher, lambda: rung.append(True)), OutboxStore(db, cipher)
    account = await connect(store)
    notice = Notice(USER, Kind.KEY_REFUSED, {"account": account.label})
    assert [True, False] == [await store.refuse(account.id, "expired" * 40, notice, NOW) for _ in range(2)]
    [refused] = await store.of(USER)
    assert ("expired" * 40)[:200] == refused.refused
    assert [notice] == [parcel.notice for parcel in await letters.due(NOW, 10)]

    await store.accept(account.id, can_trade=False)
    [mended] = await store.of(USER)
    assert (None, False) == (mended.refused, mended.can_trade)
    assert await store.refuse(account.id, "again", notice, NOW)
    assert [True, True] == rung


async def test_account_and_dialogue_end_together(store: AccountStore, db: Database, cipher: Cipher) -> None:
    """A dialogue that was stopped meanwhile connects nothing; one that was not is done with the account."""
    kept = DialogueStore(db, cipher)
    dialogue = Dialogue(USER, "bybit", "r", NOW + 600, Step.CHECK, (CANARY.key, CANARY.secret))
    ended = dialogue.connected(can_trade=True)
    with pytest.raises(CannotConnect) as refusal:
        await connect(store, ended=ended)
    assert ("stopped", []) == (refusal.value.problem, await store.of(USER))

    await kept.put(dialogue)
    account = await connect(store, ended=ended)
    assert ([account], ended) == (await store.of(USER), await kept.get(USER))
