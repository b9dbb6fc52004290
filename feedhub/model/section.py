"""The portal's tree: columns, sections, and how a section's name says where it hangs."""

from __future__ import annotations

from dataclasses import dataclass, field

from feedhub.model.profile import Profile
from feedhub.model.question import Question, SavedFeed

ALL = "all"
SEARCH = "search"
RESERVED = frozenset({"all", SEARCH, "archive", "saved", "profile", "partners"})
ANY_LANGUAGE = "any"


@dataclass(frozen=True, slots=True)
class Section:
    """A node of the portal's tree; `id` is the whole path, `languages` those its feed carries (SEMANTICS 24).

    `podcast` is the category under which podcast directories list it, widest name first; empty for most. A saved feed
    is a section with a `question`: it holds what answers that.
    """

    id: str
    title: str
    title_zh: str | None = None
    languages: tuple[str, ...] = ("en",)
    children: tuple[Section, ...] = ()
    podcast: tuple[str, ...] = ()

    question: Question | None = None

    def carries(self, language: str) -> bool:
        """Whether the section's feed shows pieces of that language (RFC 4647 §3.3.1 basic filtering)."""
        if ANY_LANGUAGE in self.languages:
            return True
        tag = language.lower()
        return any(tag == known.lower() or tag.startswith(known.lower() + "-") for known in self.languages)


@dataclass(frozen=True, slots=True)
class Portal:
    """The publisher: what its feeds say of it, and its tree.

    `former_addresses` are paths from before this portal, percent-decoded and without a last slash, and our paths
    that took their place; `longest_text` is how many characters of a text our feeds carry;
    `profiles` are the contracts by which partners are served.
    """

    name: str
    title: str
    language: str
    time_zone: str
    rights: str
    contact: str
    id_authority: str | None
    base_url: str
    columns: tuple[Section, ...] = ()
    former_ids: dict[str, str] = field(default_factory=dict)
    former_addresses: dict[str, str] = field(default_factory=dict)
    longest_text: int = 100_000
    profiles: tuple[Profile, ...] = ()
    saved: tuple[SavedFeed, ...] = ()

    def feeds(self) -> dict[str, Section]:
        """Every section by id, and after them the saved feeds, each as a section that holds what answers it."""
        saved = (Section(it.id, it.title, it.title_zh, (ANY_LANGUAGE,), question=it.question) for it in self.saved)
        return self.sections() | {it.id: it for it in saved}

    def sections(self) -> dict[str, Section]:
        """Every node by id, in the order of the tree, parents first."""
        found: dict[str, Section] = {}

        def walk(nodes: tuple[Section, ...]) -> None:
            for node in nodes:
                found[node.id] = node
                walk(node.children)

        walk(self.columns)
        return found


def lineage(section_id: str) -> tuple[str, ...]:
    """The section and all it hangs under, nearest first, `all` last: a feed holds its whole subtree."""
    if section_id == ALL:
        return (ALL,)
    parts = section_id.split("/")
    return (*("/".join(parts[:depth]) for depth in range(len(parts), 0, -1)), ALL)


def placements(section_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Every section whose feed shows a piece that was put into `section_ids`, each once."""
    return tuple(dict.fromkeys(node for section in section_ids for node in lineage(section)))
