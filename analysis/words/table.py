"""The groups of words as a CSV file that a researcher reads, changes and gives back."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from analysis.data.frames import Frames
from analysis.errors import AnalysisError
from analysis.words.choices import ENGLISH, concepts_of
from analysis.words.grouping import Group, grouped, spelling
from db.scale import Scale

COLUMNS = {
    "word": "as it is compared: small letters, trimmed",
    "group": "the name of its group; change this one",
    "count": "how often it was written",
    "by": "why it is there: spelling, wordnet, or corrected",
}


def of_frames(frames: Frames) -> tuple[Group, ...]:
    """The groups of all single words that people wrote to main questions.

    Errors:
        AnalysisError: nobody wrote a word.

    Texts of the trial type ``free_text`` are no words.
    """
    mine = concepts_of(frames).main
    words: list[tuple[str, bool]] = []
    if "word" in mine:
        there = mine[mine["text"].notna()]
        words += list(zip(there["text"].astype(str), there["english"].astype(bool), strict=True))
    others = frames.main
    free = others["type"].astype(str).eq("free_text") | (others["concept"].astype(object) != "")
    written = others[others["scale"].eq(Scale.WORD.value) & others["text"].notna() & ~free]
    language = str(frames.study.get("language") or ENGLISH)
    tags = written.get("language", language)
    told = written.assign(language=tags).fillna({"language": language})
    flags = told["language"].astype(str).str.split("-").str[0].str.lower() == ENGLISH
    words += list(zip(told["text"].astype(str), flags, strict=True))
    if not words:
        where = f"study {frames.study['id']}, mode {frames.mode}"
        raise AnalysisError(where, "nobody has written a word", "ask for one: trial: one_word")
    return grouped(words, frames.corrections)


def write(groups: Sequence[Group], path: Path) -> None:
    """Write the file whole or not at all.

    Errors:
        AnalysisError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(COLUMNS)
            for group in groups:
                for word, count in group.words.items():
                    out.writerow([word, group.name, count, group.by[word]])
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise AnalysisError(
            str(path), f"cannot be written: {error.strerror}", "use --file"
        ) from None


def changes(groups: Sequence[Group], path: Path) -> tuple[dict[str, str], list[AnalysisError]]:
    """What a file says otherwise: word -> its new group; and everything that is wrong with it.

    Arguments:
        groups: as they are now.
        path: the file; only the columns word and group are read.

    Errors:
        AnalysisError: there is no such file, or it has no such columns.
    """
    now = {word: group.name for group in groups for word in group.words}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row in reader]
            heads = reader.fieldnames or []
    except FileNotFoundError:
        fix = "write it first: whyface words FOLDER"
        raise AnalysisError(str(path), "there is no such file", fix) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fix = "save it as CSV with commas, in UTF-8"
        raise AnalysisError(str(path), f"cannot be read: {error}", fix) from None
    if lost := [name for name in ("word", "group") if name not in heads]:
        fix = f"keep the first line as it was: {','.join(COLUMNS)}"
        raise AnalysisError(str(path), f"has no column {' and no column '.join(lost)}", fix)
    changed: dict[str, str] = {}
    wrong = []
    seen: dict[str, int] = {}
    for line, row in rows:
        where = f"{path}, line {line}"
        word, group = (spelling(row[name] or "") for name in ("word", "group"))
        if not word:
            wrong.append(AnalysisError(where, "has no word", "delete the line"))
        elif word not in now:
            fix = "give words that were written; `whyface words` lists them"
            wrong.append(AnalysisError(where, f"'{word}' was written by nobody", fix))
        elif word in seen:
            what = f"'{word}' stands in line {seen[word]} already"
            wrong.append(AnalysisError(where, what, "keep one of the lines"))
        elif not group:
            wrong.append(AnalysisError(where, f"'{word}' has no group", "write the group's name"))
        elif group != now[word]:
            changed[word] = group
        seen.setdefault(word, line)
    return changed, wrong
