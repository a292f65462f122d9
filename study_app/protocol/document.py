"""The protocol of one frozen version, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import analysis
from explainers import catalog
from study_app.frozen import Frozen
from study_app.protocol import concepts, design
from study_app.protocol.markdown import code, count, plain, quoted, settings, table
from study_app.study_file.quality import Quality
from study_app.study_file.recruitment import Recruitment

_MULTIPLICITY = {
    "holm": "The p values of all tests of this plan are adjusted together after Holm (1979): the "
    "chance of even one false alarm among them stays below the level.",
    "benjamini_hochberg": "The p values of all tests of this plan are adjusted together after "
    "Benjamini and Hochberg (1995): of the findings, the expected share of false ones stays below "
    "the level.",
    "none": "The p values of this plan are not adjusted for their number.",
}
_STORED = (
    "Answers, response times, for how long the page was out of sight, the questions as they were "
    "really shown, the answers to the questions about the person, the moment of consent and the "
    "version of its text. No name, no e-mail address, no network address. The page loads nothing "
    "from third parties.",
    "Participants are known by a random id. The id of a panel, if people come from one, is kept "
    "apart from the answers as a keyed hash, and can be deleted (`whyface retain`).",
    "Each participant gets a withdrawal code. With it everything that they gave is deleted "
    "(`whyface withdraw`); that somebody withdrew is counted.",
    "Answers of pilots, tests and simulations are kept apart and never counted as results.",
)


def document(study: Frozen, picture: Callable[[str], str]) -> str:
    """The whole protocol.

    Arguments:
        picture: SHA-256 of a picture → its address in the document.
    """
    about = study.study
    sections: tuple[tuple[str, Iterator[str]], ...] = (
        ("In short", _short(study)),
        ("Recruitment", _recruitment(about)),
        (f"Consent, version {plain(study.consent_version)}", iter(quoted(study.consent))),
        ("Questions about the person", _background(study)),
        ("Instructions", iter(quoted(study.instructions))),
        ("Design", design.blocks(study)),
        ("Networks, faces and explanations", _made(about)),
        ("Rules of quality", iter(settings(Quality, about.get("quality")))),
        ("Planned analyses", _planned(about)),
        ("Debriefing", iter(quoted(study.debriefing))),
        ("What is stored", (f"- {line}" for line in _STORED)),
        ("Every question", _questions(study, picture)),
    )
    lines = [f"# Study protocol: {plain(about['title'])}", "", *_facts(study), ""]
    for number, (title, content) in enumerate(sections, start=1):
        lines += [f"## {number}. {title}", "", *content, ""]
    return "\n".join(lines).rstrip() + "\n"


def _facts(study: Frozen) -> Iterator[str]:
    yield f"- **Study:** {plain(study.study['id'])}"
    yield f"- **Version:** `{study.version}` (SHA-256 of the frozen study: texts, pictures, plan)"
    others = [language for language in study.languages if language != study.language]
    more = f"; participants may also read {', '.join(others)}" if others else ""
    yield f"- **Language of the texts:** {plain(study.language)}{more}"
    yield f"- **Contact:** {plain(study.study.get('contact') or 'see the consent text')}"
    yield f"- **Software:** whyface {version('whyface')}"


def _short(study: Frozen) -> Iterator[str]:
    asked, practice = (
        sum(b["items"] for b in study.blocks if (b.get("role", "main") == "practice") == wanted)
        for wanted in (False, True)
    )
    checks = sum(block.get("attention", 0) for block in study.blocks)
    steps = ["agrees to take part"]
    if study.background:
        steps.append(f"answers {count(len(study.background), 'question')} about themselves")
    steps.append("reads the instructions")
    if practice:
        steps.append(f"practises with {count(practice, 'question')}")
    more = f", with {count(checks, 'attention check')} among them" if checks else ""
    most = "up to " if design.conditional(study) else ""
    steps.append(f"answers {most}{count(asked, 'question')}{more}")
    yield f"Each participant {', '.join(steps)}, and is told what the study was about."
    yield ""
    main = [item for item in study.of_role("main") if "about" not in item]
    concepts = {item["concept"] for item in study.of_role("main") if "about" in item}
    if concepts:
        families = [plain(name) for name in study.study.get("concepts") or {}]
        yield (
            f"Questions are asked about {count(len(concepts), 'concept')} of networks, found as "
            f"{', '.join(families)}."
        )
        yield ""
    if not main:
        return
    faces = len({item["face"] for item in main})
    models = [plain(name) for name in dict.fromkeys(item["model"] for item in main)]
    options = [plain(name) for name in study.study.get("stimuli") or {}]
    yield (
        f"The questions are about what {count(len(models), 'network')} ({', '.join(models)}) said "
        f"about {count(faces, 'face')}. {count(len(options), 'explanation')} "
        f"{'is' if len(options) == 1 else 'are'} studied: {', '.join(options)}."
    )


def _recruitment(about: Any) -> Iterator[str]:
    told = dict(about.get("recruitment") or {})
    if told.get("codes"):  # whoever knows a code could claim what it is worth
        told["codes"] = ", ".join(name.replace("_", " ") for name in told["codes"])
    yield from settings(Recruitment, told)


def _background(study: Frozen) -> Iterator[str]:
    if not study.background:
        yield "None."
    for question in study.background:
        yield f"**{plain(question['ask'])}** ({code(question['id'])})"
        yield ""
        yield from (f"- {plain(words)} ({code(key)})" for key, words in question["choices"].items())
        yield ""
    for rule in study.study.get("screen_out") or []:
        yield f"The study ends here for participants with {plain(rule)}."
        yield ""
    for name, segment in (study.study.get("segments") or {}).items():
        groups = ", ".join(plain(group) for group in segment["order"])
        yield f"Results are reported by **{plain(name)}** ({code(segment['from'])}): {groups}."


def _made(about: Any) -> Iterator[str]:
    rows = []
    for name, model in about["models"].items():
        says = ", ".join(f"{plain(k)}: {plain(v)}" for k, v in (model.get("say") or {}).items())
        which = model.get("use") or model.get("arch")
        rows.append((plain(name), plain(which), plain(model.get("ask") or "–"), says))
    yield from table(("network", "which", "question", "classes in words"), rows)
    yield ""
    faces = about["faces"]
    for role in ("main", "practice", "attention"):
        if faces.get(role):
            yield f"- **Faces, {role}:** {', '.join(plain(face) for face in faces[role])}"
    yield f"- **Source of the faces:** {plain(faces.get('from', 'rendered'))}"
    yield ""
    methods = {entry.name: entry.summary for entry in catalog.explainers()}
    rows = []
    for name, method in (about.get("stimuli") or {}).items():
        own = {k: v for k, v in method.items() if k not in ("method", "scale", "fidelity")}
        given = ", ".join(f"{plain(k)}: {plain(v)}" for k, v in own.items() if v is not None)
        what = methods.get(method["method"], "the study's own pictures or code")
        rows.append((plain(name), plain(method["method"]), plain(what), given))
    if rows:
        yield from table(("explanation", "method", "what it is", "parameters"), rows)
    yield from _concepts(about)


def _concepts(about: Any) -> Iterator[str]:
    """How the concepts are found, where some are asked about."""
    rows = []
    finders = {entry.name: entry.summary for entry in catalog.entries("concepts")}
    for name, entry in (about.get("concepts") or {}).items():
        own = {k: v for k, v in entry.items() if k not in ("method", "model", "faces")}
        given = ", ".join(f"{plain(k)}: {plain(v)}" for k, v in own.items())
        what = finders.get(entry["method"], "the study's own code")
        source = (entry.get("faces") or about["faces"]).get("from", "rendered")
        cells = (name, entry["method"], what, entry["model"], source)
        rows.append((*(plain(cell) for cell in cells), given))
    if rows:
        yield ""
        head = ("concepts", "finder", "what it does", "network", "faces", "parameters")
        yield from table(head, rows)


def _planned(about: Any) -> Iterator[str]:
    plan = about.get("analysis") or ()
    if not plan:
        yield "Nothing was planned. Every result will be reported as exploratory."
        return
    folder = Path(analysis.__file__).parent / "statistics"
    known = {entry.name: entry.summary for entry in catalog.entries(folder)}
    common = {"id", "question", "statistic", "by", "within"}
    for entry in plan:
        words = plain(known.get(entry["statistic"], "the study's own code"))
        line = f"- **{plain(entry['id'])}.** {plain(entry['question'])} "
        line += f"Statistic {code(entry['statistic'])}: {words} "
        line += f"Compared: {plain(entry.get('by', 'option'))}"
        line += f", within {plain(entry['within'])}" if entry.get("within") else ""
        own = ", ".join(f"{plain(k)}: {plain(v)}" for k, v in entry.items() if k not in common)
        yield f"{line}{'; ' + own if own else ''}."
    yield ""
    yield _MULTIPLICITY[about.get("multiplicity", "holm")]
    yield ""
    yield (
        "Whatever is computed beyond this list is reported as exploratory. The results are "
        "reported with and without those whom the rules of quality set aside."
    )


def _questions(study: Frozen, picture: Callable[[str], str]) -> Iterator[str]:
    for role, title in (
        ("main", "Questions that count"),
        ("practice", "Practice"),
        ("attention", "Attention checks"),
    ):
        items = study.of_role(role)
        if items:
            yield f"### {title}"
            yield ""
        kinds: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for item in items:
            kind = tuple(o["option"] for o in item["options"]) if "about" in item else ()
            kinds.setdefault(kind, []).append(item)
        for alike in kinds.values():
            if "about" in alike[0]:
                block = study.blocks[alike[0]["blocks"][0]]
                yield f"Offered: {concepts.offered(block)}."
                yield ""
                yield from _shown(alike, picture, partial(concepts.title, block))
            else:
                yield from _shown(alike, picture)
            yield ""


def _shown(
    items: Sequence[Mapping[str, Any]],
    picture: Callable[[str], str],
    name: Callable[[str], str] = plain,
) -> Iterator[str]:
    """A table of questions that offer the same, with their pictures.

    Arguments:
        name: option → what it is called.
    """
    options = list(dict.fromkeys(o["option"] for item in items for o in item["options"]))
    with_face = any(item["picture"] for item in items)
    rows = []
    for item in items:
        of = f"{item['model']}, {item['face'] or item['concept']}"
        shown = {entry["option"]: entry["sha256"] for entry in item["options"]}
        says = f"{plain(item['question'])} ({code(item['id'])})"
        if "expected_positions" in item:
            places = ", ".join(str(place) for place in item["expected_positions"])
            says += f" Right is place {places}."
        cells = [_image(f"face of {of}", item["picture"], picture)] if with_face else []
        cells += [
            _image(f"{option}: {of}", shown[option], picture) if option in shown else "–"
            for option in options
        ]
        rows.append((says, *cells))
    head = ("question", *(["face"] if with_face else []), *(name(option) for option in options))
    yield from table(head, rows)


def _image(alt: str, sha256: str, picture: Callable[[str], str]) -> str:
    return f"![{plain(alt)}]({picture(sha256)})"
