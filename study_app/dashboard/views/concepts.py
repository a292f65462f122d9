"""Which concepts people recognise, with the very segments, their words, and published figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from analysis.errors import AnalysisError
from analysis.estimate import Estimate
from analysis.prose import wording
from analysis.reports.report import together
from analysis.summaries.gallery import Exhibit, Gallery
from analysis.words import table
from study_app.dashboard import board, data, figures
from study_app.dashboard.data import Shown

TITLE = "Concepts and words"
PLACE = 5.5


def show(shown: Shown) -> None:
    """The page."""
    found = data.summary(shown)
    if not found.galleries:
        st.info("No answers about concepts count so far.")
    labels = found.frames.labels(next(iter(found.frames.segments), None))
    for gallery in found.galleries:
        _gallery(shown, gallery, labels)
    for entry in found.published:
        if entry.figures:
            st.header(f"Beside {entry.name.upper()}")
            st.caption(f"{entry.source}. The verdict looks at the interval of these answers.")
            rows = [
                {
                    "Measured": " · ".join(filter(None, (one.figure.text, one.figure.caution))),
                    "Published": f"{100 * one.figure.value:.1f} % ({one.figure.mark})",
                    "These answers": _share(one.estimate) if one.estimate else "—",
                    "Verdict": one.verdict,
                }
                for one in entry.figures
            ]
            st.table(pd.DataFrame(rows).set_index("Measured"))
    _words(shown)


def _gallery(shown: Shown, gallery: Gallery, labels: dict[str, str]) -> None:
    st.header(wording.KINDS.get(gallery.kind, gallery.kind))
    chance = together(wording.percent(gallery.chance))
    st.write(f"Concepts, best recognised first; guessing is right in {chance}. Those whose "
             "intervals overlap may well stand in another order among other people.")  # fmt: skip
    figures.figure(shown, f"recognised_{gallery.kind}")
    for one in gallery.exhibits:
        # Plain text: names of concepts and what people wrote are never read as markup.
        st.html(_exhibit(one, labels))


def _exhibit(one: Exhibit, labels: dict[str, str]) -> str:
    groups = ", ".join(
        f"{labels.get(e.segment, e.segment)} {_share(e)}" for e in one.groups if e.participants
    )
    words = ", ".join(f"{word} ({count})" for word, count in one.words)
    lines = [
        f"<strong>{one.rank}. {escape(one.concept)}</strong> {escape(one.about)}",
        escape(f"{_share(one.accuracy)} of {one.accuracy.answers} answers are right"),
        escape(groups),
        escape(f"Words: {words}" if words else ""),
    ]
    pictures = "".join(
        f'<img src="/stimuli/{escape(sha)}.png" height="112" '
        f'alt="{escape(f"Segments of {one.concept}, {n} of {len(one.pictures)}")}">'
        for n, sha in enumerate(one.pictures, start=1)
    )
    text = "<br>".join(line for line in lines if line)
    return f'<p>{text}</p><div class="whyface-segments">{pictures}</div>'


def _share(e: Estimate) -> str:
    told = wording.range_of(e)
    return together(wording.value(e) + (f" ({told})" if told else ""))


def _words(shown: Shown) -> None:
    try:
        groups = table.of_frames(data.everybody(shown))
    except AnalysisError:
        return  # nobody was asked for a word, or nobody wrote one
    st.header("Words that count as one")
    st.write("By spelling and case, by lemma, and by WordNet’s first sense of English words; words "
             "of other languages by spelling and case alone. `whyface words` writes them to a file "
             "in which you correct them; `whyface words --apply` records it.")  # fmt: skip
    rows = [
        {
            "Group": group.name,
            "Times": group.count,
            "Words": ", ".join(f"{word} ({count})" for word, count in group.words.items()),
            "Why": ", ".join(sorted(set(group.by.values()))),
        }
        for group in groups
    ]
    st.dataframe(pd.DataFrame(rows).set_index("Group"))
    _corrections(board.current().store.word_corrections(str(shown.study["id"])))


def _corrections(found: Sequence[dict[str, object]]) -> None:
    for one in found:
        groups = one["groups"]
        assert isinstance(groups, dict)
        told = ", ".join(f"{word} → {group}" for word, group in groups.items())
        st.text(f"{one['at']:%Y-%m-%d %H:%M} UTC, {one['by']}: {told}")
