"""Power of a planned study: against participants with bands, and as a surface with a contour."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from scipy import stats

from analysis import power
from analysis.charts import _style

_PANEL = 300
_FINE = 40  # squares of the surface along each side


def lines(table: pd.DataFrame, target: float, *, title: str, note: str = "") -> Any:
    """One panel for each analysis and size of effect: power against the number of participants.

    Arguments:
        table: from `analysis.power.with_power`.
        target: the power wanted, drawn as a line.
        title, note: what stands above.

    Returns:
        an altair chart; colours and shapes are numbers of questions, bands 95 % intervals.
    """
    rows = power.whole(table)
    questions = sorted(rows["questions"].unique())
    names = [_questions(m) for m in questions]
    effects = sorted(rows["effect"].unique(), reverse=True)
    scale = alt.Scale(domain=names, range=[_style.COLOURS[k % 6] for k in range(len(names))])
    shapes = alt.Scale(domain=names, range=[_style.SHAPES[k % 6] for k in range(len(names))])
    legend = alt.Legend(orient="top", title=None, symbolOpacity=1, labelFontSize=12)
    most = float(rows["participants"].max()) if len(rows) else 1.0
    panels = []
    for name in dict.fromkeys(rows["analysis"]):
        for effect in effects:
            data = rows[(rows["analysis"] == name) & (rows["effect"] == effect)]
            data = data[["participants", "questions", "power", "low", "high"]].assign(
                asked=[_questions(m) for m in data["questions"]]
            )
            x = alt.X("participants:Q", title="participants").scale(domain=[0, most * 1.05])
            y = alt.Y("power:Q", title="power").scale(domain=[0, 1]).axis(format=".0%", tickCount=5)
            base = alt.Chart(data).encode(
                x=x.axis(tickCount=6), color=alt.Color("asked:N", scale=scale, legend=legend)
            )
            band = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title="power"), y2="high:Q")
            line = base.mark_line(strokeWidth=2).encode(y=y)
            dots = base.mark_point(filled=True, size=70, opacity=1).encode(
                y=y, shape=alt.Shape("asked:N", scale=shapes, legend=legend)
            )
            goal = alt.Chart(data.head(1)).mark_rule(strokeDash=[5, 4], color=_style.INK)
            layered = alt.layer(band, goal.encode(y=alt.datum(target)), line, dots)
            panels.append(
                layered.properties(
                    width=_PANEL, height=_PANEL * 0.62, title=_heading(f"{name}: {times(effect)}")
                )
            )
    chart = alt.concat(*panels, columns=max(1, min(len(effects), 2)), spacing=26)
    said = f"Share of simulated studies that find it, 95 % bands; dashed: {100 * target:.0f} %"
    return _style.finish(chart, title, [said, note], in_words(table, target))


def surface(
    table: pd.DataFrame, target: float, *, effect: float, title: str, note: str = ""
) -> Any:
    """One panel for each analysis: power over participants and questions, contour at the target.

    Arguments:
        table: from `analysis.power.with_power`.
        target: the power of the contour.
        effect: for which size of effect.
        title, note: what stands above.

    Returns:
        an altair chart; None with fewer than two numbers of participants or of questions. Numbers
        stand where designs were simulated; colour between them is interpolated (bilinear on the
        probit scale, in √participants and log questions).
    """
    rows = power.whole(table)
    rows = rows[rows["effect"] == effect]
    if rows["participants"].nunique() < 2 or rows["questions"].nunique() < 2:
        return None
    panels = []
    for name in dict.fromkeys(rows["analysis"]):
        data = rows[rows["analysis"] == name]
        fine, contour = interpolated(data, target)
        asked = sorted(int(m) for m in data["questions"].unique())
        x = alt.X("x0:Q", title="participants").scale(zero=False, nice=False)
        y = alt.Y("y0:Q", title="questions each").scale(type="log", base=2, nice=False)
        colour = (
            alt.Color("power:Q", title="power")
            .scale(scheme="blues", domain=[0, 1])
            .legend(format=".0%", gradientLength=_PANEL * 0.5)
        )
        squares = (
            alt.Chart(fine)
            .mark_rect(clip=True)
            .encode(
                x=x.axis(tickCount=6, grid=False),
                x2="x1:Q",
                y=y.axis(values=asked, format="d", grid=False),
                y2="y1:Q",
                color=colour,
            )
        )
        layers = [squares]
        if len(contour):
            line = alt.Chart(contour).mark_line(color="#D55E00", strokeWidth=2.5, clip=True)
            layers.append(line.encode(x="x:Q", y="y:Q", order="order:Q"))
        numbers = data[["participants", "questions", "power"]].assign(
            told=[f"{100 * p:.0f}" for p in data["power"]],
            beside=_inwards(data["participants"], ("left", "center", "right")),
            above=_inwards(data["questions"], ("bottom", "middle", "top")),
        )
        for (beside, above), part in numbers.groupby(["beside", "above"]):
            text = alt.Chart(part).mark_text(
                fontSize=12,
                fontWeight="bold",
                align=beside,
                baseline=above,
                dx={"left": 5, "center": 0, "right": -5}[beside],
                dy={"bottom": -4, "middle": 0, "top": 5}[above],
            )
            ink = alt.condition("datum.power > 0.6", alt.value("white"), alt.value(_style.INK))
            layers.append(
                text.encode(x="participants:Q", y="questions:Q", text="told:N", color=ink)
            )
        panels.append(
            alt.layer(*layers).properties(
                width=_PANEL, height=_PANEL * 0.62, title=_heading(str(name))
            )
        )
    chart = alt.concat(*panels, columns=2, spacing=26)
    subtitle = [
        f"Power in %, {times(effect)}; orange: {100 * target:.0f} %; "
        "numbers were simulated, colours between them interpolated",
        note,
    ]
    return _style.finish(chart, title, subtitle, in_words(table, target))


def interpolated(data: pd.DataFrame, target: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The surface in small squares, and the points where it reaches the target.

    Arguments:
        data: rows of one analysis and effect, every number of participants with every number of
            questions.
        target: the power of the contour.

    Returns:
        x0, x1 (participants), y0, y1 (questions), power of each square; x, y, order of the contour.
    """
    wide = data.pivot_table(index="questions", columns="participants", values="power")
    x, y = np.sqrt(wide.columns.to_numpy(float)), np.log(wide.index.to_numpy(float))
    z = stats.norm.ppf(np.clip(wide.to_numpy(), 1e-3, 1 - 1e-3))
    xs, ys = np.linspace(x[0], x[-1], _FINE + 1), np.linspace(y[0], y[-1], _FINE + 1)
    along = np.stack([np.interp((xs[1:] + xs[:-1]) / 2, x, row) for row in z])
    middle = (ys[1:] + ys[:-1]) / 2
    both = np.stack([np.interp(middle, y, column) for column in along.T], axis=1)
    left, low = np.meshgrid(xs[:-1] ** 2, np.exp(ys[:-1]))
    # Each square reaches under the next one, which is drawn over it: no seams between them.
    over = [np.minimum(edges[1:] + np.diff(edges) / 2, edges[-1]) for edges in (xs, ys)]
    right, high = np.meshgrid(over[0] ** 2, np.exp(over[1]))
    fine = pd.DataFrame(
        {
            "x0": left.ravel(),
            "x1": right.ravel(),
            "y0": low.ravel(),
            "y1": high.ravel(),
            "power": stats.norm.cdf(both).ravel(),
        }
    )
    wanted = stats.norm.ppf(target)
    points = []
    for place in ys:
        row = power.rising([np.interp(place, y, column) for column in z.T])
        if row[0] < wanted <= row[-1]:
            k = int(np.argmax(row >= wanted))
            part = (wanted - row[k - 1]) / (row[k] - row[k - 1])
            points.append(((x[k - 1] + part * (x[k] - x[k - 1])) ** 2, np.exp(place)))
    contour = pd.DataFrame(points, columns=["x", "y"])
    return fine, contour.assign(order=range(len(contour)))


def in_words(table: pd.DataFrame, target: float) -> str:
    """The charts in words, for those who do not see them."""
    told = []
    for row in power.whole(table).to_dict("records"):
        told.append(
            f"{row['analysis']}, {row['participants']} participants, "
            f"{_questions(row['questions'])}, {times(row['effect'])}: {100 * row['power']:.0f} %."
        )
    return " ".join([f"Power; {100 * target:.0f} % is wanted.", *told]) if told else "No tests."


def _inwards(places: pd.Series[Any], words: tuple[str, str, str]) -> list[str]:
    """How a number at the first, an inner and the last place stands, so that none is cut off."""
    first, last = places.min(), places.max()
    return [words[0] if p == first else words[2] if p == last else words[1] for p in places]


def _questions(m: float) -> str:
    return f"{m:g} question{'' if m == 1 else 's'} each"


def times(effect: float) -> str:
    """A size of effect in words.

    Example:
        >>> times(1), times(0.5), times(2)
        ('effects as planted', 'half the planted effects', '2 × the planted effects')
    """
    if effect == 1:
        return "effects as planted"
    if effect == 0:
        return "no effect"
    return "half the planted effects" if effect == 0.5 else f"{effect:g} × the planted effects"


def _heading(text: str) -> Any:
    return alt.TitleParams(text, anchor="start", fontSize=13, color=_style.INK)
