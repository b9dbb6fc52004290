"""The rules that a reader may rely on anywhere in feedhub/, each proved by a text that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.house.tree import Module, imported, modules, parsed, spelled, words

Faults = Iterator[tuple[int, str]]

NOW = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
OUTBOUND = ("requests", "urllib.request", "urllib3", "httpx", "aiohttp", "http.client", "pycurl", "ftplib", "smtplib")
SQL = ("sqlalchemy", "alembic", "psycopg", "sqlite3")
NO_SQL = ("sqlalchemy.Connection", "sqlalchemy.engine.make_url")  # a transaction handed on, an address checked
SECRET = re.compile(r"(?:^|[._])(?:secret|password|passwd|signature|token|challenge|api_key)$")
LONGEST = 350

# Words the glossary avoids, and the one it uses (docs/glossary.md). The second row has other meanings in
# functions (an RSS channel, HTTP POST), so it is refused in names of things only.
AVOIDED = {"story": "article", "stories": "article", "news": "article", "tenant": "portal", "customer": "partner"}
AVOIDED_THINGS = {"post": "article", "site": "portal", "channel": "section", "category": "section"}
NOT_A_PLACE = {"utils", "util", "helpers", "common", "manager", "misc"}


def sign_on_the_door(module: Module) -> Faults:
    """An __init__.py is a docstring and nothing else."""
    if module.path.endswith("__init__.py") and (len(module.tree.body) != 1 or not ast.get_docstring(module.tree)):
        yield 1, "a sign is a docstring and nothing else"


def clock(module: Module) -> Faults:
    """Nobody asks what time it is but the Clock."""
    if module.room in ("wiring", "ports"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ".".join(spelled(node).split(".")[-2:]) in NOW:
            yield node.lineno, f"{spelled(node)}: take a Clock or `now`"
    for line, name in imported(module):
        if name in NOW:
            yield line, f"{name}: take a Clock or `now`"


def outbound(module: Module) -> Faults:
    """Only net opens connections."""
    if module.room == "net":
        return
    for line, name in imported(module):
        if any(f"{name}.".startswith(f"{library}.") for library in OUTBOUND):
            yield line, f"{name}: all requests go through net's one client"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and spelled(node) == "socket.create_connection":
            yield node.lineno, "socket.create_connection: all requests go through net's one client"


def feedparser_gets_bytes(module: Module) -> Faults:
    """feedparser would open an address, or a file, that it is handed as text."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and spelled(node.func) == "feedparser.parse":
            first = node.args[0] if node.args else None
            if not (isinstance(first, ast.Call) and spelled(first.func) in ("BytesIO", "io.BytesIO")):
                yield node.lineno, "feedparser.parse takes io.BytesIO(…) and nothing else"
    for line, name in imported(module):
        if name == "feedparser.parse":
            yield line, "call it feedparser.parse, so that its argument can be checked"


def secrets_in_constant_time(module: Module) -> Faults:
    """A secret is compared with hmac.compare_digest; a column's look-up in the store is no comparison."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [node.left, *node.comparators]
            names = [spelled(_itself(side)) for side in sides]
            if any(isinstance(side, ast.Constant) for side in sides) or any(".c." in name for name in names):
                continue
            yield from ((node.lineno, f"{name}: hmac.compare_digest") for name in names if SECRET.search(name))


def _itself(side: ast.expr) -> ast.expr:
    """What is compared, where it is only encoded for that."""
    called = side.func if isinstance(side, ast.Call) else None
    return called.value if isinstance(called, ast.Attribute) and called.attr in ("encode", "decode") else side


def no_shell(module: Module) -> Faults:
    """No command line is put together."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "shell":
            yield node.value.lineno, "shell=: pass a list"
        elif isinstance(node, ast.Attribute) and spelled(node) in ("os.system", "os.popen"):
            yield node.lineno, f"{spelled(node)}: use subprocess with a list"


def silence_has_a_reason(module: Module) -> Faults:
    """`type: ignore` and `noqa` name what they silence."""
    for number, line in enumerate(module.source.splitlines(), 1):
        if re.search(r"#\s*(?:type:\s*ignore(?!\[)|noqa(?!:))", line):
            yield number, "say which code is silenced"


def sql_in_the_store(module: Module) -> Faults:
    """Only the store knows SQL."""
    if module.room == "store":
        return
    for line, name in imported(module):
        if name.split(".")[0] in SQL and name not in NO_SQL:
            yield line, f"{name}: only feedhub/store knows SQL"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "exec_driver_sql":
            yield node.lineno, "exec_driver_sql: only feedhub/store knows SQL"


def glossary_words(module: Module) -> Faults:
    """Names use the glossary's words."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            name, avoided = node.name, AVOIDED | AVOIDED_THINGS
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name, avoided = node.name, AVOIDED
        elif isinstance(node, ast.Call) and spelled(node.func) in ("Table", "sa.Table") and node.args:
            name, avoided = str(getattr(node.args[0], "value", "")), AVOIDED | AVOIDED_THINGS
        else:
            continue
        yield from ((node.lineno, f"{name}: say {avoided[word]}") for word in words(name) if word in avoided)


def named_places(module: Module) -> Faults:
    """No drawer for odds and ends."""
    for part in module.path.removesuffix(".py").split("/"):
        if part in NOT_A_PLACE:
            yield 1, f"{part}: name the file after what it answers"


def public_functions_speak(module: Module) -> Faults:
    """A public function or class says what it is for."""
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            if module.room == "store" and "/migrations/" in module.path:
                continue
            if not ast.get_docstring(node):
                yield node.lineno, f"{node.name} has no docstring"


def not_too_long(module: Module) -> Faults:
    """A file is read in one sitting."""
    if (count := module.source.count("\n")) > LONGEST:
        yield LONGEST, f"{count} lines, at most {LONGEST}"


def values_stay(module: Module) -> Faults:
    """What the model holds is frozen and slotted."""
    if module.room != "model":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                if "dataclass" in ast.unparse(decorator) and not all(
                    f"{word}=True" in ast.unparse(decorator) for word in ("frozen", "slots")
                ):
                    yield node.lineno, f"{node.name}: @dataclass(frozen=True, slots=True)"


# Each rule with texts that break it: a rule that sees none of its own is no rule.
PROOFS: dict[Callable[[Module], Faults], list[tuple[str, str]]] = {
    sign_on_the_door: [("feedhub/net/__init__.py", '"""Sign."""\nX = 1\n'), ("feedhub/net/__init__.py", "")],
    clock: [
        ("feedhub/web/x.py", "import datetime\nx = datetime.datetime.now()\n"),
        ("feedhub/ingest/x.py", "from time import time\n"),
        ("feedhub/store/x.py", "import time\nstamp = time.time\n"),
    ],
    outbound: [
        ("feedhub/ingest/x.py", "import pycurl\n"),
        ("feedhub/cli/x.py", "from urllib import request\n"),
        ("feedhub/cli/x.py", "def f():\n    from http.client import HTTPConnection\n"),
        ("feedhub/web/x.py", "import socket\nsocket.create_connection(('h', 1))\n"),
    ],
    feedparser_gets_bytes: [
        ("feedhub/ingest/x.py", "feedparser.parse(body)\n"),
        ("feedhub/ingest/x.py", "from feedparser import parse\n"),
    ],
    secrets_in_constant_time: [
        ("feedhub/web/x.py", "ok = given == partner.secret\n"),
        ("feedhub/hub/x.py", "ok = answer.body != challenge.encode()\n"),
    ],
    no_shell: [
        ("feedhub/cli/x.py", "subprocess.run('ls', shell=True)\n"),
        ("feedhub/cli/x.py", "os.system('ls')\n"),
    ],
    silence_has_a_reason: [
        ("feedhub/web/x.py", "x = 1  # type: " + "ignore\n"),
        ("feedhub/web/x.py", "x = 1  # no" + "qa\n"),
    ],
    sql_in_the_store: [
        ("feedhub/web/x.py", "from sqlalchemy import select\n"),
        ("feedhub/web/x.py", "tx.exec_driver_sql('select 1')\n"),
    ],
    glossary_words: [
        ("feedhub/model/x.py", "class StoryList: ...\n"),
        ("feedhub/store/x.py", "posts = Table('post', metadata)\n"),
        ("feedhub/access/x.py", "def add_customer(): ...\n"),
    ],
    named_places: [("feedhub/web/utils.py", "")],
    public_functions_speak: [("feedhub/web/x.py", "def serve(): ...\n")],
    not_too_long: [("feedhub/web/x.py", "x = 1\n" * (LONGEST + 1))],
    values_stay: [("feedhub/model/x.py", "@dataclass(frozen=True)\nclass Entry: ...\n")],
}


@pytest.mark.parametrize("rule", PROOFS, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Callable[[Module], Faults]) -> None:
    faults = [f"{module.path}:{line}: {fault}" for module in modules() for line, fault in rule(module)]
    assert not faults, "\n" + "\n".join([str(rule.__doc__), *faults])


@pytest.mark.parametrize(
    ("rule", "path", "source"), [(rule, *text) for rule, texts in PROOFS.items() for text in texts]
)
def test_the_rule_sees_what_breaks_it(rule: Callable[[Module], Faults], path: str, source: str) -> None:
    assert list(rule(parsed(path, source)))


def test_what_is_right_passes_every_rule() -> None:
    right = parsed(
        "feedhub/ingest/x.py",
        '"""A reader."""\n\nimport feedparser\nfrom io import BytesIO\n\n\ndef parse(body, token):\n'
        '    """Bytes into items."""\n    assert token == "x"\n    return feedparser.parse(BytesIO(body))\n',
    )
    assert not [fault for rule in PROOFS for fault in rule(right)]


def test_every_folder_has_a_sign() -> None:
    folders = {module.path.rpartition("/")[0] for module in modules() if "/migrations/" not in module.path}
    signs = {module.path.rpartition("/")[0] for module in modules() if module.path.endswith("/__init__.py")}
    assert folders <= signs
