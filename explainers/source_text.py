"""Python files read as text, so that nothing is imported until it is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[1]


def tree(path: Path) -> ast.Module:
    """The parsed source; a changed file is read again."""
    return _parse(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _parse(path: Path, changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def spelled_out(annotation: ast.expr, path: Path) -> str:
    """The text of a type with its aliases in full, those of our own modules included.

    Arguments:
        annotation: as it stands in the file.
        path: the file.

    Example:
        >>> where = ROOT / "explainers" / "saliency" / "gradient.py"
        >>> spelled_out(ast.parse("Scale | None", mode="eval").body, where)
        "Literal['logit', 'probability', 'log_odds'] | None"
    """
    return ast.unparse(_Aliases(path).visit(ast.parse(ast.unparse(annotation), mode="eval")))


class _Aliases(ast.NodeTransformer):
    """Puts ``Literal[...]`` in the place of a name that stands for it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = next(_assigned(node.id, self.path), None)
        return node if found is None else found


def _assigned(name: str, path: Path) -> Iterator[ast.expr]:
    """The ``Literal[...]`` that ``name`` is, in this file or where it is imported from."""
    for line in tree(path).body:
        if isinstance(line, ast.Assign):
            named = any(isinstance(at, ast.Name) and at.id == name for at in line.targets)
            if named and ast.unparse(line.value).startswith("Literal["):
                yield line.value
        if isinstance(line, ast.ImportFrom) and line.module and line.level == 0:
            source = ROOT.joinpath(*line.module.split(".")).with_suffix(".py")
            for alias in line.names:
                if (alias.asname or alias.name) == name and source.is_file():
                    yield from _assigned(alias.name, source)
