"""The documentation as data: pages, their fenced blocks, their links, their headings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block. `info` is what stands behind the fence."""

    page: "Page"
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text.partition(chr(10))[0]}"


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(Block(self, info.strip(), text) for info, text in _FENCE.findall(self.text))

    @property
    def links(self) -> tuple[str, ...]:
        """Where it points to within the repository."""
        return tuple(link for link in _LINK.findall(self.prose) if "://" not in link)

    @property
    def anchors(self) -> frozenset[str]:
        """The names of its headings, as GitHub makes them."""
        return frozenset(_slug(heading) for heading in _HEADING.findall(self.prose))


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def pages() -> tuple[Page, ...]:
    """Return the README and all pages below docs/."""
    return (Page(ROOT / "README.md"), *(Page(path) for path in sorted(DOCS.rglob("*.md"))))


def blocks(info: str) -> list[Block]:
    """Return the blocks behind whose fence `info` stands, exactly."""
    return [block for page in pages() for block in page.blocks if block.info == info]


def reference(name: str) -> str:
    """Return the text of a page of the reference."""
    return Page(DOCS / "reference" / f"{name}.md").text
