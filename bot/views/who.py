"""Who holds what, and who held it: /who, and what admins decide over others' proxies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.models.allocation import HELD, Allocation, State
from bot.models.history import About, HistoryPage, Record, Subject
from bot.models.offer import Action, Argument
from bot.models.results import BadReason, Returned
from bot.views.reasons import failure_lines
from bot.views.reply import Button, Reply, one, pack
from bot.views.reporting import PREDICATES
from bot.views.states import STATES, standing
from bot.views.text import ago, duration, escaped, listed

MAX_HOLDERS = 10
MAX_LABEL = 60
REVIVING = "Being marked as working. Google is slow just now; the answer follows."
_COUNTED = (
    (HELD, STATES[State.TAKEN]),
    *(({state}, STATES[state]) for state in (State.RESERVED, State.SPENT, State.BAD)),
)


def who(page: HistoryPage, now: float) -> Reply:
    """What is out now and with whom, then everything that was, newest first; bad ones can be declared well."""
    if page.first and not page.records:
        return one(_nothing(page.subject))
    head = [_headline(page), *_holders(page), ""] if page.first else [f"{_name(page.subject)}, earlier:", ""]
    lines = [_record(record, page.subject, now) for record in page.records]
    bad = [record for record in page.records if record.allocation.state is State.BAD]
    revivals = [(_revival(record, page.subject),) for record in bad]
    return Reply(pack([*head, *lines])).with_buttons(*revivals, _paging(page))


def unknown_resource(resource: str, nearest: Sequence[str], verb: str, label: str) -> Reply:
    """Nobody has used that name; the nearest ones as buttons that do the same for them."""
    names = [f"<b>{escaped(name)}</b>" for name in nearest]
    question = f"Did you mean {listed(names)}?" if names else "Send /proxies for the names there are."
    buttons = [_resource_button(name, verb, label) for name in nearest]
    return one(f"Nobody has used “{escaped(resource)}” yet; nothing was changed.\n{question}", *buttons)


def revived(address: str, outcome: Returned, subject: Subject) -> Reply:
    """A bad one works again, or Google did not let us say so."""
    text = f"{escaped(address)} works again: it is free."
    if not outcome.released:
        text = "\n".join(
            [f"{escaped(address)} still counts as not working.", *failure_lines(outcome.failures)]
        )
    return one(text, _back(subject))


def not_bad(address: str, subject: Subject) -> Reply:
    """It is not bad any more: somebody else was faster, or pressed twice."""
    return one(f"{escaped(address)} works again already; nothing was changed.", _back(subject))


def subject_args(subject: Subject) -> tuple[Argument, ...]:
    """What a button remembers of the subject."""
    return (subject.about.value, subject.word, subject.name)


def _back(subject: Subject) -> Button:
    return Button("‹ Back", Action("who", subject_args(subject)))


def _headline(page: HistoryPage) -> str:
    counts = Counter[str]()
    for share in page.shares:
        counts.update({word: share.count for states, word in _COUNTED if share.state in states})
    shown = [f"{counts[word]} {word}" for _, word in _COUNTED if counts[word]]
    return (
        f"{_name(page.subject)}: {', '.join(shown)}." if shown else f"{_name(page.subject)}: nothing out now."
    )


def _holders(page: HistoryPage) -> list[str]:
    if page.subject.about is About.PERSON:
        return []
    counts = Counter[str]()
    for share in page.shares:
        if share.state in HELD:
            counts[share.name or str(share.user_id)] += share.count
    if not counts:
        return []
    shown = [f"{escaped(name)} {count}" for name, count in counts.most_common(MAX_HOLDERS)]
    more = [f"{len(counts) - MAX_HOLDERS} more"] if len(counts) > MAX_HOLDERS else []
    return [f"Held by {', '.join([*shown, *more])}."]


def _record(record: Record, subject: Subject, now: float) -> str:
    """One line, without what the whole page is about."""
    allocation = record.allocation
    parts = [
        f"<b>{escaped(allocation.resource)}</b>" if subject.about is not About.RESOURCE else "",
        escaped(record.address) if record.address != subject.word else "",
        escaped(allocation.name or allocation.user_id) if subject.about is not About.PERSON else "",
        _became(record, now),
        f"row {allocation.row}",
    ]
    return "• " + " · ".join(part for part in parts if part)


def _became(record: Record, now: float) -> str:
    allocation, since = record.allocation, ago(now - record.changed_at)
    match allocation.state:
        case State.RESERVED if allocation.expires_at is not None and not allocation.lapsed(now):
            return f"reserved for another {duration(allocation.expires_at - now)}"
        case State.RESERVED | State.EXPIRED:
            return STATES[State.EXPIRED]
        case State.QUEUED | State.TAKING | State.RELEASING:
            return standing(allocation)
        case State.TAKEN:
            return _held(record)
        case State.BAD:
            reason = PREDICATES[BadReason(allocation.reason or BadReason.OTHER)]
            return f"{reason}, reported {since}"
        case State.SPENT | State.FAILED:
            return f"{standing(allocation)} {since}"
        case State.RELEASED if _was_only_reserved(allocation):
            return STATES[State.EXPIRED]
    return f"{STATES[State.RELEASED]} {since}, had since {escaped(allocation.issued_on)}"


def _was_only_reserved(released: Allocation) -> bool:
    """Whether it was a reservation that somebody dropped: neither given back nor freed in the sheet."""
    ended = released.release_request is not None or released.missing_since is not None
    return released.expires_at is not None and not ended


def _held(record: Record) -> str:
    deleted = ", entry deleted in the sheet" if record.allocation.missing_since is not None else ""
    return f"{standing(record.allocation)} since {escaped(record.allocation.issued_on)}{deleted}"


def _paging(page: HistoryPage) -> tuple[Button, ...]:
    about = subject_args(page.subject)
    newest = [] if page.first else [Button("‹ Newest", Action("who", about))]
    older = page.older and [Button("Older ›", Action("who", (*about, page.older.request, page.older.id)))]
    return (*newest, *(older or []))


def _revival(record: Record, subject: Subject) -> Button:
    label = f"Works again: {record.address} ({record.allocation.resource})"
    return Button(
        label[:MAX_LABEL], Action("revive", (record.allocation.id, record.address, *subject_args(subject)))
    )


def _resource_button(name: str, verb: str, label: str) -> Button:
    args = subject_args(Subject(About.RESOURCE, name)) if verb == "who" else (name,)
    return Button(f"{label} {name}"[:MAX_LABEL], Action(verb, args))


def _nothing(subject: Subject) -> str:
    if subject.about is About.PERSON:
        return f"{_name(subject)} never had a proxy from me."
    return f"{_name(subject)}: I never handed it out.\nWhat people wrote into the sheet themselves stands there only."


def _name(subject: Subject) -> str:
    if subject.about is About.PERSON:
        number = f" (id {subject.word})" if subject.name != subject.word else ""
        return f"<b>{escaped(subject.name or subject.word)}</b>{number}"
    return f"<b>{escaped(subject.word)}</b>"
