"""aiogram, its models built where they are used first, is the aiogram that its own import makes."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

PROBE = Path(__file__).with_name("lean_probe.py")

# An aiogram of a few lines, to be imported in place of the real one.
MODELS = """
from __future__ import annotations
from typing import TYPE_CHECKING
from pydantic import BaseModel, ConfigDict
if TYPE_CHECKING:
    from aiogram.types import User
class Entity(BaseModel):
    model_config = ConfigDict(defer_build=True)
    type: str
    offset: int
    length: int
class MessageEntity(Entity):
    user: User | None = None
"""
USER = """
from pydantic import BaseModel
class User(BaseModel):
    id: int
    is_bot: bool
    first_name: str
"""
LOOP = """
from .entities import MessageEntity
from .users import User
names = {"MessageEntity": MessageEntity, "User": User}
for model in list(names.values()):
    model.model_rebuild(_types_namespace=names)
"""
SEES_THAT_NOTHING_IS_BUILT = "assert MessageEntity.__pydantic_complete__\n"
IMPORT = """
import json, structlog
from bot.gateways.lean_aiogram import import_aiogram
with structlog.testing.capture_logs() as told:
    lean = import_aiogram()
from aiogram.types import MessageEntity
built = MessageEntity.__pydantic_complete__
user = {"id": 1, "is_bot": False, "first_name": "A"}
entity = MessageEntity(type="x", offset=0, length=1, url="x", user=user)
print(json.dumps([lean, built, repr(entity.user), [line["event"] for line in told]]))
"""
ANNA = "User(id=1, is_bot=False, first_name='A')"
ALL_BUILT = "aiogram's models are all built now"
SLOW = "aiogram is imported the slow way"


def seen(way: str) -> dict[str, Any]:
    """What the probe sees of aiogram in a process of its own."""
    command = [sys.executable, PROBE, way]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, Any], dict[str, Any]]:
    """aiogram imported the lean way, and as it comes."""
    with ThreadPoolExecutor(2) as threads:
        lean, plain = threads.map(seen, ("lean", "plain"))
    return lean, plain


def test_a_lean_import_builds_nothing_and_is_silent(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """With the aiogram of the lock file the trick works: models are left for later, and no warning is due."""
    lean, plain = both
    assert (True, []) == (lean["lean"], lean["told"])
    assert lean["unbuilt"] > 300
    assert 0 == plain["unbuilt"]


def test_every_model_is_the_same_field_by_field(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """All types and methods: names, annotations, what is required, defaults, aliases, and the JSON schema."""
    lean, plain = both
    assert len(plain["models"]) > 500
    assert plain["models"].keys() == lean["models"].keys()
    assert {} == {name: fields for name, fields in plain["models"].items() if fields != lean["models"][name]}
    assert plain["schema"].keys() == lean["schema"].keys()
    assert [] == [name for name, schema in plain["schema"].items() if schema != lean["schema"][name]]


def test_updates_and_calls_are_the_same(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Updates decoded by models that nobody has built before, calls that go out, answers that come back."""
    lean, plain = both
    assert plain["updates"] == lean["updates"]
    assert plain["calls"] == lean["calls"]


def imported(folder: Path, *, models: str = MODELS, loop: str = LOOP) -> list[Any]:
    """Whether such an aiogram came lean, was built at the end, whom its entity names, and what was told."""
    types = folder / "aiogram" / "types"
    types.mkdir(parents=True)
    (folder / "aiogram" / "__init__.py").write_text("from . import types\n")
    (types / "entities.py").write_text(models)
    (types / "users.py").write_text(USER)
    (types / "__init__.py").write_text(loop)
    script = f"import sys; sys.path.insert(0, {str(folder)!r})\n{IMPORT}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def test_an_aiogram_as_expected_comes_lean(tmp_path: Path) -> None:
    """What the cases below change is all that they differ in."""
    assert [True, True, ANNA, []] == imported(tmp_path)


@pytest.mark.parametrize(
    "models",
    [
        MODELS + "    class Kind(BaseModel): pass\n    kind: Kind | None = None\n",
        MODELS.replace("if TYPE_CHECKING:\n    from aiogram.types", "from aiogram.types.users").replace(
            "defer_build=True", ""
        ),
        MODELS + "    url: str\n",
    ],
    ids=["a name from elsewhere", "models that are not deferred", "another trial model"],
)
def test_models_that_are_not_as_expected_are_all_built(tmp_path: Path, models: str) -> None:
    """What aiogram does at its import is done after all, with a warning, and the models work."""
    assert [False, True, ANNA, [ALL_BUILT]] == imported(tmp_path, models=models)


@pytest.mark.parametrize(
    "loop",
    [LOOP + SEES_THAT_NOTHING_IS_BUILT, LOOP.partition("for")[0] + "MessageEntity.model_rebuild(**{})\n"],
    ids=["it needs its models at once", "it builds them in another way"],
)
def test_an_import_that_is_not_as_expected_is_begun_anew(tmp_path: Path, loop: str) -> None:
    """The plain import follows, with a warning, and the models work."""
    users = "from .users import User\nfrom . import entities\nentities.User = User\n"
    assert [False, True, ANNA, [SLOW]] == imported(tmp_path, loop=users + loop)


def test_an_aiogram_that_is_there_is_left_alone() -> None:
    """Whoever has imported it before has built its models; nothing is told."""
    script = "import sys; sys.modules['aiogram'] = sys\n" + IMPORT.partition("from aiogram")[0]
    script += "print(lean, told)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "False []" == done.stdout.strip()
