"""whyface power and whyface calibrate: against theory, and at the command line."""

import json

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from analysis import power as table_of
from study_app import calibrate, cli, power
from study_app.power import Grid
from study_app.study_file.load import HOME, load_study
from study_app.study_file.study import Quality

SECTION7 = HOME / "studies" / "section7"
STUDIES = 60


@pytest.fixture(scope="module")
def two_options():
    """Two explanations, nobody alike, one planned comparison: a paired t test."""
    study = load_study(SECTION7)
    effects = {g: {"saliency": 0.55, "inversion": 0.45} for g in ("never", "aware", "user")}
    simulated = study.simulate.model_copy(update={"icc": 0.0, "effects": effects})
    blocks = tuple(
        block.model_copy(update={"options": ("saliency", "inversion")}) for block in study.blocks
    )
    plan = tuple(entry for entry in study.analysis if entry.id == "H2")
    everybody = Quality(min_ms=0, attention=0)  # nobody is left out
    parts = {"simulate": simulated, "blocks": blocks, "analysis": plan, "quality": everybody}
    return study.model_copy(update=parts)


@pytest.fixture(scope="module")
def found(two_options, tmp_path_factory):
    grid = Grid((10, 40), (8,), (0.0, 1.0), studies=STUDIES, seed=5)
    return power.compute(two_options, grid, tmp_path_factory.mktemp("cells"), 1).table


def whole(table, effect):
    rows = table_of.whole(table)
    return rows[rows["effect"] == effect].set_index("participants")


def test_without_effect_power_is_the_level_of_the_tests(found):
    low, high = stats.binom.interval(0.9995, STUDIES, 0.05)
    for count in whole(found, 0.0)["found"]:
        assert low <= count <= high


def test_power_is_that_of_the_paired_t_test(found):
    # A person's difference of two rates of 8 independent ticks each.
    p, q = 0.55, 0.45
    sd = np.sqrt((p * (1 - p) + q * (1 - q)) / 8)
    for n, row in whole(found, 1.0).iterrows():
        theory = TTestPower().power((p - q) / sd, n, 0.05)
        error = np.sqrt(theory * (1 - theory) / STUDIES)
        assert abs(row["power"] - theory) < 4 * error + 0.01, n


def test_power_rises_with_participants_and_effect(found):
    planted, none = whole(found, 1.0)["power"], whole(found, 0.0)["power"]
    assert planted[10] < planted[40]
    assert (planted > none).all()


def test_the_smallest_effect_lies_between_none_and_as_planted(found):
    row = table_of.detectable(found, 0.5).set_index("participants").loc[40]
    assert 0 < row["low"] <= row["effect"] <= row["high"]
    sd = np.sqrt((0.55 * 0.45 + 0.45 * 0.55) / 8)
    theory = TTestPower().solve_power(nobs=40, alpha=0.05, power=0.5) * sd / 0.1
    assert row["effect"] == pytest.approx(theory, abs=0.25)
    rare = table_of.detectable(found, 0.99).set_index("participants").loc[10]
    assert rare["effect"] == np.inf  # not even what is planted


def test_shuffles_resolve_the_smallest_p_of_the_family():
    study = load_study(SECTION7)
    shuffles = power.shuffles_for(study, 0.95)
    tests = 1 + 3 + 1 + 12  # H1, the pairs of H2, H3, the pairs of H4 for everybody and 3 groups
    assert 1 / (shuffles + 1) <= 0.05 / tests / 5


def test_an_analysis_that_cannot_be_computed_is_told_before_the_long_run(tmp_path):
    study = load_study(SECTION7)
    wrong = study.analysis[1].model_copy(update={"by": "colour"})
    study = study.model_copy(update={"analysis": (wrong,)})
    with pytest.raises(ValueError, match="analysis H1") as error:
        power.compute(study, Grid((8,), (2,), (1.0,), 20), tmp_path)
    assert "colour" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_calibration_counts_what_was_promised(tmp_path, monkeypatch):
    study = load_study(SECTION7)
    plan = tuple(entry for entry in study.analysis if entry.id == "H2")
    plan += (plan[0].model_copy(update={"id": "times", "statistic": "response_time"}),)
    study = study.model_copy(update={"analysis": plan})
    monkeypatch.setattr(calibrate, "LARGE", 100)
    monkeypatch.setattr(calibrate, "LARGE_STUDIES", 4)
    result = calibrate.compute(study, 16, 2, 40, 3, 0.05, tmp_path, 1)
    coverage = result.coverage
    assert result.own_truth  # nobody plants median times in the study file
    pairs = coverage[coverage["quantity"] == "paired_difference"]
    assert sorted(pairs["effect"]) == [0.0] * 3 + [1.0] * 3
    assert (pairs.loc[pairs["effect"] == 0, "truth"].abs() < 1e-12).all()
    low, high = stats.binom.interval(0.9995, 40, 0.95)
    assert coverage["count"].between(low - 2, high).all(), coverage
    alarms = result.alarms.set_index(["analysis", "item"])["count"]
    low, high = stats.binom.interval(0.9995, 40, 0.05)
    assert alarms.between(low, high).all()
    assert len(alarms) == 4  # three pairs, and the family


@pytest.fixture
def whyface(monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr("sys.argv", ["whyface", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        return code, *capsys.readouterr()

    return run


def test_power_answers_before_anything_is_built(whyface, tmp_path):
    out = tmp_path / "power"
    words = ("power", SECTION7, "-n", "9,6", "--items", "2,12", "--effect", "1", "--studies", 2)
    code, text, _ = whyface(*words, "--jobs", 1, "--out", out)
    assert code == 0
    assert "up to 8 questions; 12 questions assume more faces of the same kind" in text
    page = (out / "power.html").read_text("utf-8")
    assert (
        "power.csv" in page
        and "data:image/svg+xml" in page
        and "http" not in page.replace("http://www.w3.org", "")
    )
    names = {f"{name}.{form}" for name in ("power", "surface") for form in ("png", "svg", "pdf")}
    assert {path.name for path in (out / "figures").iterdir()} == names
    whole = json.loads((out / "power.json").read_text("utf-8"))
    assert whole["recommendation"] in text
    assert {row["participants"] for row in whole["power"]} == {6, 9}
    assert {row["analysis"] for row in whole["power"]} == {"H1", "H2", "H3", "H4"}
    # A part of the grid is there already, and nothing is simulated again.
    words = ("power", SECTION7, "-n", "6", "--items", "2", "--effect", "1", "--studies", 2)
    code, again, told = whyface(*words, "--jobs", 1, "--out", out, "--json")
    assert code == 0 and "1 of 1 batches" in told
    part = json.loads(again)["power"]
    assert part == [r for r in whole["power"] if (r["participants"], r["questions"]) == (6, 2)]


def test_all_mistakes_are_told_at_once(whyface, tmp_path):
    study = tmp_path / "study"
    assert whyface("init", "section7", study)[0] == 0
    file = study / "study.yaml"
    text = file.read_text("utf-8")
    start, end = text.index("analysis:\n"), text.index("simulate:\n")
    file.write_text(text[:start] + text[end:], "utf-8")
    code, out, told = whyface(
        *("power", study, "-n", "2", "--items", "0", "--effect", "-1,9", "--power", "1.5")
    )
    assert code == 2 and not out
    for word in ("has no 'analysis:'", "-n", "--items", "--effect", "--power", "at most"):
        assert word in told, word
    assert not (study / "power").exists()
    file.write_text(text[:start], "utf-8")
    code, _, told = whyface("power", study, "-n", "ten")
    assert code == 2 and "'ten' is no whole number" in told
    assert "has no 'simulate:'" in told and "has no 'analysis:'" in told
    code, _, told = whyface("calibrate", study, "--items", 0)
    assert code == 2 and "has no 'simulate:'" in told and "--items" in told


def test_calibrate_says_what_holds(whyface, tmp_path):
    out = tmp_path / "calibration"
    words = ("calibrate", SECTION7, "-n", 8, "--items", 2, "--studies", 2, "--jobs", 1)
    code, text, _ = whyface(*words, "--out", out)
    assert code == 0 and "95 % intervals held the truth in" in text
    tables = {"coverage.csv", "false_alarms.csv"}
    pages = {f"calibration.{form}" for form in ("html", "md", "json")}
    assert {path.name for path in out.iterdir()} >= tables | pages
    code, text, _ = whyface(*words, "--out", out, "--json")
    assert code == 0 and json.loads(text)["studies"] == 2


def test_help_teaches(whyface):
    for verb in ("power", "calibrate"):
        code, text, _ = whyface(verb, "--help")
        assert code == 0 and f"whyface {verb} section7" in text and "simulate:" in text
