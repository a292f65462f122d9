"""A result's key changes with everything that it depends on, and with nothing else."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from explainers.building import fingerprint
from explainers.building.compute import job_key
from explainers.building.plan import Job

JOB = Job(
    family="saliency",
    method="occlusion",
    parameters={"window": 28, "stride": 28},
    model="expression",
    spec={"use": "expression"},
    face="f01",
    source="rendered",
    target="happy",
    seed=1,
    folder=Path(),
)
INVERSION = replace(JOB, method="total_variation", parameters={"iterations": 2})


def test_the_key_changes_with_what_the_values_depend_on():
    keys = [
        job_key(JOB),
        job_key(replace(JOB, parameters={"window": 28, "stride": 14})),
        job_key(replace(JOB, parameters={"window": 28, "stride": 28, "fill": "blur"})),
        job_key(replace(JOB, face="f02")),
        job_key(replace(JOB, target="sad")),
        job_key(replace(JOB, spec={"use": "gender"}, target="male")),
        job_key(INVERSION),
        job_key(replace(INVERSION, seed=2)),
    ]
    assert len(set(keys)) == len(keys)


def test_the_key_does_not_change_with_names_places_and_defaults_written_out():
    assert job_key(replace(JOB, family="heat")) == job_key(JOB)
    assert job_key(replace(JOB, folder=Path("/"))) == job_key(JOB)
    assert job_key(replace(JOB, seed=2)) == job_key(JOB), "occlusion involves no chance"
    written_out = {"stride": 28, "window": 28, "fill": "mean", "of": "probability"}
    assert job_key(replace(JOB, parameters=written_out)) == job_key(JOB)
    assert job_key(replace(INVERSION, seed=2, parameters={"iterations": 2, "seed": 1})) == job_key(
        INVERSION
    )


def test_code_counts_and_its_comments_do_not(tmp_path, monkeypatch):
    package = tmp_path / "explainers"
    package.mkdir()
    monkeypatch.setattr(fingerprint, "_HOME", tmp_path)
    method, helper = package / "method.py", package / "helper.py"
    helper.write_text("def f(x):\n    return x\n")
    imports = '"""Text."""\nfrom explainers.helper import f\n\n'
    source = f'{imports}def g(x):\n    """Text."""\n    return f(x)\n'
    stamp = 1

    def code(text: str, path: Path = method) -> str:
        import os

        nonlocal stamp
        stamp += 1
        path.write_text(text)
        os.utime(path, ns=(stamp, stamp))
        return fingerprint.code_sha256(method)

    before = code(source)
    assert code(source.replace("Text", "Better text") + "# a comment\n\n") == before
    assert code(source.replace("f(x)", "f(x) + 1")) != before
    assert code(source) == before
    assert code("def f(x):\n    return 2 * x\n", helper) != before


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=5))
def test_the_order_of_values_does_not_matter(parts):
    assert fingerprint.key(parts) == fingerprint.key(dict(reversed(parts.items())))
    assert fingerprint.key(parts) != fingerprint.key({**parts, "one more": 1})
