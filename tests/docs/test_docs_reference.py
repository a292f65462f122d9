"""The generated reference names everything that there is."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from explainers import catalog
from study_app.cli import Verbs

ROOT = Path(__file__).resolve().parents[2]
spec = spec_from_file_location("make_reference", ROOT / "tools" / "make_reference.py")
make_reference = module_from_spec(spec)
spec.loader.exec_module(make_reference)


def test_commands_hold_each_verb_and_its_help():
    page = make_reference.commands()
    for verb in Verbs("whyface").list_commands(None):
        assert f"## {verb}\n\n```text\nUsage: whyface {verb} " in page


def test_the_catalogue_holds_each_method_with_its_parameters():
    page = make_reference.catalogue()
    for entry in catalog.explainers():
        section = page.partition(f"### `{entry.name}`")[2].partition("### ")[0]
        assert entry.summary in section
        for parameter in entry.parameters:
            assert f"| `{parameter.name}` |" in section
