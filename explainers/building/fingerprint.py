"""Hashes of what a result depends on: values, files, and the code that computed it."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_PACKAGE = "explainers"
_HOME = Path(__file__).parents[2]


def key(parts: Mapping[str, Any]) -> str:
    """SHA-256 of plain values; the order of keys does not matter, every value does.

    Example:
        >>> key({"a": 1, "b": 2.5}) == key({"b": 2.5, "a": 1})
        True
        >>> key({"a": 1}) == key({"a": 1.5})
        False
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def code_sha256(path: Path) -> str:
    """SHA-256 of a source file and of those of our sources that it imports.

    Comments, documentation and layout do not count, so that a better explanation of the code does
    not make anybody compute again.
    """
    digest = hashlib.sha256()
    for source in sorted(_closure(path)):
        digest.update(_statements(source, source.stat().st_mtime_ns).encode())
    return digest.hexdigest()


def _closure(path: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        source = waiting.pop()
        if source not in found:
            found.add(source)
            waiting += _imports(source, source.stat().st_mtime_ns)
    return found


@lru_cache(maxsize=512)
def _imports(path: Path, changed: int) -> tuple[Path, ...]:
    return tuple(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(tree: ast.Module) -> Iterator[Path]:
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for module in modules:
            path = _HOME.joinpath(*module.split(".")).with_suffix(".py")
            if module.partition(".")[0] == _PACKAGE and path.is_file():
                yield path


@lru_cache(maxsize=512)
def _statements(path: Path, changed: int) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_text(line: ast.AST) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def module_file(module: str) -> Path | None:
    """The source file of a module that can be imported; None for one without a file."""
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin and Path(spec.origin).is_file() else None
