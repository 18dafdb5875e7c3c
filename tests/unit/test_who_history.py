"""Who holds what and who held it, as admins ask for it."""

from __future__ import annotations

import pytest

from bot.errors import UnknownPerson
from bot.models.allocation import Allocation, State
from bot.models.audit import Act
from bot.models.history import About, Holder, Named, Place, Record, Share, Subject
from bot.services.history import PAGE, History

BEBOO = Subject(About.RESOURCE, "beboo")


class MemoryRecords:
    """Records by the word that finds them."""

    def __init__(self) -> None:
        self.found: dict[tuple[About, str], list[Record]] = {}
        self.names: dict[str, list[Named]] = {}

    async def records(self, subject: Subject, before: Place | None, limit: int) -> list[Record]:
        every = self.found.get((subject.about, subject.word), [])
        older = [each for each in every if before is None or each.allocation.id < before.id]
        return older[:limit]

    async def shares(self, subject: Subject) -> list[Share]:
        return [Share(7, "@anna", State.TAKEN, len(self.found.get((subject.about, subject.word), [])))]

    async def live(self) -> list[Record]:
        return [each for found in self.found.values() for each in found]

    async def holders(self, limit: int) -> list[Holder]:
        return [Holder(7, "@anna", 12)][:limit]

    async def called(self, word: str) -> list[Named]:
        return self.names.get(word, [])


class MemoryTrail:
    def __init__(self) -> None:
        self.acts: list[Act] = []

    async def note(self, act: Act) -> None:
        self.acts.append(act)


@pytest.fixture
def records() -> MemoryRecords:
    return MemoryRecords()


@pytest.fixture
def trail() -> MemoryTrail:
    return MemoryTrail()


@pytest.fixture
def history(records: MemoryRecords, trail: MemoryTrail) -> History:
    return History(records, trail)


def record(number: int) -> Record:
    key = f"192.0.2.{number}:8080:user:mac"
    fields = (f"id{number:06}", number, key, "beboo", 7, "@anna", "2026-11-22", State.TAKEN, number)
    return Record(Allocation(*fields), 1_800_000_000.0)


async def test_a_page_says_where_the_next_one_begins(history: History, records: MemoryRecords) -> None:
    """And the last one says that there is none."""
    records.found[About.RESOURCE, "beboo"] = [record(number) for number in range(PAGE + 2, 0, -1)]
    first = await history.page(BEBOO)
    assert (PAGE, Place(3, "id000003"), True) == (len(first.records), first.older, first.first)

    second = await history.page(BEBOO, first.older)
    assert (["id000002", "id000001"], None, False) == (
        [each.allocation.id for each in second.records],
        second.older,
        second.first,
    )


async def test_a_full_last_page_has_no_next(history: History, records: MemoryRecords) -> None:
    """Nobody leafs to an empty page."""
    records.found[About.RESOURCE, "beboo"] = [record(number) for number in range(PAGE, 0, -1)]
    assert None is (await history.page(BEBOO)).older


async def test_a_person_is_known_by_name_from_then_on(history: History, records: MemoryRecords) -> None:
    """Names change, ids do not."""
    records.names["@Anna"] = [Named(7, "@anna")]
    assert Subject(About.PERSON, "7", "@anna") == await history.resolve(Subject(About.PERSON, "@Anna"))


@pytest.mark.parametrize("ids", [(), (7, 8)])
async def test_who_cannot_be_told_apart_is_not_guessed(
    history: History, records: MemoryRecords, ids: tuple[int, ...]
) -> None:
    """Nobody, or two of them: the error names the ids."""
    records.names["@anna"] = [Named(user_id, "@anna") for user_id in ids]
    with pytest.raises(UnknownPerson) as caught:
        await history.resolve(Subject(About.PERSON, "@anna"))
    assert ("@anna", ids) == (caught.value.name, caught.value.candidates)


async def test_a_host_name_is_told_from_a_resource(history: History, records: MemoryRecords) -> None:
    """Both may have dots: a resource that was used wins, then a host; what neither knows stays a resource."""
    dotted = Subject(About.RESOURCE, "a.example.org")
    assert dotted == await history.resolve(dotted)

    records.found[About.HOST, "a.example.org"] = [record(1)]
    assert Subject(About.HOST, "a.example.org") == await history.resolve(dotted)

    records.found[About.RESOURCE, "a.example.org"] = [record(2)]
    assert dotted == await history.resolve(dotted)


async def test_an_export_is_written_down(
    history: History, records: MemoryRecords, trail: MemoryTrail
) -> None:
    """Who takes everything away leaves a trace."""
    records.found[About.RESOURCE, "beboo"] = [record(1), record(2)]
    assert [record(1), record(2)] == await history.export(1001, "@admin")
    assert [Act(1001, "@admin", "export", "everything", after="2 rows")] == trail.acts


async def test_the_five_who_hold_most(history: History) -> None:
    """For the section of people."""
    assert (Holder(7, "@anna", 12),) == await history.holders()
