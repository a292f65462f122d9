"""Everything to take away: estimates, tidy answers, charts and the report."""

from __future__ import annotations

import streamlit as st

from study_app.dashboard import figures
from study_app.dashboard.data import Shown

TITLE = "Downloads"
PLACE = 6


def show(shown: Shown) -> None:
    """The page."""
    drawn = figures.charts(shown)
    st.header("Results")
    st.write("The report holds text, charts and tables in one page that opens offline; the ZIP has "
             "all files beside it, tables for a paper (LaTeX, Markdown) too. Estimates are at full "
             "precision, each with how it was computed and whether it was planned.")  # fmt: skip
    figures.links(
        shown,
        {
            "report.html": "Report (HTML)",
            "report.zip": "Report with all files (ZIP)",
            "estimates.csv": "Estimates (CSV)",
            "estimates.json": "Estimates (JSON)",
        },
    )
    st.header("Answers")
    st.write("Tidy tables before exclusions: one row for each offered explanation of each answer "
             "(`counts` says whether the results rest on it), and one for each participant. They "
             "hold random ids only; handle them as your consent form promises.")  # fmt: skip
    figures.links(
        shown, {"responses.csv": "Answers (CSV)", "participants.csv": "Participants (CSV)"}
    )
    st.write("All versions of the study together, with a codebook of every column. The Psych-DS "
             "folder is for archives: it also holds the frozen study and the texts that "
             "participants read.")  # fmt: skip
    figures.links(
        shown,
        {
            "psych-ds.zip": "Psych-DS folder (ZIP)",
            "csv.zip": "CSV and codebook (ZIP)",
            "parquet.zip": "Parquet and codebook (ZIP)",
        },
    )
    st.header("Charts")
    for name, chart in drawn.items():
        st.subheader(name.replace("_", " ").capitalize())
        st.write(chart.caption)
        figures.links(shown, figures.formats(name))
