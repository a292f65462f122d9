"""Which words count as one: spelling and case, the lemma, the first sense; then the researcher.

1. *Spelling*: Unicode's composed form, small letters, no punctuation around the word; a hyphen
   inside it goes where English knows the word without (*eye-brow*).
2. English words: two words are one when they have one lemma, or when their first noun senses are
   the same synset (`analysis.words.wordnet`). Words of other languages count by spelling alone.
3. *Corrections* by the researcher, who names the group of a word, come last and win.

A group is called by its most frequent word, as its lemma where that is known.

Source: Ghorbani et al. 2019, Towards Automatic Concept-based Explanations (ACE), section 4.1: the
most frequent words of people, "considering synonyms as one".
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from analysis.words import wordnet


class Key(NamedTuple):
    """What the words of a group have in common.

    Arguments:
        by: ``spelling``, ``wordnet``, or ``corrected``.
        same: the shared spelling, the synset's words, or the group's corrected name.
        lemma: the word's own base form, by which a group may be called.
    """

    by: str
    same: tuple[str, ...]
    lemma: str

    @property
    def group(self) -> tuple[str, ...]:
        """Words with equal ``group`` are one."""
        return (self.by, *self.same)


@dataclass(frozen=True)
class Group:
    """Words that count as one.

    Arguments:
        name: how it is called.
        words: spelling -> how often it was written, most frequent first.
        by: spelling -> why it is here: ``spelling``, ``wordnet``, or ``corrected``.
    """

    name: str
    words: Mapping[str, int]
    by: Mapping[str, str]

    @property
    def count(self) -> int:
        """How often the words of the group were written."""
        return sum(self.words.values())


def spelling(text: str) -> str:
    """The word as it is compared: composed, small letters, trimmed.

    Example:
        >>> spelling(" “Eyes!” "), spelling("STRASSE") == spelling("Straße")
        ('eyes', True)
    """
    text = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    start, end = 0, len(text)
    while start < end and not _inner(text[start]):
        start += 1
    while end > start and not _inner(text[end - 1]):
        end -= 1
    return unicodedata.normalize("NFC", text[start:end])


def _inner(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def key(word: str, english: bool = True) -> Key:
    """What a spelling has in common with other words.

    Arguments:
        word: from `spelling`.
        english: whether WordNet may be asked.

    Example:
        >>> key("sofas").group == key("couch").group, key("mouth").group == key("lips").group
        (True, False)
        >>> key("augen", english=False)
        Key(by='spelling', same=('augen',), lemma='augen')
    """
    if english:
        for form in (word, word.replace("-", "")):
            sense = wordnet.first_sense(form)
            if sense is not None:
                return Key("wordnet", (sense.kind, *sense.synset), sense.lemma)
    return Key("spelling", (word,), word)


Word = tuple[str, bool]
"""A spelling, and whether it is English."""


def assigned(
    words: Iterable[Word], corrections: Mapping[str, str] | None = None
) -> dict[Word, str]:
    """The name of each word's group.

    Arguments:
        words: each answer: what was written, and whether it is English.
        corrections: spelling -> name of its group, by the researcher; wins over everything else.

    Returns:
        for each spelling; texts without a letter or digit are left out.

    Example:
        >>> assigned([("Eye", True), ("eyes", True), ("lips", True)], {"lips": "mouth"})
        {('eye', True): 'eye', ('eyes', True): 'eye', ('lips', True): 'mouth'}
    """
    counts = _counted(words)
    asked = _asked(corrections)
    keys = {one: key(*one) for one in counts}
    families: dict[tuple[str, ...], Counter[str]] = {}
    for one, found in keys.items():
        if one[0] not in asked:
            families.setdefault(found.group, Counter())[found.lemma] += counts[one]
    named = {
        family: min(often, key=lambda lemma: (-often[lemma], lemma))
        for family, often in families.items()
    }
    return {one: asked[one[0]] if one[0] in asked else named[keys[one].group] for one in counts}


def grouped(
    words: Iterable[Word], corrections: Mapping[str, str] | None = None
) -> tuple[Group, ...]:
    """The groups of all words that were written, most frequent first; arguments as `assigned`.

    Example:
        >>> texts = ["Eye", "eyes", "eye", "couch", "sofa", "sofa", "mouth", "lips"]
        >>> [(g.name, g.count) for g in grouped((text, True) for text in texts)]
        [('eye', 3), ('sofa', 3), ('lip', 1), ('mouth', 1)]
    """
    written = list(words)
    asked = _asked(corrections)
    counts = _counted(written)
    members: dict[str, Counter[str]] = {}
    why = {}
    for (word, english), name in assigned(written, corrections).items():
        members.setdefault(name, Counter())[word] += counts[word, english]
        why[word] = "corrected" if word in asked else key(word, english).by
    found = [
        Group(
            name,
            dict(sorted(often.items(), key=lambda entry: (-entry[1], entry[0]))),
            {word: why[word] for word in often},
        )
        for name, often in members.items()
    ]
    return tuple(sorted(found, key=lambda group: (-group.count, group.name)))


def _asked(corrections: Mapping[str, str] | None) -> dict[str, str]:
    spelt = ((spelling(word), spelling(name)) for word, name in (corrections or {}).items())
    return {word: name for word, name in spelt if name}


def _counted(words: Iterable[Word]) -> Counter[Word]:
    spelt = ((spelling(text), english) for text, english in words)
    return Counter(one for one in spelt if one[0])
