"""Make ``analysis/words/wordnet.txt`` of WordNet: which English words mean the same at first.

    python tools/wordnet.py [--archives FOLDER]

Debian's package ``wordnet-base`` is downloaded (`apt-get download`) and unpacked, never installed.
The result is the same to the last byte each time.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "wordnet-base"
SHA256 = "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752"
KINDS = ("noun", "adj", "verb")
TO = Path(__file__).parent.parent / "analysis" / "words"
HEAD = """\
# WordNet 3.0, Copyright 2006 by Princeton University, all rights reserved: LICENSE.wordnet.txt.
# Made by tools/wordnet.py: single words only. [noun], [adj], [verb]: a line for each synset, with
# the words whose first sense it is. [noun irregular], ...: an inflected form and its lemmas.
"""


def main() -> None:
    """Fetch, check, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--archives", type=Path, default=Path(tempfile.gettempdir()) / "archives")
    folder: Path = parser.parse_args().archives
    dictionary = fetched(folder)
    text = HEAD + "\n".join(line for kind in KINDS for line in sections(dictionary, kind)) + "\n"
    (TO / "wordnet.txt").write_text(text, encoding="utf-8")
    (TO / "LICENSE.wordnet.txt").write_text(licence(dictionary), encoding="utf-8")
    print(f"{TO / 'wordnet.txt'}: {len(text) / 1e6:.2f} MB")


def fetched(folder: Path) -> Path:
    """The folder with the database files, downloaded unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (there := list(folder.glob(f"{PACKAGE}_*.deb"))):
        subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True)
        there = list(folder.glob(f"{PACKAGE}_*.deb"))
    found = hashlib.sha256(there[0].read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{there[0]}\n  has SHA-256 {found}\n  fix: delete it; it must be {SHA256}")
    subprocess.run(["dpkg-deb", "-x", str(there[0]), str(folder / PACKAGE)], check=True)
    return folder / PACKAGE / "usr" / "share" / "wordnet"


def sections(dictionary: Path, kind: str) -> Iterator[str]:
    """The lines of one part of speech."""
    synsets = defaultdict(list)
    # index.POS: lemma pos senses p pointers… senses tagged offsets…; the first offset is sense 1.
    for line in _lines(dictionary / f"index.{kind}"):
        fields = line.split()
        lemma, senses = fields[0], int(fields[2])
        if "_" not in lemma:
            synsets[fields[-senses]].append(lemma)
    yield f"[{kind}]"
    yield from sorted(" ".join(sorted(words)) for words in synsets.values())
    yield f"[{kind} irregular]"
    known = {word for words in synsets.values() for word in words}
    for line in sorted(_lines(dictionary / f"{kind}.exc")):
        form, *lemmas = line.split()
        kept = [lemma for lemma in lemmas if lemma in known]
        if "_" not in form and kept:
            yield " ".join([form, *kept])


def licence(dictionary: Path) -> str:
    """The licence as it stands at the head of the database's own files: each line is numbered."""
    text = (dictionary / "data.noun").read_text(encoding="utf-8")
    return "\n".join(line.strip() for line in re.findall(r"^ +\d+ (.*)$", text, re.M)) + "\n"


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(" ")]


if __name__ == "__main__":
    main()
