"""The preview's pages: the list of all questions, and one question as participants see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from study_app.frozen import Frozen
from study_app.participation.trial_data import language_data
from study_app.preview.questions import Question, questions
from study_app.screens import component, page
from study_app.trials import Invalid
from study_app.wording import DEFAULT

TEXTS = ("consent", "instructions", "debriefing")
_STYLE = """<style>
.whyface-preview { background: #fff4d6; border: 1px solid #8a6d00; border-radius: 8px;
  padding: .5rem .75rem; color: #1d2733; }
.whyface-preview a { display: inline-block; padding: .25rem .5rem; }
.whyface-preview-list a { display: inline-block; min-height: 24px; }
</style>"""


@dataclass(frozen=True)
class Preview:
    """The study that is shown: its frozen version, all its questions, its folder of pictures."""

    study: Frozen
    stimuli: Path
    questions: tuple[Question, ...]

    @classmethod
    def of(cls, study: Frozen, stimuli: Path) -> Preview:
        """The preview of a frozen version."""
        return cls(study, stimuli, questions(study))


_preview: Preview | None = None


def use(preview: Preview) -> None:
    """Show this study from now on."""
    global _preview
    _preview = preview


def show() -> None:
    """Show what the address names; the list if it names nothing that there is."""
    if _preview is None:
        raise RuntimeError("no study is shown: call study_app.preview.pages.use first")
    keys = [question.key for question in _preview.questions]
    wanted, text = st.query_params.get("question"), st.query_params.get("text")
    if wanted in keys:
        _question(_preview, keys.index(wanted))
    elif text in TEXTS:
        _text(_preview, text)
    else:
        _list(_preview)


def _list(preview: Preview) -> None:
    page.begin(f"Preview: {preview.study.study['title']}")
    page.heading(f"Preview: {preview.study.study['title']}")
    st.write("Every question as participants see it. You can answer; nothing is stored.")
    links = [_link({"text": name}, name.capitalize()) for name in TEXTS]
    parts = [f"<h2>Texts</h2><ul>{_items(links)}</ul>", *_asked_before(preview.study)]
    for index, block in enumerate(preview.study.blocks):
        role = " (practice)" if block.get("role") == "practice" else ""
        parts.append(f"<h2>Block {index + 1}: {escape(str(block['trial']))}{role}</h2>")
        links = [
            f"{_link({'question': q.key}, q.asked.item['id'])}{_marked(q)} "
            f"{escape(q.asked.item['question'])}"
            for q in preview.questions
            if q.block == index
        ]
        parts.append(f"<ul>{_items(links)}</ul>")
    st.html(f'{_STYLE}<div class="whyface-preview-list">{"".join(parts)}</div>')
    component.arrive("list", DEFAULT)


def _asked_before(study: Frozen) -> Iterator[str]:
    """What comes before the questions, and what differs between groups."""
    asked = [(question["ask"], question["choices"]) for question in study.background]
    if (check := study.instruction_check) is not None:
        asked.append((check["ask"], check["choices"]))
    if asked:
        lines = [f"{escape(ask)} <em>{escape(' / '.join(words.values()))}</em>"
                 for ask, words in asked]  # fmt: skip
        yield f"<h2>Asked before</h2><ul>{_items(lines)}</ul>"
    if arms := study.study.get("arms"):
        lines = [f"{escape(name)}: {escape(_differs(arm))}" for name, arm in arms.items()]
        yield f"<h2>Arms</h2><ul>{_items(lines)}</ul>"


def _differs(arm: Mapping[str, Any]) -> str:
    parts = [f"of the explanations only {', '.join(arm['options'])}"] if arm.get("options") else []
    parts += [f"explanations in {arm['order']} order"] if arm.get("order") else []
    return "; ".join(parts) or "as below"


def _marked(question: Question) -> str:
    return " (attention check)" if question.asked.item["role"] == "attention" else ""


def _text(preview: Preview, name: str) -> None:
    page.begin(f"Preview: {name}")
    _bar([_link({}, "All questions")])
    page.markdown(getattr(preview.study, name), preview.study.study["title"])
    page.end(name, preview.study)


def _question(preview: Preview, place: int) -> None:
    question, all_of_them = preview.questions[place], preview.questions
    page.begin(f"Preview: {question.key}", wide=True)
    links = [_link({}, "All questions")]
    if place:
        links.append(_link({"question": all_of_them[place - 1].key}, "Previous"))
    if place + 1 < len(all_of_them):
        links.append(_link({"question": all_of_them[place + 1].key}, "Next"))
    _bar(links, f"block {question.block + 1}, {question.type}, {question.asked.item['id']}")
    _last_answer()

    def on_answer(sent: Any) -> None:
        if not isinstance(sent, dict) or sent.get("trial") != question.key:
            return
        try:
            checked = question.check(sent.get("answer"))
        except Invalid as error:
            refused = {"attempt": sent.get("attempt"), "text": error.said(preview.study.words)}
            st.session_state["refused"] = refused
            return
        told = question.told(checked)
        st.session_state["answered"] = (question.asked.item["id"], told, checked.correct)
        following = all_of_them[(place + 1) % len(all_of_them)]
        st.query_params["question"] = following.key

    component.trial(
        {
            **question.view,
            "token": question.key,
            "label": f"Preview {place + 1} of {len(all_of_them)}",
            "done": place,
            "of": len(all_of_them),
            "preload": [],
            "refused": st.session_state.pop("refused", None),
            **language_data(preview.study, question.view),
        },
        on_answer,
    )
    page.contact(preview.study)


def _last_answer() -> None:
    if "answered" not in st.session_state:
        return
    item, told, correct = st.session_state["answered"]
    right = {True: ", right", False: ", wrong", None: ""}[correct]
    values = "; ".join(f"{name}: {value}" for name, value in told)
    # Text, not Markdown: it may be what somebody wrote.
    st.text(f"Your answer to {item}{right}: {values}. A study would store this; here it is gone.")


def _bar(links: list[str], what: str = "") -> None:
    words = "Preview, nothing is stored" + (f" · {escape(what)}" if what else "")
    st.html(f'{_STYLE}<div class="whyface-preview" role="note">{words} {" ".join(links)}</div>')


def _link(query: dict[str, str], words: str) -> str:
    return f'<a href="/?{escape(urlencode(query))}" target="_self">{escape(words)}</a>'


def _items(lines: list[str]) -> str:
    return "".join(f"<li>{line}</li>" for line in lines)
