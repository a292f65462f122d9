"""Reading YAML so that a mistake can be shown in its line.

A study file means what it says: ``no`` is the word, not False; a date is text; a key that stands
twice is a mistake, not a silent overwrite.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from explainers.problems import Problem, Problems

Path_ = tuple[str | int, ...]
"""A place in a file: keys and positions, such as ``("blocks", 1, "options", 2)``."""


@dataclass
class YamlFile:
    """The contents of a YAML file.

    Arguments:
        name: the file's name, for messages.
        data: plain Python values; every key is text.
        lines: the line (from 1) of each place.
        problems: keys that stand twice.
    """

    name: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def where(self, place: Path_) -> str:
        """How a place is called in messages, with the nearest line that is known.

        Example:
            >>> YamlFile("study.yaml", {}, {("seed",): 4}).where(("seed",))
            'study.yaml: seed (line 4)'
        """
        known = next(
            (self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines),
            None,
        )
        line = "" if known is None else f" (line {known})"
        return f"{self.name}: {dotted(place)}{line}" if place else self.name


def dotted(place: Path_) -> str:
    """A place as text.

    Example:
        >>> dotted(("blocks", 1, "options", 2))
        'blocks[1].options[2]'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def read(path: Path) -> YamlFile:
    """Read a YAML file.

    Errors: Problems when it is missing, not text or not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Problems.one(str(path), "is not there", "`whyface init` makes a study") from None
    except IsADirectoryError:
        raise Problems.one(str(path), "is a folder, not a file") from None
    except PermissionError:
        raise Problems.one(str(path), "cannot be read", "check its permissions") from None
    except UnicodeDecodeError:
        raise Problems.one(str(path), "is not text in UTF-8", "save it as UTF-8") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> YamlFile:
    """Read YAML text; ``name`` is the file's name, for messages."""
    file = YamlFile(name, None)
    try:
        aliases = [
            event for event in yaml.parse(text, _Loader) if isinstance(event, yaml.AliasEvent)
        ]
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise Problems.one(
            f"{name}{line}",
            f"is not YAML: {error.problem or error.context}",
            "check indentation, colons and quotes near this line",
        ) from None
    except yaml.YAMLError as error:
        raise Problems.one(name, f"is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise Problems.one(name, "is nested too deeply") from None
    if aliases:
        # An alias can refer to what it stands in, or multiply itself beyond all memory.
        raise Problems.one(
            name,
            f"uses the alias '*{aliases[0].anchor}'",
            "write the value out, or put text that begins with * in quotes",
        )
    file.data = None if node is None else _build(node, (), file)
    return file


def _build(node: yaml.Node, place: Path_, file: YamlFile) -> Any:
    file.lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, place, file))
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*place, n), file) for n, child in enumerate(node.value)]
    return _scalar(node)


def _pairs(node: yaml.MappingNode, place: Path_, file: YamlFile) -> Iterator[tuple[str, Any]]:
    seen: dict[Hashable, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            file.problems.append(
                Problem(f"{file.name} (line {line})", "has a key that is not a word")
            )
            continue
        key = str(key_node.value)
        if key in seen:
            file.lines[*place, key] = line
            file.problems.append(
                Problem(
                    file.where((*place, key)),
                    f"key '{key}' stands twice, first in line {seen[key]}",
                    "keep one of them",
                )
            )
            continue
        seen[key] = line
        value = _build(value_node, (*place, key), file)
        file.lines[*place, key] = line
        yield key, value


def _scalar(node: yaml.Node) -> Any:
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    text = str(node.value)
    try:
        if kind == "int":
            return int(text.replace("_", ""), 10)
        if kind == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text


class _Loader(yaml.SafeLoader):
    """PyYAML's loader with the words of YAML 1.2: only true and false are truth values."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in ("bool", "timestamp", "merge", "value")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_BOOL = re.compile("^(?:true|True|TRUE|false|False|FALSE)$")
_FLOAT = re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$")
for _tag, _pattern, _first in (
    ("bool", _BOOL, "tTfF"),
    ("float", _FLOAT, "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, list(_first))
