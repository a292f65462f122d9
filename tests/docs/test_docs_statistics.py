"""The page of the statistics is complete."""

from pathlib import Path

import pytest

from analysis import statistics

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "statistics.md"


@pytest.mark.parametrize("name", statistics.names())
def test_the_page_names_each_statistic_with_its_columns(name: str) -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{name}`")]
    [columns] = [row.split("|")[3] for row in rows if row.count("|") == 5]
    for column in statistics.columns(name):
        assert column in columns
    for column in statistics.columns(name, optional=True):
        assert column in columns.partition("[")[2]
    required = [key for key, value in statistics.options(name).items() if value is ...]
    assert all(f"--{key}" in columns for key in required)
