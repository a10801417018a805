"""Documentation that stays true: links lead somewhere, commands are accepted, and the reference leaves nothing out."""

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from docs.generate import (
    WHOLE,
    api_pages,
    as_typed,
    commands_page,
    configuration_page,
    groups,
    metrics_page,
    options,
    pages,
)
from docs.layers import SVG, draw, layers
from huesweep.command_table import COMMANDS
from huesweep.metrics.catalog import CATALOG
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.usage import usage
from tests.documents import ROOT, anchors, blocks, documented, documents, exists, links

TEXTS = documents()
BLOCKS = blocks(TEXTS)
# Commands by what `python -m src.…` calls them, where that is another name.
ENTRY = {command.module: name for name, command in COMMANDS.items() if command.module}


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(TEXTS[page]):
        address, _, anchor = link.partition("#")
        path = (page.parent / address).resolve() if address else page
        assert exists(path, TEXTS), f"{link}: no such file"
        if not anchor or path.suffix != ".md":
            continue
        text = TEXTS[path]
        if modules := documented(text):
            assert any(is_described(anchor, module) for module in modules), f"{link}: no such object"
        else:
            assert anchor in anchors(text), f"{link}: no such heading"


def is_described(name: str, module: str) -> bool:
    """Whether a dotted name is a module, or a public class, function or method that stands in it."""
    if name == module:
        return True
    if not name.startswith(f"{module}."):
        return False
    body: list[ast.stmt] = ast.parse((ROOT / "src" / f"{module.replace('.', '/')}.py").read_text()).body
    for part in name.removeprefix(f"{module}.").split("."):
        found = [
            node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part.strip()
        ]
        if not found or part.startswith("_"):
            return False
        body = found[0].body
    return True


def commands() -> Iterator[tuple[Path, str]]:
    """Every command of a page's blocks of shell, continued lines joined, comments left out."""
    for block in BLOCKS:
        if block.language == "bash":
            for line in block.code.replace("\\\n", " ").splitlines():
                command = " ".join(shlex.quote(word) for word in shlex.split(line, comments=True))
                if command:
                    yield block.page, command


@pytest.mark.parametrize(
    "command", [pytest.param(command, id=f"{page.stem}: {command}") for page, command in commands()]
)
def test_every_command_is_one_that_there_is(command: str, every_choice: Path) -> None:
    words = [word for word in shlex.split(command) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
    variables = [word for word in shlex.split(command)[1:] if re.fullmatch(r"[A-Z_]+=\S*", word)]
    makefile = (ROOT / "Makefile").read_text()
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", makefile, flags=re.MULTILINE), f"make has no {words[1]}"
        unknown = [word for word in variables if not re.search(rf"^{word.partition('=')[0]} \?=", makefile, re.M)]
        assert unknown == [] or words[-1:] == ["make"]
    elif words[:2] == ["python", "-m"] and words[2].startswith("src."):
        entry = words[2].removeprefix("src.")
        assert (ROOT / "src" / entry.replace(".", "/")).is_dir() or (
            ROOT / "src" / f"{entry.replace('.', '/')}.py"
        ).exists()
        check_overrides(COMMANDS[ENTRY.get(entry, entry)].config, words[3:], entry, every_choice)
    else:
        known = ("python -m pytest", "python -m tests.golden", "wandb", "pre-commit", "git", "pip", ".", "conda")
        assert command.startswith(known), f"what is {command}?"


def check_overrides(config: str | None, words: list[str], entry: str, conf: Path) -> None:
    """Compose what a command is told; of a grid, its first cell."""
    if config is None:
        return
    command = COMMANDS[ENTRY.get(entry, entry)]
    given = [word for word in words if word != "-m" and word.partition("=")[0] not in command.literal]
    overrides = []
    for override in OverridesParser.create().parse_overrides(given):
        if override.is_sweep_override():
            value = next(iter(override.sweep_string_iterator()))
            overrides.append(f"{override.get_key_element()}={value}")
        else:
            overrides.append(str(override.input_line))
    with initialize_config_dir(str(conf)):
        compose(config, overrides)


@pytest.fixture(scope="module")
def every_choice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """conf/ with the choices that the pages tell how to add."""
    conf = tmp_path_factory.mktemp("every_choice") / "conf"
    shutil.copytree(CONF, conf)
    for block in BLOCKS:
        if block.title.startswith("conf/"):
            (conf.parent / block.title).write_text(block.code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huesweep.sweeps.resolvers.CONF", conf)
        register_with_hydra()
        yield conf
    register_with_hydra()


def test_the_reference_has_every_command_with_every_option() -> None:
    page = commands_page()
    for name, command in COMMANDS.items():
        assert f"\n## {name}\n" in page
        assert command.about in page
        for option in options(CONF / f"{command.config}.yaml") if command.config else []:
            assert f"| `{option.name}` |" in page


def test_the_reference_has_every_choice_with_every_option() -> None:
    page = configuration_page()
    assert set(groups()) == {str(path.parent.relative_to(CONF)) for path in CONF.glob("*/**/*.yaml")}
    for group, files in groups().items():
        for path in files:
            title = f"### `{as_typed(group, path.stem)}` {{"
            assert title in page
            _, _, section = page.partition(title)
            section = section.partition("\n### ")[0]
            for option in options(path):
                if (option.name, option.default) == ("name", path.stem):  # for people
                    continue
                assert (option.name.rpartition(".")[2] if group in WHOLE else f"{option.name}` |") in section
                assert option.default in section or group in WHOLE  # where the file stands as it is
                assert option.comment.partition("|")[0].partition("<")[0] in section


def test_an_option_is_read_with_its_default_and_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "choice.yaml"
    path.write_text(
        "# What it is.\ndefaults:\n  - other\n\n_target_: somewhere\n# Both:\na: 1.0 # share\n"
        "b: # several\n  c: [x, '#'] # not: a comment\n  d:\n    - y\n    - z\ne: \"#\"\nf:\n  g: null\n"
        "h:\n  - i: 1\n    j: ${k}\n    l: [m]\n"
    )
    assert [tuple(option) for option in options(path)] == [
        ("a", "1.0", "share", "Both:"),
        ("b.c", "[x, '#']", "not: a comment", "several"),
        ("b.d", "[y, z]", "", ""),
        ("e", '"#"', "", ""),
        ("f.g", "null", "", ""),
        ("h", "[{i: 1, j: '${k}', l: [m]}]", "", ""),
    ]


def test_every_option_that_is_listed_is_one_that_yaml_reads() -> None:
    with_dots = {*CONF.glob("sweep/**/*.yaml"), *CONF.glob("study/*.yaml")}  # in their keys
    for path in set(CONF.glob("**/*.yaml")) - with_dots:
        content = yaml.safe_load(path.read_text()) or {}
        for option in options(path):
            value = content
            for key in option.name.split("."):
                value = value[key]
            assert yaml.safe_load(option.default) == value or isinstance(value, list)


def test_the_reference_has_every_metric() -> None:
    page = metrics_page()
    assert [name for name in CATALOG if f"| `{name}` |" not in page] == []


def test_the_reference_has_every_module() -> None:
    described = {module for page in api_pages().values() for module in documented(page)}
    package = ROOT / "src" / "huesweep"
    files = [path for path in package.rglob("*.py") if path.name not in ("__init__.py", "__main__.py")]
    modules = {".".join(path.relative_to(package.parent).with_suffix("").parts) for path in files}
    assert described == {module for module in modules if not module.startswith("huesweep.commands.")}


def test_the_picture_of_the_layers_is_that_of_the_contract() -> None:
    assert SVG.read_text() == draw(), "make docs draws it again"
    names = {name for row in layers() for name in row}
    assert {path.parent.name for path in (ROOT / "src" / "huesweep").glob("*/__init__.py")} <= names


def test_the_site_lists_every_page() -> None:
    listed = re.findall(r"^ +- (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), flags=re.MULTILINE)
    written = [str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").glob("**/*.md")]
    assert sorted(listed) == sorted(written)
    assert not set(written) & set(pages())


def test_the_site_asks_nothing_of_other_hosts() -> None:
    text = (ROOT / "mkdocs.yml").read_text()
    assert "font: false" in text
    assert "http" not in text


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["version"] == version("huesweep")
    assert f'\nversion = "{citation["version"]}"\n' in (ROOT / "pyproject.toml").read_text()


def test_the_hooks_before_a_commit_are_what_lint_runs() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    recipe = re.search(r"^lint:.*?\n\n", (ROOT / "Makefile").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert recipe is not None
    steps = [line.strip().replace("$(VENV)", ".venv") for line in recipe[0].splitlines()[1:] if line.strip()]
    assert [hook["entry"] for hook in repository["hooks"]] == steps
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in repository["hooks"])


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.config is not None])
def test_the_reference_tells_of_options_what_help_tells(name: str) -> None:
    told = re.split("\n\n(?:choices|examples)", usage(name).partition("written NAME=VALUE:")[2])[0]
    rest = " ".join(told.split())
    for option in reversed(options(CONF / f"{COMMANDS[name].config}.yaml")):
        rest, there, about = rest.rpartition(f"{option.name}={option.default}")
        assert there
        assert about.replace(option.before, "").strip() == option.comment
