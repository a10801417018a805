"""Reading a page as a browser would: elements, tables, texts, pictures."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

EMPTY = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Reads a page into tables, links and texts, and checks that every element is closed where it belongs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: list[str] = []
        self._open: list[str] = []
        self._table = ""
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if attributes.get("role") == "region":
            self._table = attributes["aria-label"]
            self.tables[self._table] = []
        if tag == "tr":
            self.tables[self._table].append([])
        if tag in ("td", "th"):
            self.tables[self._table][-1].append("")
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if {"td", "th"} & set(self._open):
            self.tables[self._table][-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def named(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def pictures(self) -> dict[str, np.ndarray]:
        """The pictures that the page carries, by their alternative text."""
        return {
            image["alt"]: np.asarray(
                Image.open(io.BytesIO(base64.b64decode(image["src"].split(",")[1]))).convert("RGB")
            )
            for image in self.named("img")
        }

    def table(self, name: str) -> list[dict[str, str]]:
        headings, *rows = self.tables[name]
        return [dict(zip(headings, row, strict=True)) for row in rows]
