"""Who holds what and who held it: looked up for admins, page by page, or all of it for a file."""

from __future__ import annotations

from typing import Protocol

from bot.errors import UnknownPerson
from bot.models.audit import Act, Deed
from bot.models.history import About, HistoryPage, Holder, Named, Place, Record, Share, Subject

PAGE = 12
MOST = 5


class Records(Protocol):
    """What was handed out, as it is stored."""

    async def records(self, subject: Subject, before: Place | None, limit: int) -> list[Record]: ...
    async def shares(self, subject: Subject) -> list[Share]: ...
    async def live(self) -> list[Record]: ...
    async def holders(self, limit: int) -> list[Holder]: ...
    async def called(self, word: str) -> list[Named]: ...


class Trail(Protocol):
    """Where it is written down who has looked at everything."""

    async def note(self, act: Act) -> None: ...


class History:
    """Answers without credentials; `trail` learns of every export."""

    def __init__(self, records: Records, trail: Trail) -> None:
        self._records = records
        self._trail = trail

    async def person(self, word: str) -> Named:
        """The one person called `@name`, by a name, or by a Telegram id; raises UnknownPerson."""
        found = await self._records.called(word)
        if len(found) != 1:
            raise UnknownPerson(word, tuple(each.user_id for each in found))
        return found[0]

    async def resolve(self, subject: Subject) -> Subject:
        """The subject as the records know it: a person by id, and a host that looked like a resource.

        Raises UnknownPerson.
        """
        if subject.about is About.PERSON:
            person = await self.person(subject.word)
            return Subject(About.PERSON, str(person.user_id), person.name)
        if subject.about is About.RESOURCE and "." in subject.word:
            host = Subject(About.HOST, subject.word)
            if not await self._knows(subject) and await self._knows(host):
                return host
        return subject

    async def page(self, subject: Subject, before: Place | None = None) -> HistoryPage:
        """The newest records that are older than `before`, and the count of what is live."""
        found = await self._records.records(subject, before, PAGE + 1)
        page, shares = found[:PAGE], await self._records.shares(subject)
        older = Place(page[-1].allocation.request, page[-1].allocation.id) if len(found) > PAGE else None
        return HistoryPage(subject, tuple(shares), tuple(page), older, before is None)

    async def holders(self) -> tuple[Holder, ...]:
        """The five who hold most."""
        return tuple(await self._records.holders(MOST))

    async def export(self, admin_id: int, name: str) -> list[Record]:
        """All that is reserved, held, spent or bad; the audit learns who has asked."""
        records = await self._records.live()
        await self._trail.note(Act(admin_id, name, Deed.EXPORT, "everything", after=f"{len(records)} rows"))
        return records

    async def _knows(self, subject: Subject) -> bool:
        return bool(await self._records.records(subject, None, 1))
