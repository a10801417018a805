"""The reference pages that nobody writes: made from conf/, the commands, the catalog of metrics and docstrings.

MkDocs calls `on_config` and `on_files` while it builds; `pages` gives the same text without MkDocs.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from huesweep.command_table import COMMANDS, Command

ROOT = Path(__file__).parent.parent
CONF = ROOT / "conf"
PACKAGE = ROOT / "src" / "huesweep"
# Groups whose files are shown as they are:
WHOLE = ("experiment", "sweep", "sweep/convolution", "sweep/rutgers_wishes", "study")
COPIES = {"pictures/colored.jpg": ROOT / "experiments" / "photographs" / "colored.jpg"}  # what pages show of elsewhere


class Option(NamedTuple):
    """One line of a configuration file. default: as it is written there. comment: beside it; before: above it."""

    name: str
    default: str
    comment: str
    before: str


def pages() -> dict[str, str]:
    """Each generated page's text, by its path below docs/."""
    return {
        "reference/commands.md": commands_page(),
        "reference/configuration.md": configuration_page(),
        "reference/metrics.md": metrics_page(),
        **api_pages(),
    }


def groups() -> dict[str, list[Path]]:
    """The files of each group of choices, by the group's name: `model/encoder`, say."""
    found: dict[str, list[Path]] = {}
    for path in sorted(CONF.glob("*/**/*.yaml")):
        found.setdefault(str(path.parent.relative_to(CONF)), []).append(path)
    return found


def about(path: Path) -> list[str]:
    """The comment that a configuration file opens with, line by line."""
    lines = path.read_text().splitlines()
    lines = lines[1:] if lines and lines[0].startswith("# @package") else lines
    found = []
    for line in lines:
        if not line.startswith("#"):
            break
        found.append(line.removeprefix("#").strip())
    return found


def options(path: Path) -> list[Option]:
    """What a configuration file sets, in its order; what it inherits is not among it."""
    lines = path.read_text().splitlines()
    root = yaml.compose(path.read_text())
    return [] if root is None else list(_leaves(root, "", lines))


def _leaves(node: yaml.MappingNode, prefix: str, lines: list[str]) -> Iterator[Option]:
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        if not prefix and key.value in ("defaults", "_target_"):
            continue
        start = key.start_mark.line
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            nested = _after_hash(lines[start][key.end_mark.column :])
            inside = list(_leaves(value, f"{name}.", lines))
            before = " ".join(part for part in (_above(lines, start), nested) if part)
            yield inside[0]._replace(before=" ".join(part for part in (before, inside[0].before) if part))
            yield from inside[1:]
            continue
        end = value.end_mark
        if isinstance(value, yaml.SequenceNode) and not value.flow_style:
            written = "[" + ", ".join(_flow(item) for item in value.value) + "]"
            yield Option(name, written, _after_hash(lines[start][key.end_mark.column :]), _above(lines, start))
            continue
        written = lines[end.line][value.start_mark.column : end.column]
        yield Option(name, written, _beside(lines, end.line, end.column), _above(lines, start))


def _flow(node: yaml.Node) -> str:
    """A value in one line, as YAML reads it."""
    if isinstance(node, yaml.MappingNode):
        return "{" + ", ".join(f"{key.value}: {_flow(value)}" for key, value in node.value) + "}"
    if isinstance(node, yaml.SequenceNode):
        return "[" + ", ".join(map(_flow, node.value)) + "]"
    return f"'{node.value}'" if "{" in node.value else str(node.value)


def _after_hash(text: str) -> str:
    return text.partition("#")[2].strip()


def _beside(lines: list[str], end: int, column: int) -> str:
    """The comment that follows a value, with the lines below that go on with it, indented deeper than the value's."""
    found = [_after_hash(lines[end][column:])]
    for line in lines[end + 1 :]:
        if not _goes_on(line, lines[end]):
            break
        found.append(_after_hash(line))
    return " ".join(found)


def _goes_on(comment: str, line: str) -> bool:
    return comment.strip().startswith("#") and _indent(comment) > _indent(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _above(lines: list[str], start: int) -> str:
    """The comment in the lines right above one, unless it is what the file opens with or goes on from a value."""
    found: list[str] = []
    for line in reversed(lines[:start]):
        if not line.strip().startswith("#") or _goes_on(line, lines[start]):
            return " ".join(reversed(found))
        found.append(_after_hash(line))
    return ""


def inherited(path: Path) -> list[str]:
    """What a configuration file is composed of, as its list of defaults names it."""
    composed = yaml.safe_load(path.read_text()) or {}
    return [_entry(entry) for entry in composed.get("defaults", []) if entry != "_self_"]


def _entry(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    ((group, choice),) = entry.items()
    return f"{group.removeprefix('override ')}={'null' if choice is None else choice}"


def commands_page() -> str:
    """Every command: what it does, how it is typed, what options it has."""
    lines = [
        "# Commands",
        "",
        "`huesweep NAME …` and `python -m src.NAME …` are the same. `huesweep` alone lists these, `--help` tells the "
        "options of one, and an option or a value that does not exist ends it with one line that names those that do. "
        "All exit with status 0 when they did what was asked, and with 1 after one line on the error stream.",
        "",
        "| command | what it does |",
        "| --- | --- |",
        *[f"| [`{name}`](#{name}) | {command.about} |" for name, command in COMMANDS.items()],
    ]
    for name, command in COMMANDS.items():
        lines += ["", f"## {name}", "", *_command(name, command)]
    return "\n".join(lines) + "\n"


def _command(name: str, command: Command) -> Iterator[str]:
    docstring = _docstring(PACKAGE / "commands" / f"{name}.py").splitlines()[0]
    about_it, _, typed = docstring.partition(": python -m ")
    yield f"{about_it}."
    yield ""
    yield f"    python -m {typed.rstrip('.') or f'src.{command.module or name}'}"
    if command.config is None:
        return
    path = CONF / f"{command.config}.yaml"
    if command.literal:
        given = ", ".join(f"`{option}=`" for option in command.literal)
        yield ""
        yield f"Taken from the command line as they stand, whatever characters they hold: {given}."
    if composed := [entry for entry in inherited(path) if "hydra" not in entry and entry not in ("quiet", "runs")]:
        yield ""
        yield "Composed of " + ", ".join(_linked(entry) for entry in composed) + "."
    if listed := options(path):
        yield ""
        yield from _table(listed)


def _linked(entry: str) -> str:
    group = entry.partition("=")[0]
    return f"[`{entry}`](configuration.md#{_anchor(group)})" if group in groups() else f"`{entry}`"


def configuration_page() -> str:
    """Every group of choices, every choice in it, and every option of those."""
    lines = [
        "# Configuration",
        "",
        "Each folder of `conf/` is a group, each file in it a choice: `data=cifar10` picks `conf/data/cifar10.yaml`, "
        "and `data.validation=0.2` changes one of its values. Defaults live in these files and nowhere in code. "
        "Presets are added with a plus: `+experiment=yeung`, `+sweep=quick`.",
        "",
        "| group | choices |",
        "| --- | --- |",
    ]
    for group, files in groups().items():
        choices = ", ".join(f"[`{path.stem}`](#{_anchor(group, path.stem)})" for path in files)
        lines.append(f"| [{group}](#{_anchor(group)}) | {choices} |")
    for group, files in groups().items():
        lines += ["", f"## {group} {{ #{_anchor(group)} }}"]
        for path in files:
            lines += ["", f"### `{as_typed(group, path.stem)}` {{ #{_anchor(group, path.stem)} }}", ""]
            lines += [*_file(path)] if group in WHOLE else [*_choice(path)]
    lines += [
        "",
        "## Beside the groups",
        "",
        "`conf/paths.yaml` is part of every command that writes or reads files:",
        "",
    ]
    lines += _table([option._replace(name=f"paths.{option.name}") for option in options(CONF / "paths.yaml")])
    return "\n".join(lines) + "\n"


def _anchor(*words: str) -> str:
    return "-".join(words).replace("/", "-").replace("_", "-")


def as_typed(group: str, name: str) -> str:
    """How a choice is asked for."""
    if group == "study":
        return f"make study STUDY={name}"
    group, _, folder = group.partition("/") if group.startswith("sweep/") else (group, "", "")
    return f"{'+' if group in WHOLE else ''}{group}={folder and f'{folder}/'}{name}"


def _choice(path: Path) -> Iterator[str]:
    yield " ".join(about(path)) or f"`{path.relative_to(ROOT)}`"
    if composed := inherited(path):
        yield ""
        yield "Built on " + ", ".join(f"`{entry}`" for entry in composed) + "."
    prefix = {"hydra/launcher": "hydra.launcher.", "hydra/sweeper": "hydra.sweeper."}.get(
        str(path.parent.relative_to(CONF)), f"{path.parent.relative_to(CONF)}.".replace("/", ".")
    )
    if path.parent.name in ("callbacks", "logger", "network"):  # several of a group stand side by side
        prefix = prefix.replace("network.", "")
    if path.read_text().startswith("# @package _global_"):
        prefix = ""
    if listed := [option._replace(name=prefix + option.name) for option in _own_options(path)]:
        yield ""
        yield from _table(listed)


def _own_options(path: Path) -> list[Option]:
    """The options of a choice, without its own name, which is there for people."""
    return [option for option in options(path) if (option.name, option.default) != ("name", path.stem)]


def _file(path: Path) -> Iterator[str]:
    yield "```yaml"
    yield from path.read_text().rstrip().splitlines()
    yield "```"


def _table(listed: list[Option]) -> Iterator[str]:
    yield "| option | default | |"
    yield "| --- | --- | --- |"
    for option in listed:
        if option.before:
            yield f"| | | *{_cell(option.before)}* |"
        yield f"| `{option.name}` | `{_cell(option.default)}` | {_cell(option.comment)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;") if "`" not in text else text.replace("|", "\\|")


def metrics_page() -> str:
    """The catalog of metrics, as every table, plot and ranking reads it."""
    catalog = importlib.import_module("huesweep.metrics.catalog").CATALOG
    needs = {"": "", "palette": " Of targets with a palette.", "download": " With `metrics=full`: downloads weights."}
    needs["labels"] = " Of classifiers, `src.transfer`."
    lines = [
        "# Metrics",
        "",
        "All are computed on 8-bit sRGB pictures of a whole split; a trial is ranked by those of the validation "
        "pictures, and tables show those of the test pictures. Every table also has the rows that cost nothing: the "
        "baselines of the task (`gray`, say) and the target's `ceiling`, the truth encoded and decoded again: "
        "of a palette, what naming every pixel's nearest color comes to; networks that mix colors can score higher.",
        "",
        "| metric | better | unit | digits | what it is | over |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, metric in catalog.items():
        text = f"{metric.about[0].upper()}{metric.about[1:]}.{needs[metric.needs]}"
        lines.append(f"| `{name}` | {metric.better} | {metric.unit} | {metric.digits} | {text} | {metric.of} |")
    return "\n".join([*lines, "", "How to add one: [a metric](../how-to/metric.md)."]) + "\n"


def api_pages() -> dict[str, str]:
    """One page a package, with the documentation of its modules, for mkdocstrings to fill in."""
    modules: dict[str, list[str]] = {"huesweep": []}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        package = ".".join(parts[:2]) if (PACKAGE / parts[1]).is_dir() else "huesweep"
        if (
            parts[-1] not in ("__init__", "__main__") and package != "huesweep.commands"
        ):  # which have a page of their own
            modules.setdefault(package, []).append(".".join(parts))
    lines = ["# API", "", "Generated from the docstrings.", "", "| package | what it holds |", "| --- | --- |"]
    found = {}
    for package, inside in modules.items():
        docstring = _docstring(ROOT / "src" / package.replace(".", "/") / "__init__.py").partition("\n")[0]
        lines.append(f"| [`{package}`]({package}.md) | {docstring} |")
        text = [f"# {package}", "", docstring]
        for module in inside:
            text += ["", f"::: {module}", "    options:", "      heading_level: 2"]
        found[f"reference/api/{package}.md"] = "\n".join(text) + "\n"
    return {"reference/api/index.md": "\n".join(lines) + "\n", **found}


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def on_config(config: Any) -> Any:
    """Put the generated pages into the navigation, after the hand-written ones of `Reference`."""
    made = pages()
    api = sorted(path for path in made if path.startswith("reference/api/huesweep"))
    reference: list[Any] = [path for path in made if not path.startswith("reference/api/")]
    config.nav.append({"Reference": [*reference, {"API": ["reference/api/index.md", *api]}]})
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages, and the pictures that lie elsewhere, to what is in docs/."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    for path, source in COPIES.items():
        files.append(File.generated(config, path, abs_src_path=str(source)))
    return files
