"""The JSON Schema of study files: editors complete keys and names, and explain them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from explainers import catalog
from study_app import trials
from study_app.study_file.study import Study

_HOME = Path(__file__).parents[1]


def study_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12), with the names that exist in this installation.

    Your own code has names that no schema knows, so names are offered, not enforced.

    Example:
        >>> study_schema()["title"]
        'Study'
    """
    schema = Study.model_json_schema(by_alias=True)
    parts = schema["$defs"]
    _offer(parts["Method"], "method", [*(e.name for e in catalog.explainers()), "pictures"])
    _offer(parts["Concepts"], "method", catalog.names("concepts"))
    _offer(parts["Target"], "use", catalog.names("targets"))
    _offer(parts["Measure"], "use", catalog.names("fidelity"))
    _spelled(parts["Method"]["properties"]["fidelity"]["anyOf"][0])
    _spelled(schema["properties"]["fidelity"])
    parts["Method"]["properties"]["target"]["anyOf"] += [
        {"enum": list(catalog.names("targets"))},
        {"type": "string"},
    ]
    _offer(parts["StudyModel"], "use", [*catalog.names("models"), "pictures"])
    _offer(parts["Block"], "trial", trials.names())
    statistics = catalog.names(_HOME.parent / "analysis" / "statistics")
    _offer(parts["Planned"], "statistic", statistics)
    for part, entries in (
        ("Method", catalog.explainers()),
        ("Concepts", catalog.entries("concepts")),
    ):
        for entry in entries:
            for parameter in entry.parameters:
                described = f"{entry.name}: {parameter.doc}".removesuffix(": ")
                place = parts[part]["properties"].setdefault(parameter.name, {})
                words = [place.get("description"), described]
                place["description"] = "\n".join(filter(None, words))
    for name in trials.names():
        for key, field in trials.load(name).Parameters.model_fields.items():
            place = parts["Block"]["properties"].setdefault(key, {})
            described = f"{name}: {field.description}".replace("\n", " ")
            place["description"] = "\n".join(filter(None, [place.get("description"), described]))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The JSON Schema as the text of a file."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n"


def _spelled(measures: dict[str, Any]) -> None:
    """A measure may be written as its name alone."""
    measures["items"] = {"anyOf": [{"enum": list(catalog.names("fidelity"))}, measures["items"]]}


def _offer(part: dict[str, Any], key: str, names: Any) -> None:
    place = part["properties"][key]
    place["anyOf"] = [{"enum": list(names)}, *place.pop("anyOf", [{"type": "string"}])]
    place.pop("type", None)
