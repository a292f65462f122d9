"""Tables, codebook and Psych-DS folder, whatever is in the database."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.errors import StoreError
from db.records import PREFER_NOT, Timing
from db.scale import Scale
from db.store import Store
from explainers.problems import Problems
from study_app import export
from study_app.export.codebook import as_csv, as_markdown, codebook
from study_app.export.place import together
from study_app.participation import session
from study_app.participation.arrival import Arrival

FROZEN = (Path(__file__).parents[2] / "data" / "frozen_section7.json").read_text("utf-8")
KEYWORDS = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")
HOSTILE = ['=HYPERLINK("http://x","y")', "+1", "-1", "@x", "\tx", 'a\nb,c;"d"', "<b>|é漢</b>"]


def at_trials(store, version, mode="live", choice=None) -> str:
    token = session.new_token(store)
    session.join(store, version, mode, token, came=Arrival(f"panel {token}"))
    study = session.state(store, token).study
    answers = {q["id"]: choice or next(iter(q["choices"])) for q in study.background}
    assert session.save_background(store, token, answers) == {}
    session.finish_instructions(store, token)
    return token


def answer(store, token, n=99) -> None:
    for _ in range(n):
        trial = session.state(store, token).trial
        if trial is None:
            return
        sent = {"answer": {"chosen": [2], "none": False}, "rt_ms": 1234.5, "hidden_ms": 0.0}
        assert session.answer(store, token, trial.token, sent).kind == "stored"


def live(store, text=FROZEN) -> str:
    version = store.add_version(json.loads(text)["study"]["id"], text)
    store.set_status(version, "live")
    return version


def problems(folder: Path) -> list[str]:
    """What breaks the rules of Psych-DS in a folder, from the specification alone."""
    found = []
    about = json.loads((folder / "dataset_description.json").read_bytes().decode("utf-8"))
    if about.get("@context") not in ("https://schema.org", "https://schema.org/"):
        found.append("no schema.org context")
    if about.get("@type") != "Dataset":
        found.append("not a Dataset")
    found += [f"no {k}" for k in ("name", "description", "variableMeasured") if not about.get(k)]
    measured = [
        entry if isinstance(entry, str) else entry["name"]
        for entry in about.get("variableMeasured", [])
    ]
    if len(set(measured)) < len(measured):
        found.append("a variable is named twice")
    files = sorted((folder / "data").rglob("*.csv"))
    if not files:
        found.append("no data file")
    seen = set()
    for path in files:
        if not KEYWORDS.fullmatch(path.name):
            found.append(f"{path.name} is not named by keywords")
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))
        if not rows:
            found.append(f"{path.name} is empty")
            continue
        header = rows[0]
        if any(not name.strip() for name in header) or len(set(header)) < len(header):
            found.append(f"{path.name} has an empty or repeated header")
        found += [f"{path.name}: a line of {len(r)}" for r in rows if len(r) != len(header)]
        seen |= set(header)
    found += [f"{name} is not in variableMeasured" for name in seen - set(measured)]
    found += [f"{name} is in no file" for name in set(measured) - seen]
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "whyface.db") as opened:
        yield opened


@pytest.fixture
def version(store) -> str:
    return live(store)


def test_the_rules_find_what_breaks_them(store, version, tmp_path):
    folder = tmp_path / "out"
    export.export(store, folder, form="psych-ds")
    assert problems(folder) == []
    (folder / "data" / "Responses.csv").write_text("a,a\n1\n")
    told = "\n".join(problems(folder))
    for part in ("not named by keywords", "repeated header", "a line of 1", "a is not in variable"):
        assert part in told


def test_psych_ds_of_a_study_with_answers_and_someone_who_withdrew(store, version, tmp_path):
    answer(store, at_trials(store, version))
    answer(store, at_trials(store, version, choice=PREFER_NOT), 3)
    gone = at_trials(store, version)
    answer(store, gone, 2)
    assert session.withdraw(store, session.state(store, gone).withdrawal_code)
    answer(store, at_trials(store, version, "pilot"))
    folder = tmp_path / "out"
    counts = export.export(store, folder, form="psych-ds")
    responses = "data/study-section7_table-responses_data.csv"
    people = "data/study-section7_table-participants_data.csv"
    assert counts == {responses: (10 + 3) * 3, people: 3}
    assert problems(folder) == []
    states = [row["state"] for row in rows_of(folder / people)]
    assert states == ["completed", "trials", "withdrawn"]
    last = rows_of(folder / people)[-1]
    questions = [q["id"] for q in json.loads(FROZEN)["study"]["background"]]
    assert {last[name] for name in [*questions, "completed_at"]} == {""}
    assert {row["mode"] for row in rows_of(folder / responses)} == {"live"}
    assert (folder / "materials/version-1/study.json").read_text("utf-8") == FROZEN
    assert (folder / "materials/version-1/consent.md").read_text() == json.loads(FROZEN)["consent"]
    readme, changes = (folder / "README.md").read_text(), (folder / "CHANGES.md").read_text()
    assert "3 agreed to take part, 1 answered everything" in readme and "1 are listed" in readme
    assert version in changes and "3 took part" in changes and "NO RESULTS" not in readme
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    secrets = [gone, "panel " + gone]
    with store.reading() as connection:
        for table in ("assignment", "external_id", "trial"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings():
                names = ("token", "completion_code", "receipt", "digest")
                secrets += [row[name] for name in names if row.get(name)]
    assert len(secrets) > 40 and not any(secret.encode() in everything for secret in secrets)


@pytest.mark.parametrize("mode", ["simulated", "pilot", "test"])
def test_what_is_no_result_says_so_everywhere(store, version, tmp_path, mode):
    answer(store, at_trials(store, version, mode), 1)
    folder = tmp_path / "out"
    files = export.export(store, folder, mode, "psych-ds")
    assert problems(folder) == []
    assert all(f"mode-{mode}" in name for name in files)
    assert "NO RESULTS" in (folder / "README.md").read_text()
    about = json.loads((folder / "dataset_description.json").read_text())
    assert about["name"].startswith(f"[{mode} answers, no results]")


def test_an_empty_study(store, version, tmp_path):
    for form in export.forms():
        counts = export.export(store, tmp_path / form, form=form)
        assert set(counts.values()) == {0}
    assert problems(tmp_path / "psych-ds") == []


def test_several_versions_with_other_questions(store, version, tmp_path):
    answer(store, at_trials(store, version))
    changed = json.loads(FROZEN)
    first = changed["study"]["background"][0]
    first["choices"] = {"new": "Quite new"} | first["choices"]
    changed["study"]["background"].append(
        {"id": "hand", "ask": "Which hand?", "choices": {"left": "L", "right": "R"}}
    )
    store.set_status(version, "closed")
    second = live(store, json.dumps(changed))
    unused = live(store, FROZEN + " ")
    answer(store, at_trials(store, second), 1)
    folder = tmp_path / "out"
    export.export(store, folder, form="psych-ds")
    assert problems(folder) == []
    people = rows_of(folder / "data/study-section7_table-participants_data.csv")
    assert [(row["version"], row["hand"]) for row in people] == [(version, ""), (second, "left")]
    assert people[1][first["id"]] == "new"
    assert [path.name for path in sorted((folder / "materials").iterdir())] == [
        "version-1",
        "version-2",
    ]
    columns = {c.name: c for c in codebook(export.read(store))}
    assert {"new", *json.loads(FROZEN)["study"]["background"][0]["choices"]} < set(
        columns[first["id"]].values
    )
    assert set(columns["version"].values) == {version, second} and unused not in columns


def test_hostile_words_stay_words(store, tmp_path):
    data = json.loads(FROZEN)
    data["study"]["title"] = "=1+1 <script>alert(1)</script>\n# x"
    data["study"]["background"] = [
        {"id": "q", "ask": "=cmd()", "choices": {text: text for text in HOSTILE}}
    ]
    version = live(store, json.dumps(data))
    for text in HOSTILE:
        token = at_trials(store, version, choice=text)
        (trial, *_) = store.open_trials(store.assignment(token)["id"])
        stored = store.store_answer(
            token, trial["id"], values={}, texts={1: text}, scale=Scale.WORD, answer={},
            rt_ms=None, hidden_ms=None, rt_source=Timing.SERVER,
        )  # fmt: skip
        assert stored == "stored"
    folder = tmp_path / "out"
    files = export.export(store, folder, form="psych-ds")
    assert problems(folder) == []
    for name, column in zip(files, ("text", "q"), strict=True):
        written = [row[column] for row in rows_of(folder / name)]
        assert written == [f"'{t}" if t[0] in "=+-@\t" else t for t in HOSTILE]
    for path in (folder / "documentation/codebook.csv", *(folder / "data").iterdir()):
        for row in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")):
            assert not any(entry.startswith(("=", "+", "@", "\t")) for entry in row)
    readme = (folder / "README.md").read_text()
    assert readme.startswith("# =1+1") and f"{len(HOSTILE)} answers are texts" in readme
    export.export(store, tmp_path / "parquet", form="parquet")
    import pandas as pd

    table = pd.read_parquet(tmp_path / "parquet" / "responses.parquet")
    assert table["text"].tolist() == HOSTILE  # typed: no program runs these
    lines = (folder / "documentation/codebook.md").read_text().splitlines()
    assert all(
        len(re.findall(r"(?<!\\)\|", line)) == 6 for line in lines if line.startswith("|")
    ) and "<script" not in "".join(lines)


def test_parquet_has_the_types_of_the_codebook_with_and_without_rows(store, version, tmp_path):
    from pyarrow import parquet

    export.export(store, tmp_path / "empty", form="parquet")
    answer(store, at_trials(store, version))
    export.export(store, tmp_path / "full", form="parquet")
    for name in ("responses", "participants"):
        empty, full = (
            parquet.read_table(tmp_path / place / f"{name}.parquet") for place in ("empty", "full")
        )
        assert empty.schema.equals(full.schema, check_metadata=True) and full.num_rows
        assert all(field.metadata[b"description"] for field in full.schema)
    table = parquet.read_table(tmp_path / "full" / "responses.parquet").to_pandas()
    assert table["rt_ms"].unique().tolist() == [1234.5] and table["correct"].notna().sum() == 3
    assert table["answered_at"].dt.tz is not None and len(table) == 30


def test_the_codebook_names_every_column_and_what_may_stand_there(store, version, tmp_path):
    answer(store, at_trials(store, version))
    data = export.read(store)
    columns = codebook(data)
    export.save(data, tmp_path / "out")
    for table in ("responses", "participants"):
        rows = rows_of(tmp_path / "out" / f"{table}.csv")
        named = {column.name: column for column in columns if column.table == table}
        assert list(rows[0]) == list(named)
        for row in rows:
            for name, column in named.items():
                assert column.about
                if row[name] and column.values:
                    assert row[name] in column.values, name
                if row[name] and column.kind in ("integer", "number"):
                    float(row[name])
                if row[name] and column.kind == "time":
                    assert datetime.fromisoformat(row[name]).utcoffset() == UTC.utcoffset(None)
    value = next(column for column in columns if column.name == "value")
    assert "pick_any: 1: this explanation was ticked" in value.about
    familiar = next(column for column in columns if column.name == "explainability")
    assert PREFER_NOT in familiar.values and familiar.about.startswith("Background: ")
    forms = (tmp_path / "out" / "codebook.json", tmp_path / "out" / "codebook.csv")
    told = json.loads(forms[0].read_text())
    assert [entry["column"] for entry in told] == [row["column"] for row in rows_of(forms[1])]
    assert all(set(entry) == set(told[0]) for entry in told)
    assert "| rt_ms | number | ms |" in as_markdown(columns, str)
    assert as_csv(columns, str).count("\r\n") == len(columns) + 1


def test_every_column_of_the_database_is_documented(store):
    from study_app.export.columns import MEANINGS

    there = {*store.responses().columns, *store.participants().columns} - {"background"}
    assert there <= set(MEANINGS)


def test_several_studies_are_never_mixed(store, version, tmp_path):
    other = json.loads(FROZEN)
    other["study"]["id"] = "other_study"
    live(store, json.dumps(other))
    with pytest.raises(StoreError, match="several studies"):
        export.read(store)
    with pytest.raises(StoreError, match="no study 'x'"):
        export.read(store, study="x")
    files = export.export(store, tmp_path / "out", form="psych-ds", study="other_study")
    assert "data/study-otherstudy_table-responses_data.csv" in files
    assert problems(tmp_path / "out") == []


def test_a_database_without_a_study(store):
    with pytest.raises(StoreError, match="holds no study"):
        export.read(store)


def test_a_psych_ds_folder_goes_over_nothing(store, version, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    export.export(store, folder, form="psych-ds")
    (folder / "README.md").write_text("edited")
    with pytest.raises(Problems, match="is there already"):
        export.export(store, folder, form="psych-ds")
    assert (folder / "README.md").read_text() == "edited"
    assert {path.name for path in tmp_path.iterdir()} <= {"out", *_database()}


def test_what_fails_half_way_leaves_nothing(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a").write_text("old")
    with pytest.raises(KeyError), together(folder) as place:
        (place / "a").write_text("new")
        raise KeyError
    with pytest.raises(Problems, match="cannot be written: No space"), together(folder) as place:
        (place / "a").write_text("new")
        raise OSError(28, "No space left on device")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (folder / "a").read_text() == "old"
    (tmp_path / "file").write_text("")
    with pytest.raises(Problems, match="cannot be written"), together(tmp_path / "file"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out"]


def _database() -> set[str]:
    return {f"whyface.db{end}" for end in ("", "-wal", "-shm")}


def test_every_trial_type_is_in_the_codebook(store, every_trial_type, tmp_path):
    from study_app.publishing.publish import publish
    from study_app.simulate import simulate

    version = publish(store, every_trial_type)
    simulate(store, version, 3)
    folder = tmp_path / "out"
    responses, _ = export.export(store, folder, "simulated", "psych-ds")
    assert problems(folder) == []
    data = export.read(store, "simulated")
    columns = {c.name: c for c in codebook(data) if c.table == "responses"}
    rows = rows_of(folder / responses)
    for block in data.newest.blocks:
        assert any(row["type"] == block["trial"] for row in rows)
        assert f"{block['trial']}: " in columns["value"].about + columns["text"].about
    for name in ("option", "scale", "type", "role"):
        assert {row[name] for row in rows} <= set(columns[name].values), name
    assert all((row["value"] == "") != (row["text"] == "") for row in rows)
