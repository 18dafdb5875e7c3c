"""Who is who: the people table in memory, over what the settings say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.errors import FixedAdmin, LastAdmin, StorageError
from bot.models.audit import Act
from bot.models.notice import Kind
from bot.models.person import Person, Preferences, Standing
from bot.models.role import Role
from bot.resilience.clock import ManualClock
from bot.services.admission import Admission
from bot.services.people import MOST_ASKING, People

ROOT, ALLOWED, ANNA, BORIS, DORA = 1, 2, 7, 8, 9
NOW = 1_800_000_000.0


class Store:
    """A table in memory; `gate` holds writes back, `broken` refuses them."""

    def __init__(self, *people: Person) -> None:
        self.rows = {person.user_id: person for person in people}
        self.acts: list[Act] = []
        self.writes = 0
        self.broken = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> Sequence[Person]:
        return list(self.rows.values())

    async def put(self, people: Sequence[Person], acts: Sequence[Act], now: float) -> None:
        await self.gate.wait()
        if self.broken:
            raise StorageError("disk full")
        assert now == NOW
        self.writes += 1
        self.rows.update({person.user_id: person for person in people})
        self.acts += acts


async def people_of(store: Store, admins: Sequence[int] = (ROOT,), allowed: Sequence[int] = ()) -> People:
    people = People(admins, allowed, store, ManualClock(NOW))
    await people.load()
    return people


def anna(role: Role | None = Role.USER, **changes: object) -> Person:
    return Person(ANNA, "@anna", "anna", role, **changes)  # type: ignore[arg-type]


def boris(role: Role | None = Role.TRADER) -> Person:
    return Person(BORIS, "@Boris", "Boris", role)


async def test_the_settings_name_admins_and_users() -> None:
    """Without a word in chat the settings decide, and everybody else is a stranger."""
    people = await people_of(Store(), allowed=[ALLOWED])
    assert (Role.ADMIN, Role.USER, None) == tuple(map(people.role_of, (ROOT, ALLOWED, DORA)))
    assert (Person(ROOT, "1", role=Role.ADMIN), None) == (people.get(ROOT), people.get(DORA))


async def test_a_word_in_chat_beats_the_allowed_ids() -> None:
    """Who was denied stays out and who was raised stays up; who is only known by name is as the settings say."""
    store = Store(Person(ALLOWED, "@zoe", "zoe", denied=True), anna(Role.TRADER), boris(None))
    people = await people_of(store, allowed=[ALLOWED, ANNA, BORIS])
    assert (None, Role.TRADER, Role.USER) == tuple(map(people.role_of, (ALLOWED, ANNA, BORIS)))


async def test_everybody_is_sorted_by_role_and_name() -> None:
    """The highest role first; those without one last."""
    people = await people_of(Store(anna(), boris(), Person(DORA, "@dora", asked_at=1.0)), allowed=[ALLOWED])
    assert [ROOT, BORIS, ALLOWED, ANNA, DORA] == [person.user_id for person in people.everybody()]


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("@anna", ANNA),
        ("@ANNA", ANNA),
        ("@boris", BORIS),
        ("7", ANNA),
        ("1", ROOT),
        ("anna", None),
        ("@nobody", None),
        ("@", None),
        ("99", None),
        ("", None),
    ],
)
async def test_people_are_found_by_name_or_id(who: str, found: int | None) -> None:
    """Names in any case, ids in digits, nothing else."""
    people = await people_of(Store(anna(), boris()))
    person = people.find(who)
    assert found == (person.user_id if person else None)


async def test_colleagues_are_those_who_may_hold_something() -> None:
    """Neither oneself, nor viewers, strangers and those who blocked the bot; by name."""
    store = Store(
        anna(),
        boris(),
        Person(DORA, "@dora", role=Role.VIEWER),
        Person(20, "@carl", None, Role.USER, blocked_at=1),
    )
    people = await people_of(store, allowed=[ALLOWED])
    assert [ROOT, ALLOWED, BORIS] == [person.user_id for person in people.colleagues(ANNA)]


async def test_a_change_is_stored_with_its_act_before_it_counts() -> None:
    """Memory never knows more than the database: a refused write changes nothing."""
    store = Store(anna())
    people = await people_of(store)
    change = await people.grant(ANNA, Role.TRADER, ROOT)
    assert (Role.USER, Role.TRADER, True) == (change.before, change.person.role, change.effective)
    assert [Act(ROOT, "1", "role", "@anna", "user", "trader")] == store.acts

    store.broken = True
    with pytest.raises(StorageError):
        await people.deny(ANNA, ROOT)
    assert Role.TRADER is people.role_of(ANNA)


async def test_what_was_changed_is_there_after_a_restart() -> None:
    """The table is all that is needed."""
    store = Store(anna())
    people = await people_of(store)
    await people.deny(ANNA, ROOT)
    await people.grant(DORA, Role.ADMIN, ROOT)
    await people.set_preferences(DORA, Preferences("url", 1320, 480, frozenset({"rotated"})))
    again = await people_of(store, allowed=[ANNA])
    assert (None, Role.ADMIN) == (again.role_of(ANNA), again.role_of(DORA))
    assert Preferences("url", 1320, 480, frozenset({"rotated"})) == again.preferences_of(DORA)


async def test_the_same_again_changes_and_records_nothing() -> None:
    """An act is written down for what has changed."""
    store = Store(anna())
    people = await people_of(store)
    change = await people.grant(ANNA, Role.USER, ROOT)
    await people.deny(DORA, ROOT)
    await people.deny(DORA, ROOT)
    assert (False, 1) == (change.effective, store.writes)


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.USER, Role.TRADER])
async def test_admins_of_the_settings_cannot_be_changed(role: Role | None) -> None:
    """Not even by each other; being made an admin again changes nothing."""
    store = Store()
    people = await people_of(store, admins=[ROOT, ANNA])
    with pytest.raises(FixedAdmin):
        await (people.deny(ANNA, ROOT) if role is None else people.grant(ANNA, role, ROOT))
    await people.grant(ANNA, Role.ADMIN, ROOT)
    assert (Role.ADMIN, 0) == (people.role_of(ANNA), store.writes)


async def test_the_last_admin_stays_one() -> None:
    """Somebody has to be able to let people in; with a second one they may go."""
    people = await people_of(Store(anna(Role.ADMIN)), admins=[])
    for attempt in (people.deny(ANNA, ANNA), people.grant(ANNA, Role.USER, ANNA)):
        with pytest.raises(LastAdmin):
            await attempt
    await people.grant(BORIS, Role.ADMIN, ANNA)
    await people.grant(ANNA, Role.USER, ANNA)
    assert (BORIS,) == people.admins()


async def test_two_admins_cannot_both_be_the_first_to_go() -> None:
    """Whether somebody is the last is judged when it is their turn."""
    people = await people_of(Store(anna(Role.ADMIN), boris(Role.ADMIN)), admins=[])
    outcomes = await asyncio.gather(
        people.deny(ANNA, BORIS), people.deny(BORIS, ANNA), return_exceptions=True
    )
    assert [False, True] == [isinstance(each, LastAdmin) for each in outcomes]
    assert (BORIS,) == people.admins()


async def test_a_request_for_access_is_made_once() -> None:
    """While it is open, and after a no, asking again is nothing new; after a yes there is nothing to ask for."""
    store = Store()
    people = await people_of(store)
    assert [True, False] == [await people.ask(DORA, "@dora", "dora") for _ in range(2)]
    assert (Standing.ASKED, NOW) == (people.get(DORA).standing, people.get(DORA).asked_at)  # type: ignore[union-attr]
    await people.answer(DORA, None, ROOT)
    assert (False, Standing.DENIED) == (await people.ask(DORA, "@dora", "dora"), people.get(DORA).standing)  # type: ignore[union-attr]
    await people.grant(DORA, Role.VIEWER, ROOT)
    assert (False, Standing.MEMBER) == (await people.ask(DORA, "@dora", "dora"), people.get(DORA).standing)  # type: ignore[union-attr]
    assert ["ask for access", "deny", "allow"] == [act.act for act in store.acts]


async def test_of_simultaneous_requests_and_answers_one_counts() -> None:
    """A double tap asks once; of two admins one decides."""
    store = Store()
    people = await people_of(store)
    store.gate.clear()
    asking = [asyncio.create_task(people.ask(DORA, "@dora", "dora")) for _ in range(3)]
    await asyncio.sleep(0)
    store.gate.set()
    assert [True, False, False] == await asyncio.gather(*asking)
    answers = await asyncio.gather(people.answer(DORA, Role.USER, ROOT), people.answer(DORA, None, ALLOWED))
    assert [True, False] == [answer is not None for answer in answers]
    assert (Role.USER, 2) == (people.role_of(DORA), len(store.acts))


async def test_open_requests_are_bounded() -> None:
    """The table cannot be filled by strangers; when one is answered there is room again."""
    people = await people_of(Store())
    assert all([await people.ask(100 + number, str(number), None) for number in range(MOST_ASKING)])
    assert (False, None) == (await people.ask(DORA, "@dora", "dora"), people.get(DORA))
    await people.answer(100, None, ROOT)
    assert await people.ask(DORA, "@dora", "dora")


async def test_names_are_noted_only_when_they_change() -> None:
    """A message costs no write; a new name one; a stranger's name is not kept at all."""
    store = Store(anna())
    people = await people_of(store)
    for name, username in (("@anna", "anna"), ("@anne", "anne"), ("@anne", "anne"), ("Anne", None)):
        await people.seen(ANNA, name, username)
    await people.seen(DORA, "@dora", "dora")
    assert ({ANNA: Person(ANNA, "Anne", None, Role.USER)}, 2) == (store.rows, store.writes)
    assert store.acts == []


async def test_a_name_belongs_to_who_had_it_last() -> None:
    """Telegram gives a free name to somebody else: /deny @anna must not meet the Anna of last year."""
    store = Store(anna())
    people = await people_of(store)
    await people.grant(DORA, Role.USER, ROOT)
    await people.seen(DORA, "@Anna", "Anna")
    assert DORA == people.find("@anna").user_id  # type: ignore[union-attr]
    assert Person(ANNA, "7", None, Role.USER) == people.get(ANNA) == store.rows[ANNA]


async def test_who_blocked_the_bot_is_marked_until_they_write() -> None:
    """Once marked there is nothing to write again; colleagues and the outbox leave them out."""
    store = Store(anna())
    people = await people_of(store)
    await people.mark_blocked(ANNA, 5.0)
    await people.mark_blocked(ANNA)
    await people.mark_blocked(DORA)
    assert (True, 5.0, 1) == (people.is_blocked(ANNA), store.rows[ANNA].blocked_at, store.writes)
    await people.seen(ANNA, "@anna", "anna")
    assert not people.is_blocked(ANNA)


async def test_admins_of_the_settings_keep_preferences_and_nothing_else() -> None:
    """A row of theirs never becomes a role that outlives the settings."""
    store = Store()
    await (await people_of(store, admins=[ROOT, ANNA])).set_preferences(ANNA, Preferences("curl"))
    later = await people_of(store, admins=[ROOT])
    assert (None, "curl") == (later.role_of(ANNA), later.preferences_of(ANNA).format)


class Outbox:
    """Keeps what is told with its key; refuses while `broken`."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Kind, object, str | None]] = []
        self.broken = False

    async def tell(self, user_id: int, kind: Kind, data: object, key: str | None = None) -> None:
        if self.broken:
            raise StorageError("disk full")
        self.told.append((user_id, kind, data, key))

    async def tell_admins(self, kind: Kind, data: object, key: str | None = None) -> None:
        await self.tell(0, kind, data, key)


class NoMenus:
    """Notes whose menu is to be looked at."""

    def __init__(self) -> None:
        self.refreshed: list[int] = []
        self.seen: list[int] = []

    def refresh(self, user_id: int) -> None:
        self.refreshed.append(user_id)

    def met(self, user_id: int) -> None:
        self.seen.append(user_id)


async def test_a_request_that_a_crash_kept_from_the_admins_reaches_them() -> None:
    """Asked again, it is told again, under the key that makes it one."""
    outbox = Outbox()
    admission = Admission(await people_of(Store()), outbox, NoMenus())
    outbox.broken = True
    with pytest.raises(StorageError):
        await admission.ask(DORA, "@dora", "dora")
    outbox.broken = False
    assert Standing.ASKED is await admission.ask(DORA, "@dora", "dora")
    assert [(0, Kind.ACCESS, {"user_id": DORA, "name": "@dora"}, f"access:{DORA}:1800000000")] == outbox.told


async def test_what_changes_brings_a_notice_and_a_menu() -> None:
    """Each with the key of what set it off; what changes nothing brings neither."""
    outbox, menus = Outbox(), NoMenus()
    admission = Admission(await people_of(Store(anna())), outbox, menus)
    await admission.grant(ANNA, Role.USER, ROOT, "1:2:3")
    await admission.grant(ANNA, Role.TRADER, ROOT, "1:2:4")
    await admission.deny(ANNA, ROOT, "1:2:5")
    await admission.deny(ANNA, ROOT, "1:2:6")
    assert [
        (ANNA, Kind.ROLE, {"role": "trader", "before": "user"}, "role:1:2:4"),
        (ANNA, Kind.ROLE, {"role": None, "before": "trader"}, "role:1:2:5"),
    ] == outbox.told
    assert [ANNA, ANNA] == menus.refreshed


async def test_a_group_is_no_private_chat() -> None:
    """Who writes in a group is noted, but has no menu there."""
    store, menus = Store(anna()), NoMenus()
    admission = Admission(await people_of(store), Outbox(), menus)
    await admission.met(ANNA, "@anna2", "anna2", in_private=False)
    await admission.met(ANNA, "@anna2", "anna2", in_private=True)
    assert ([ANNA], "@anna2", 1) == (menus.seen, store.rows[ANNA].name, store.writes)
