"""Short names for content: the same content, the same name."""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any


def digest_of(*parts: Any) -> str:
    """Sixteen hexadecimal digits for plain values, bytes and tensors (by their content), in order."""
    total = hashlib.sha256()
    for part in parts:
        if hasattr(part, "detach"):  # a tensor: whoever has none does without torch, which takes seconds to read
            import torch

            part = part.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data
        elif not isinstance(part, bytes):
            part = json.dumps(part, sort_keys=True).encode()
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


PACKAGE = Path(__file__).parent.parent


def code_digest(*places: str) -> str:
    """Names what code of this package does, in folders or files: comments, docstrings and layout don't change it.

    Raises FileNotFoundError for a place without code: what was kept under its name would never be made anew.
    """
    found = {place: _code_in(PACKAGE / place) for place in places}
    for place, files in found.items():
        if not files:
            raise FileNotFoundError(f"no code in {PACKAGE / place}")
    return digest_of(*(_effective(file.read_text()) for files in found.values() for file in files))


def _code_in(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def source_digest(path: Path) -> str:
    """Names what a file of code does, as code_digest does for folders; by its bytes where that is no Python."""
    source = path.read_bytes()
    try:
        return digest_of(_effective(source.decode()))
    except (SyntaxError, UnicodeDecodeError):
        return digest_of(source)


@cache
def _effective(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)
