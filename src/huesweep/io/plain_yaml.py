"""Reading a YAML file that a stranger may have written: plain values, within bounds, and no more."""

from pathlib import Path
from typing import Any

import yaml

from huesweep.errors import UsageError
from huesweep.io.bounded import read_bounded

LARGEST = 2**18  # bytes: a trial's configuration has some 4,000
LARGEST_NUMBER = 64  # bits
DEEPEST = 32  # lists and mappings within each other


class _PlainLoader(yaml.SafeLoader):
    """Null, booleans, numbers, strings, lists, mappings from strings; no aliases, which multiply what a file holds."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.composer.ComposerError(None, None, "anchors and aliases are not read", event.start_mark)
        if self.depth == DEEPEST:
            raise yaml.composer.ComposerError(None, None, f"more than {DEEPEST} levels deep", event.start_mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag.removeprefix(_PREFIX) not in _KINDS:
            raise yaml.constructor.ConstructorError(None, None, f"{node.tag!a} is not read", node.start_mark)
        if isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                if key.tag != f"{_PREFIX}str":
                    raise yaml.constructor.ConstructorError(None, None, "a name must be a string", key.start_mark)
        value = super().construct_object(node, deep)
        if isinstance(value, str):
            value.encode()  # half of a surrogate pair could not be written again
        if type(value) is int and value.bit_length() > LARGEST_NUMBER:  # Python could not write it out again
            raise yaml.constructor.ConstructorError(None, None, "a number is too large", node.start_mark)
        return value


_PREFIX = "tag:yaml.org,2002:"
_KINDS = ("null", "bool", "int", "float", "str", "seq", "map")
# A date is the text that it was written as.
_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.removeprefix(_PREFIX) in _KINDS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_plain_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, as plain values; `${…}` in it is text like any other.

    Raises UsageError for a file that can't be read, is larger or deeper than any configuration, holds anchors, aliases
    or foreign tags, or no mapping.
    """
    try:
        content = read_bounded(path, LARGEST)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{path} is no configuration: it {error}") from None
    try:
        found = yaml.load(content, _PlainLoader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise UsageError(f"{path} is no configuration: {line}{error.problem}") from None
    except (yaml.YAMLError, ValueError, ArithmeticError) as error:
        raise UsageError(f"{path} is no configuration: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no configuration: it holds no names with values")
    return found
