"""English words that mean the same in their first sense: WordNet's synsets, without hypernyms.

Source: G. A. Miller 1995, WordNet: A Lexical Database for English, Communications of the ACM 38:39;
inflected forms as WordNet's `morphy` (irregular forms first, then endings).

The closure over hypernyms is no alternative: it puts nose, eye, face, hair and cheek into one class
of thousands of nouns.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

# Ending -> what stands in its place, as in WordNet's morphological processing.
_ENDINGS = {
    "noun": (("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"),
             ("men", "man"), ("ies", "y")),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "verb": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""),
             ("ing", "e"), ("ing", "")),
}  # fmt: skip
KINDS = tuple(_ENDINGS)
_FILE = Path(__file__).with_name("wordnet.txt")


class Sense(NamedTuple):
    """The first sense of a word.

    Arguments:
        kind: noun, adj or verb.
        lemma: the word without its ending.
        synset: the words whose first sense it is, the lemma among them; names the synset.
    """

    kind: str
    lemma: str
    synset: tuple[str, ...]


class _Words(NamedTuple):
    synsets: dict[str, tuple[str, ...]]
    irregular: dict[str, list[str]]


def first_sense(word: str) -> Sense | None:
    """The first sense of an English word: as a noun, else as an adjective, else as a verb.

    A plural that WordNet also lists as a word of its own counts as its singular, unless it has
    synonyms there: *eyes* is *eye*, but *glasses* is *spectacles*.

    Arguments:
        word: one word in small letters.

    Returns:
        None for a word that WordNet does not know.

    Example:
        >>> first_sense("sofas").synset == first_sense("couch").synset
        True
        >>> first_sense("lips").synset == first_sense("mouth").synset
        False
        >>> [first_sense(word).lemma for word in ("eyes", "men", "glasses", "happier")]
        ['eye', 'man', 'glasses', 'happy']
    """
    for kind in KINDS:
        words = _words()[kind]
        lemma = _lemma(word, kind, words)
        if lemma is not None:
            # A form of a verb is a form of the noun too: smiled, smile.
            nouns = _words()["noun"].synsets
            kind = "noun" if lemma in nouns else kind
            return Sense(kind, lemma, _words()[kind].synsets[lemma])
    return None


def _lemma(word: str, kind: str, words: _Words) -> str | None:
    bases = [base for base in words.irregular.get(word, ()) if base != word]
    bases += [
        word.removesuffix(ending) + instead
        for ending, instead in _ENDINGS[kind]
        if word.endswith(ending) and not (kind == "noun" and word.endswith("ss"))
    ]
    base = next((base for base in bases if len(base) > 1 and base in words.synsets), None)
    own = words.synsets.get(word)
    if own is None:
        return base
    # Only a plural in s can have come to mean something of its own: glasses, but not men.
    alone = kind == "noun" and (len(own) == 1 or not word.endswith("s"))
    return base if alone and base is not None else word


@cache
def _words() -> dict[str, _Words]:
    found = {kind: _Words({}, {}) for kind in KINDS}
    kind, irregular = "", False
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("["):
            kind, _, rest = line.strip("[]").partition(" ")
            irregular = bool(rest)
        elif irregular:
            form, *lemmas = line.split()
            found[kind].irregular[form] = lemmas
        else:
            synset = tuple(line.split())
            found[kind].synsets.update(dict.fromkeys(synset, synset))
    return found
