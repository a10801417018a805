"""The picture of the layers, drawn from the contract that lint checks: python -m docs.layers."""

import ast
import re
import textwrap
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
SVG = ROOT / "docs" / "pictures" / "layers.svg"
WIDTH, LINE, GAP, LEFT = 860, 16, 8, 46
CHARACTER = 6.8  # width of one, in pixels, at the captions' size


def layers() -> list[list[str]]:
    """The packages and modules of each layer, from the top, without `huesweep.`."""
    found = re.search(r"^layers = (\[.*?^\])", (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert found is not None
    rows = [re.split(r"[|:]", row) for row in ast.literal_eval(found[1])]
    return [[name.strip().removeprefix("huesweep.") for name in row] for row in rows]


def caption(name: str) -> str:
    """What a package or module says of itself."""
    path = ROOT / "src" / "huesweep" / name
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.partition("\n")[0].partition(": python -m")[0].rstrip(".")


def draw() -> str:
    """The picture as SVG: a box a package, lower ones imported by higher ones alone."""
    boxes: list[str] = []
    y = GAP
    for row in layers():
        width = (WIDTH - LEFT - GAP * len(row)) / len(row)
        lines = {name: textwrap.wrap(caption(name), int((width - 20) / CHARACTER)) for name in row}
        height = LINE * (1 + max(len(wrapped) for wrapped in lines.values())) + 14
        for place, name in enumerate(row):
            boxes += _box(LEFT + place * (width + GAP), y, width, height, name, lines[name])
        y += height + GAP
    arrow = (
        f'<path d="M30 {GAP + 4} V{y - 18} M24 {y - 26} L30 {y - 16} L36 {y - 26}" fill="none" stroke="#808a99" '
        f'stroke-width="2"/><text x="0" y="0" transform="translate(18 {y // 2 + 24}) rotate(-90)" '
        'font-size="12" fill="#808a99">imports</text>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
            'font-family="sans-serif" role="img">',
            "<title>The layers of huesweep: each imports only what is below it</title>",
            *boxes,
            arrow,
            "</svg>\n",
        ]
    )


def _box(x: float, y: float, width: float, height: float, name: str, lines: list[str]) -> list[str]:
    texts = [
        f'<text x="{x + 10:g}" y="{y + 20 + LINE * place:g}" {style}>{escape(text)}</text>'
        for place, (text, style) in enumerate(
            [
                (name, 'font-size="14" font-weight="bold" fill="#1b2a41"'),
                *[(line, 'font-size="12" fill="#3d4f68"') for line in lines],
            ]
        )
    ]
    frame = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" fill="#dfe7f2" stroke="#8fa3bf"/>'
    return [frame, *texts]


if __name__ == "__main__":
    SVG.write_text(draw())
    print(f"wrote {SVG.relative_to(ROOT)}")
