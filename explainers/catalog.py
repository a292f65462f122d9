"""What there is to choose from: a folder is a registry, its files are the entries.

Torch-free: names, descriptions and parameters are read from the source text, and nothing is
imported until something is used.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from explainers.problems import Problems, suggest
from explainers.source_text import spelled_out, tree
from explainers.user_code import importable, told

HOME = Path(__file__).parent
REQUIRED = object()
"""The default of a parameter that has none."""


@dataclass(frozen=True)
class Parameter:
    """One validated parameter of an explainer: a field of its dataclass.

    Arguments:
        name: as written in the study file.
        annotation: its type as source text, such as ``int`` or ``str | None``.
        default: a plain value, source text where it is computed, or ``REQUIRED``.
        doc: its line in the class' docstring.
    """

    name: str
    annotation: str
    default: Any
    doc: str = ""


@dataclass(frozen=True)
class Entry:
    """One file of a registry folder.

    Arguments:
        name: the file's name without its ending.
        folder: the family, such as ``saliency``.
        path: the file.

    Example:
        >>> Entry("expression", "models", HOME / "models" / "expression.py").kind
        'function'
    """

    name: str
    folder: str
    path: Path

    @property
    def summary(self) -> str:
        """The first line of the file's docstring."""
        return (ast.get_docstring(tree(self.path)) or "").partition("\n")[0]

    @property
    def class_name(self) -> str:
        """The class that the file is named after: ``total_variation`` → ``TotalVariation``."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def kind(self) -> str:
        """``class`` for an explainer or target, ``function`` for a model (which has ``load``)."""
        return "function" if self._class() is None else "class"

    @property
    def is_explainer(self) -> bool:
        """Whether the file's class says what its explanations depend on (``per``)."""
        return self.constant("per", None) is not None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The fields of the file's dataclass, in order; empty when there is none."""
        body = self._class()
        if body is None:
            return ()
        docs = _argument_docs(ast.get_docstring(body) or "")
        return tuple(
            Parameter(
                field.target.id,
                spelled_out(field.annotation, self.path),
                REQUIRED if field.value is None else _value(field.value),
                docs.get(field.target.id, ""),
            )
            for field in body.body
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and "ClassVar" not in ast.unparse(field.annotation)
        )

    def constant(self, name: str, default: Any) -> Any:
        """A plain value that the file's class, or a file without one, assigns to ``name``."""
        body: ast.ClassDef | ast.Module = self._class() or tree(self.path)
        for line in body.body:
            targets: list[ast.expr] = []
            if isinstance(line, ast.AnnAssign):
                targets = [line.target]
            elif isinstance(line, ast.Assign):
                targets = line.targets
            named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
            if named and isinstance(line, ast.Assign | ast.AnnAssign) and line.value:
                return _value(line.value)
        return default

    def load(self) -> Any:
        """The class of an explainer, else the module; imported now."""
        package = ".".join(self.path.relative_to(HOME.parent).with_suffix("").parts)
        module = import_module(package)
        return module if self._class() is None else getattr(module, self.class_name)

    def _class(self) -> ast.ClassDef | None:
        for node in tree(self.path).body:
            if isinstance(node, ast.ClassDef) and node.name == self.class_name:
                # Networks' files hold a class of their name too, but it is no parameter set.
                decorators = " ".join(ast.unparse(line) for line in node.decorator_list)
                return node if "dataclass" in decorators else None
        return None


def entries(folder: str | Path) -> tuple[Entry, ...]:
    """The entries of a folder of `explainers` (by name) or of any other folder (by path).

    Files that begin with ``_`` are helpers, not entries.

    Example:
        >>> "expression" in [entry.name for entry in entries("models")]
        True
    """
    place = HOME / folder
    return tuple(Entry(path.stem, place.name, path) for path in sorted(place.glob("[a-z]*.py")))


def names(folder: str | Path) -> tuple[str, ...]:
    """The names of a folder's entries, in alphabetical order."""
    return tuple(entry.name for entry in entries(folder))


def families() -> tuple[str, ...]:
    """The folders of `explainers` that hold explainers."""
    folders = sorted(path.name for path in HOME.iterdir() if path.is_dir())
    return tuple(
        folder for folder in folders if any(entry.is_explainer for entry in entries(folder))
    )


def explainers() -> tuple[Entry, ...]:
    """Every explainer of every family."""
    every = (entry for family in families() for entry in entries(family))
    return tuple(entry for entry in every if entry.is_explainer)


def find(method: str) -> Entry:
    """The explainer called ``method``, or ``family/method`` where two families share a name.

    Errors: Problems with the nearest known name.
    """
    known = explainers()
    found = [entry for entry in known if method in (entry.name, f"{entry.folder}/{entry.name}")]
    if len(found) == 1:
        return found[0]
    if found:
        choices = " or ".join(f"'{entry.folder}/{entry.name}'" for entry in found)
        raise Problems.one("method", f"'{method}' is ambiguous", f"write {choices}")
    fix = suggest(method, (entry.name for entry in known), "`whyface list` shows all.")
    raise Problems.one("method", f"unknown method '{method}'", fix)


def finder(method: str) -> Entry:
    """The finder of concepts called ``method``: a file of `explainers/concepts`.

    Errors: Problems with the nearest known name.
    """
    known = entries("concepts")
    for entry in known:
        if entry.name == method:
            return entry
    fix = suggest(method, (entry.name for entry in known), "`whyface list concepts` shows all.")
    raise Problems.one("method", f"unknown finder of concepts '{method}'", fix)


def describe(method: str) -> str:
    """The first line of an explainer's documentation."""
    return find(method).summary


def parameters(method: str) -> tuple[Parameter, ...]:
    """The parameters of an explainer."""
    return find(method).parameters


def is_import_path(name: str) -> bool:
    """Whether ``name`` is the user's own code, such as ``mypackage.nets:load``.

    Example:
        >>> is_import_path("mypackage.nets:load"), is_import_path("occlusion")
        (True, False)
    """
    module, colon, attribute = name.partition(":")
    words = [*module.split("."), attribute]
    return bool(colon) and all(word.isidentifier() for word in words)


def load(method: str, folder: Path | None = None) -> Any:
    """What ``method`` names: an explainer's class, or the user's own code; imported now.

    Arguments:
        method: a name, or an import path such as ``mypackage.nets:load``.
        folder: where the user's modules are looked for first, the study's folder.

    Errors: Problems when it cannot be found or imported.
    """
    if not is_import_path(method):
        return find(method).load()
    module_name, _, attribute = method.partition(":")
    with importable(folder), told(method):
        module = import_module(module_name)
    if not hasattr(module, attribute):
        known = [name for name in vars(module) if not name.startswith("_")]
        raise Problems.one(method, f"{module_name} has no '{attribute}'", suggest(attribute, known))
    return getattr(module, attribute)


def is_there(import_path: str, folder: Path) -> bool:
    """Whether the user's module can be found, in ``folder`` or installed, without importing it."""
    top = import_path.partition(":")[0].partition(".")[0]
    local = (folder / f"{top}.py").exists() or (folder / top).is_dir()
    return local or find_spec(top) is not None


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _argument_docs(docstring: str) -> dict[str, str]:
    """The lines ``name: text`` below ``Arguments:``, continuation lines joined.

    Several names may share a line, as in ``row, column: the position``.
    """
    docs: dict[str, str] = {}
    names: list[str] = []
    inside = False
    for line in docstring.splitlines():
        text = line.strip()
        if not line.startswith(" "):
            inside = text == "Arguments:"
        elif inside and line.startswith("    ") and line[4:5].strip():
            shared, _, rest = text.partition(":")
            names = shared.split(", ")
            docs.update(dict.fromkeys(names, rest.strip()))
        elif inside and text:
            docs.update({name: f"{docs[name]} {text}" for name in names})
    return docs
