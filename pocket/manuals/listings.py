"""Lines of code: which they are, and as text with their indentation and numbers."""

import statistics

from pocket.manuals.lines import BROKEN, Line


def is_code(line: Line) -> bool:
    return code_part(line).share("mono") > 0.93


def code_part(line: Line) -> Line:
    """The line without a small number before it."""
    letters, at = line.letters, 0
    while at < len(letters) and letters[at].text.isdigit() and not letters[at].mono:
        at += 1
    numbered = 0 < at < len(letters) and letters[at].text.isspace()
    rest = Line(letters[at:])
    return rest if numbered and rest.inked and rest.inked[0].mono else line


def counts_on(line: Line, following: Line) -> bool:
    """Whether the lines have numbers and the second has the next; there may be no code after it."""
    numbers = _number(line), _number(following)
    return all(numbers) and int(numbers[1]) == int(numbers[0]) + 1


def code_lines(lines: list[Line]) -> list[str]:
    """Code with its indentation, its numbers before it if it has any."""
    parts = [code_part(line) for line in lines if not _is_bare(line)]
    widths = [letter.right - letter.left for part in parts for letter in part.inked if letter.mono]
    width = max(statistics.median(widths) if widths else 1.0, 0.1)
    start = min(part.left for part in parts)
    out = []
    for line in lines:
        part, number = code_part(line), _number(line)
        code = " " * round((part.left - start) / width) + part.text.replace(BROKEN, "-")
        out.append(number if _is_bare(line) else f"{number} {code}" if number else code)
    return out


def _number(line: Line) -> str:
    """The number before the code, or nothing."""
    part = code_part(line)
    before = (
        line.letters if _is_bare(line) else line.letters[: len(line.letters) - len(part.letters)]
    )
    return "".join(letter.text for letter in before).strip()


def _is_bare(line: Line) -> bool:
    """Whether there is nothing on the line but its number."""
    return all(letter.text in "0123456789" and not letter.mono for letter in line.inked)
