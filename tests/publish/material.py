"""What the tests of publish are made of: a small portal, articles, the golden pairs."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from feedhub.model.article import Article, Attribution, Correction, Twin
from feedhub.model.item import Enclosure
from feedhub.model.picture import Shown
from feedhub.model.safehtml import SafeHtml
from feedhub.model.section import Portal, Section
from feedhub.publish.style import Style, make_style

FIXTURES = Path(__file__).parent / "fixtures"
BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
INSTALLATION = uuid.UUID("7d444840-9dc0-11d1-b245-5ffdce74fad2")

PORTAL = Portal(
    name="Hengyang",
    title="Hengyang, China",
    language="en",
    time_zone="Asia/Shanghai",
    rights="Texts remain with the source named on each item.",
    contact="feeds@example.org",
    id_authority="example.org,2018",
    base_url="http://127.0.0.1:8080",
    columns=(
        Section(
            "life",
            "Life",
            "生活",
            children=(Section("life/health", "Health"), Section("life/cuisine", "Cuisine & more")),
        ),
        Section("news", "News", languages=("en", "zh")),
        Section("empty", "Empty"),
        Section("yuwen", "Language", "语文", languages=("zh",)),
        Section("all", "AllDocsList", languages=("any",)),
    ),
)


def style(portal: Portal = PORTAL, **changed: Any) -> Style:
    """The portal's style; `changed` are arguments of make_style."""
    given: dict[str, Any] = {"content_type": "browser", "style_files": {}, "installation": INSTALLATION} | changed
    return make_style(portal, **given)


STYLE = style()


def article(name: str, **changed: Any) -> Article:
    """An article of that id in life/health."""
    plain = Article(
        id=name,
        public_id=f"tag:example.org,2018:article/{name}",
        title=f"Title of {name}",
        sections=("life/health",),
        language="en",
        published=datetime(2023, 12, 6, 11, 33, 20, tzinfo=BEIJING),
        updated=datetime(2023, 12, 6, 11, 33, 20, tzinfo=BEIJING),
        html=SafeHtml(f"<p>The text of <b>{name}</b>.</p>"),
    )
    return replace(plain, **changed)


def read_fixture(path: Path) -> Article:
    """The article that a fixture describes; `\\u` escapes in it may name what no file can hold."""
    values = values_of(json.loads(path.read_text("utf-8")))
    return article(values.pop("id"), **({"html": None} | values))


def values_of(plain: dict[str, Any]) -> dict[str, Any]:
    """Fields of an article from what JSON can say."""
    makers: dict[str, Any] = {
        "published": datetime.fromisoformat,
        "updated": datetime.fromisoformat,
        "source": lambda it: Attribution(**it),
        "enclosures": lambda it: tuple(Enclosure(**one) for one in it),
        "categories": tuple,
        "twins": lambda it: tuple(Twin(**one) for one in it),
        "pictures": lambda it: tuple(Shown(**one) for one in it),
        "corrections": lambda it: tuple(Correction(datetime.fromisoformat(one["at"]), one["note"]) for one in it),
    }
    return {name: makers[name](value) if name in makers else value for name, value in plain.items()}
