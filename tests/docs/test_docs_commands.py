"""What the documents tell people to type exists, and what they link to is there."""

import re
from pathlib import Path

import pytest

from study_app.cli import Verbs

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
VERBS = set(Verbs("whyface").list_commands(None))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def typed(page: Path, command: str) -> list[list[str]]:
    blocks = re.findall(r"```(?:bash|sh|console)\n(.*?)```", page.read_text("utf-8"), re.S)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [re.sub(r"\s#.*", "", line).split() for line in lines if line.startswith(f"{command} ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_verbs_and_their_options_exist(page):
    for line in typed(page, "whyface"):
        verb, *rest = line[1:]
        if verb.startswith("-"):
            continue
        assert verb in VERBS, f"whyface {verb}"
        command = Verbs("whyface").get_command(None, verb)
        known = {option for parameter in command.params for option in parameter.opts}
        known |= {option for parameter in command.params for option in parameter.secondary_opts}
        unknown = {word for word in rest if word.startswith("-")} - known - {"--help", "-h"}
        assert not unknown, " ".join(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_make_targets_exist(page):
    for line in typed(page, "make"):
        assert line[1] in TARGETS, " ".join(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


def test_the_readme_has_the_two_commands():
    assert [line[:2] for line in typed(ROOT / "README.md", "make")] == [
        ["make", "demo"],
        ["make", "test"],
    ]
