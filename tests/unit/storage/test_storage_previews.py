"""The messages that show previews: each is due once, at the right time, over restarts."""

from __future__ import annotations

from dataclasses import replace

from storage_makers import NOW

from bot.models.preview import PreviewMessage
from bot.storage.database import Database
from bot.storage.previews import PreviewStore

SHOWN = PreviewMessage(request=1042, user_id=7, chat_id=7, message_id=55, expires_at=NOW + 300)
ELSEWHERE = replace(SHOWN, request=1043, message_id=56, expires_at=NOW + 400)


async def test_a_preview_is_due_when_its_time_is_over(db: Database) -> None:
    """Not before; and `next_due` tells when."""
    store = PreviewStore(db)
    assert None is await store.next_due()
    await store.put(SHOWN, NOW)

    assert NOW + 300 == await store.next_due()
    assert [] == await store.due(NOW + 299)
    assert [SHOWN] == await store.due(NOW + 300)


async def test_what_has_ended_is_due_no_more(db: Database) -> None:
    """Whether its time was over or somebody ended it; its message is still known as the preview's."""
    store = PreviewStore(db)
    await store.put(SHOWN, NOW)
    await store.put(replace(ELSEWHERE, user_id=8), NOW)
    await store.end(1042, NOW)
    await store.end_due([1043], NOW + 400, NOW + 400)

    assert ([], None) == (await store.due(NOW + 999), await store.next_due())
    assert (True, True) == (await store.is_stored(1042), await store.is_stored(1043))


async def test_one_that_has_ended_can_be_opened_again(db: Database) -> None:
    """Where taking it has failed."""
    store = PreviewStore(db)
    await store.put(SHOWN, NOW)
    await store.end(1042, NOW)
    await store.reopen(1042)
    assert [SHOWN] == await store.due(NOW + 300)


async def test_the_message_of_what_was_taken_is_the_previews_no_more(db: Database) -> None:
    """Nothing may be written over the proxies."""
    store = PreviewStore(db)
    await store.put(SHOWN, NOW)
    await store.take(1042)

    assert not await store.is_stored(1042)
    assert [] == await store.due(NOW + 999)


async def test_an_extended_one_is_due_later(db: Database) -> None:
    """Also when it is extended in the moment in which it is told that it is over."""
    store = PreviewStore(db)
    await store.put(SHOWN, NOW)
    await store.extend(1042, NOW + 600)
    await store.end_due([1042], NOW + 300, NOW + 300)

    assert [] == await store.due(NOW + 599)
    assert [replace(SHOWN, expires_at=NOW + 600)] == await store.due(NOW + 600)


async def test_a_new_preview_ends_the_users_older_ones(db: Database) -> None:
    """The same message shows the new one already; another message has yet to be told. Others' are not touched."""
    store = PreviewStore(db)
    same_message = replace(SHOWN, request=1044, expires_at=NOW + 350)
    others = replace(SHOWN, request=1045, user_id=8, chat_id=8)
    for shown in (others, ELSEWHERE, SHOWN, same_message):
        await store.put(shown, NOW)

    assert [replace(ELSEWHERE, expires_at=NOW)] == await store.due(NOW)
    await store.end_due([1043], NOW, NOW)
    assert [others, same_message] == await store.due(NOW + 999)


async def test_what_was_over_already_stays_due_since_then(db: Database) -> None:
    """Dropping everything moves nothing into the future."""
    store = PreviewStore(db)
    await store.put(SHOWN, NOW)

    assert 1 == await store.make_due(7, NOW + 500)
    assert 0 == await store.make_due(8, NOW + 500)
    assert [SHOWN] == await store.due(NOW + 300)


async def test_a_preview_that_is_shown_again_is_the_same_one(db: Database) -> None:
    """An update that is handled twice, or an extension whose message was sent anew."""
    store = PreviewStore(db)
    again = replace(SHOWN, message_id=60, expires_at=NOW + 600)
    for shown in (SHOWN, SHOWN, again):
        await store.put(shown, NOW)

    assert [again] == await store.due(NOW + 600)


async def test_old_ones_are_forgotten(db: Database) -> None:
    """Those that ended before the given time; open ones are kept."""
    store = PreviewStore(db)
    await store.put(SHOWN, NOW)
    await store.put(replace(ELSEWHERE, user_id=8), NOW)
    await store.end(1042, NOW + 1)

    assert 0 == await store.forget(NOW + 1)
    assert 1 == await store.forget(NOW + 2)
    assert (False, True) == (await store.is_stored(1042), await store.is_stored(1043))
