"""What a page's check against the file's own text says to the user."""

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from lighton_ocr._text import pluralize
from lighton_ocr.reading.own_text.check import (
    Correction,
    Difference,
    OwnTextCheck,
    has_digit,
)

_EXAMPLES = 3
_LONGEST = 60  # characters of an example
LEAST_WORDS = 5  # of a passage that is missing or invented
_LEAST_NUMBERS = 3  # missing ones; a page's own number is often left out


def own_text_warnings(check: OwnTextCheck) -> Iterator[str]:
    """Yield one sentence for each kind of difference that matters, numbers first.

    Only differences from a text that deserves trust are warned of, and those in which one of the
    texts has a habit; all of them are in the check.
    """
    if check.used:
        yield "the model could not read it; this is the text that the file holds."
    differ = [one for one in check.differences if one.kind == "differs"]
    if check.habit:
        yield (
            f"{_count(differ, 'word')} from the file's own text, many in the same letters: "
            f"{_pairs(differ, ' / ')}. The model was often sure, so either may be wrong."
        )
    if check.trust != "high":
        return
    if numbers := [one for one in differ if one.is_number]:
        yield f"{_count(numbers, 'number')} from the file's own text: {_pairs(numbers, ' / ')}."
    if words := [one for one in differ if not one.is_number]:
        yield f"{_count(words, 'word')} from the file's own text: {_pairs(words, ' / ')}."
    if changed := [one for one in check.corrections if one.is_number]:
        were = "was" if len(changed) == 1 else "were"
        yield (
            f"{pluralize(len(changed), 'number')} {were} corrected to the file's own text: "
            f"{_pairs(changed, ' → ')}."
        )
    yield from _passages(check)


def _passages(check: OwnTextCheck) -> Iterator[str]:
    missing = [one for one in check.differences if one.kind == "missing"]
    numbers = [word for one in missing for word in one.own.split() if has_digit(word)]
    if longest := _longest([one.own for one in missing]):
        yield f"{pluralize(check.missing, 'word')} of the file's own text are missing: {longest}."
    elif len(numbers) >= _LEAST_NUMBERS:
        named = ", ".join(numbers[:_EXAMPLES]) + (", …" if len(numbers) > _EXAMPLES else "")
        yield f"{len(numbers)} numbers of the file's own text are missing: {named}."
    invented = [one.read for one in check.differences if one.kind == "invented"]
    if longest := _longest(invented):
        count = pluralize(check.invented, "word")
        yield f"{count} are not in the file's own text: {longest}."


def _count(differences: list[Difference], noun: str) -> str:
    verb = "differs" if len(differences) == 1 else "differ"
    return f"{pluralize(len(differences), noun)} {verb}"


def _pairs(ones: Sequence[Difference | Correction], between: str) -> str:
    """Return the pairs that are least alike; of those that are equally so, the first."""
    worst = sorted(ones, key=lambda one: Levenshtein.normalized_similarity(one.read, one.own))
    shown = [f"{_short(one.read)}{between}{_short(one.own)}" for one in worst[:_EXAMPLES]]
    return ", ".join([*shown, "…"] if len(ones) > _EXAMPLES else shown)


def _longest(passages: list[str]) -> str | None:
    """Return the longest passage as a quotation; None if all are short.

    Words of one letter do not count: fonts of music and drawings have letters for their signs.
    """
    longest = max(passages, key=len, default="")
    count = sum(len(word) > 1 for word in longest.split())
    return f'"{_short(longest)}"' if count >= LEAST_WORDS else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"
