"""The protocol of a study about concepts: what participants see, and what it really is."""

import re

import pytest
from click.testing import CliRunner

from study_app.cli import whyface


@pytest.fixture(scope="module", params=["intruder", "coherency"])
def protocol(request, bands_study, tmp_path_factory):
    folder = bands_study(tmp_path_factory.mktemp("concepts") / request.param, request.param)
    result = CliRunner().invoke(whyface, ["protocol", str(folder)])
    assert result.exit_code == 0, result.output
    return request.param, (folder / "protocol.html").read_text("utf-8")


def test_participants_see_letters_and_the_protocol_says_what_they_stand_for(protocol):
    name, page = protocol
    words = re.sub(r'alt="[^"]*"', "", page)
    assert "segment_" not in words and "{letter}" not in words
    if name == "intruder":
        assert "Picture A, Picture B, Picture C, Picture D, Picture E and Picture F" in words
        assert "“intruder” for the segment of another concept" in words
        assert '<th scope="col">segment 5</th>\n<th scope="col">intruder</th>' in words
    else:
        assert "Row A and Row B" in words
        assert "“random” for four of the same class" in words


def test_rows_of_segments_are_wide_enough_to_be_seen(protocol):
    name, page = protocol
    assert ('class="wide"' in page) == (name == "coherency")


def test_what_is_right_stands_at_each_place_equally_often(protocol):
    name, page = protocol
    right = {"intruder": "intruder", "coherency": "concept"}[name]
    row = re.search(rf"<td>2</td>\n<td>{right}</td>\n((?:<td>\d+</td>\n)+)", page)
    counts = [int(count) for count in re.findall(r"\d+", row[1])]
    assert len(counts) == {"intruder": 6, "coherency": 2}[name]
    assert len(set(counts)) == 1
