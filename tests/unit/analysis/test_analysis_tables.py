"""Tables for a paper: whatever stands in a study, LaTeX and Markdown stay whole."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data.frames import Frames
from analysis.estimate import Estimate
from analysis.plan import Result
from analysis.reports import tables
from analysis.summaries.summary import summarise

Make = Callable[..., Frames]
WILD = r"50 % of a_b & {c} #1 $x$ ~ ^ \ < > | [d] * “e” – − …"


def compiles(text: str) -> None:
    """What LaTeX would trip over: loose braces, bare specials, environments left open."""
    bare = re.sub(r"\\.", "", re.sub(r"(?m)^%.*$", "", text))
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    assert bare.count("$") % 2 == 0
    outside = re.sub(r"\$[^$]*\$", "", bare)
    assert not set(outside) & set("%#_^"), set(outside) & set("%#_^")
    opened = re.findall(r"\\begin{(\w+)}", text)
    assert opened == [] or sorted(opened) == sorted(re.findall(r"\\end{(\w+)}", text))
    for body in re.findall(r"(?s)\\begin{tabular}{([^\n]*)}\n(.*?)\\end{tabular}", text):
        columns = len(re.findall(r"p{5cm}|[lr]", body[0]))
        for row in re.findall(r"(?m)^(.*) \\\\$", body[1]):
            assert len(re.findall(r"(?<!\\)&", row)) == columns - 1, row


def result(**more: object) -> Result:
    e = Estimate("selection_share", WILD, "all", 0.5, 0.4, 0.6, 0.95, 9, 72, WILD, "", note=WILD)
    given = {"id": "H_1", "question": WILD, "planned": True, "estimates": (e,), **more}
    return Result(statistic="selection_share", by="option", within=None, **{"problem": "", **given})  # type: ignore[arg-type]


def test_every_special_character_is_escaped(simulated: Make) -> None:
    one = tables.table(simulated(n=2), result(), note="Simulated_participants.")
    text = tables.latex(one)
    compiles(text)
    assert r"50 \% of a\_b \& \{c\} \#1 \$x\$" in text
    assert r"\textasciitilde{}" in text and r"\textasciicircum{}" in text
    assert r"\textbackslash{}" in text and "Simulated\\_participants" in text
    assert r"\label{tab:planned-H-1}" in text
    lines = tables.markdown(one).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 3
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(one.heads) + 1}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])))
def test_no_text_breaks_out(text: str) -> None:
    compiles(tables.escaped(text))
    plain = tables.plain(text).replace("\\\\", "")
    assert not re.search(r"(?<!\\)[|<`*_]", plain)


def test_each_result_has_its_files_and_all_of_them_stand_together(
    simulated: Make, tmp_path: Path
) -> None:
    summary = summarise(simulated(n=12))
    tables.write(summary, tmp_path, "Simulated participants.")
    names = {path.stem for path in tmp_path.glob("*.tex")} - {"all"}
    assert len(names) == len(summary.results)
    assert {path.stem for path in tmp_path.glob("*.md")} == names | {"all"}
    assert {"planned_H1", "planned_H2", "exploratory_tick_patterns_option"} <= names
    everything = (tmp_path / "all.tex").read_text("utf-8")
    compiles(everything)
    for path in tmp_path.glob("*.tex"):
        compiles(path.read_text("utf-8"))
        if path.stem != "all":
            assert path.read_text("utf-8") in everything
    # 75 rows do not fit a page.
    assert "longtable" in (tmp_path / "exploratory_selection_share_option_item.tex").read_text()
    text = (tmp_path / "planned_H1.md").read_text("utf-8")
    h1 = summary.planned[0]
    for e in h1.estimates:
        assert f"| {e.participants} | {e.answers} |" in text
    assert "Simulated participants" in text and text.startswith("## H1: How often")
    everything = (tmp_path / "planned_H1.tex").read_text("utf-8")
    assert "Planned; mean of participant rates" in everything
    assert r"95 \% intervals" in everything


def test_a_result_that_could_not_be_computed_is_a_sentence(simulated: Make) -> None:
    one = tables.table(simulated(n=2), result(estimates=(), problem="needs the column 'x_1'"))
    text = tables.latex(one)
    compiles(text)
    assert "This could not be computed: needs the column" in text and "tabular" not in text
    assert "could not be computed" in tables.markdown(one)


@pytest.mark.parametrize("family", [(), (0.04,)])
def test_adjusted_p_values_have_a_column_of_their_own(
    simulated: Make, family: tuple[float, ...]
) -> None:
    e = Estimate("hotelling", "", "all", 3.0, float("nan"), float("nan"), 0.95, 9, 72, "t", "",
                 p=0.02)  # fmt: skip
    one = tables.table(simulated(n=2), result(estimates=(e,), family=family))
    assert ("p in the plan" in one.heads) is bool(family)
    assert one.lines[0][one.heads.index("p")] == ".020"
