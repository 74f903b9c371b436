"""Code as manuals show it: listings, numbered lines, calls and their descriptions."""

import re

from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer, raw_block, together


def listing(writer: Writer, most: int = 30) -> Piece:
    """A block of code out of real documentation, or made up; at times framed, grey or numbered."""
    rng = writer.rng
    lines = code_lines(writer, rng.choice((1, 1, 2, 3, 4, 6, 8, 12, 20, most)))
    markup = raw_block(lines)
    look = rng.random()
    inset = f"inset: {rng.uniform(0.3, 0.8):.2f}em, width: 100%"
    if look < 0.15:
        markup = f"#block(fill: luma({rng.randint(215, 248)}), {inset})[{markup}]"
    elif look < 0.21:
        light = f"#set text(luma({rng.randint(190, 255)}))"
        markup = f"#block(fill: luma({rng.randint(0, 80)}), {inset})[{light}\n{markup}]"
    elif look < 0.31:
        markup = f"#block(stroke: 0.6pt, {inset})[{markup}]"
    elif look < 0.6:
        markup = f"#pad(left: {rng.uniform(1, 3):.1f}em)[{markup}]"
    elif rng.random() < 0.2:
        markup = f"#text(fill: luma({rng.randint(60, 130)}))[{markup}]"
    return Piece(apart(markup), fenced(lines))


def numbered_listing(writer: Writer, most: int = 30) -> Piece:
    """Lines of code with small numbers before them, as in commented sources."""
    rng = writer.rng
    lines = code_lines(writer, rng.choice((2, 4, 8, 12, 20, most)))
    first = rng.choice((1, 1, rng.randint(2, 2000)))
    colour, scale = rng.choice(("black", "black", "gray")), rng.uniform(0.6, 0.95)
    gap = rng.uniform(0.3, 1.2)
    number = f"text({scale:.2f}em, {colour})[#(it.number + {first - 1})]"
    line = f"box(width: 2.2em, align(right, {number})); h({gap:.2f}em); it.body"
    markup = f"#[#show raw.line: it => {{ {line} }}\n{raw_block(lines)}]"
    shown = [f"{first + n} {line}".rstrip() for n, line in enumerate(lines)]
    return Piece(apart(markup), fenced(shown))


def fenced(lines: list[str]) -> str:
    """The transcript of a block of code, without the wide gaps that nobody can count.

    A model that is asked for forty spaces in a row does not stop at forty.
    """
    return "```\n" + "\n".join(_narrowed(line) for line in lines) + "\n```"


def _narrowed(line: str) -> str:
    """At most 24 spaces before a line of code, 4 within it, and short rules."""
    code = line.lstrip(" ")
    indent = " " * min(24, len(line) - len(code))
    return indent + short_rules(re.sub(" {5,}", "    ", code).rstrip())


def short_rules(text: str) -> str:
    """A sign said more than eight times in a row is said eight times: a rule has no length."""
    return re.sub(r"([^\w\s])\1{8,}", r"\1\1\1\1\1\1\1\1", text)


def described_source(writer: Writer) -> Piece:
    """A macro's name in the margin, its arguments, and its code below in numbered lines."""
    rng = writer.rng
    name = "\\" + writer.identifier().strip("\\-")[:15]
    arguments = [f"#{n}: {writer.plain(2, 14)}" for n in range(1, rng.randint(2, 6))]
    note = f"#place(left, dx: -9em, box(width: 8.4em, align(right, text(0.85em)[{_mono(name)}])))"
    body = " \\ ".join(literal(a) for a in arguments)
    code = numbered_listing(writer)
    shown = "\n".join([f"{name} {arguments[0]}", *arguments[1:]])
    return together(Piece(f"{note}{body}", shown), code, between="\n\n")


def calls(writer: Writer) -> Piece:
    """Function headings, one a line: types and names in code, arguments in italics."""
    rng = writer.rng
    tag = rng.choice(("", "", "", "[Function]", "[Method]", "[Command]", "[Option]"))
    rows, shown = [], []
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        kind = rng.choice(("void ", "int ", "virtual double ", "char * ", "", "", ""))
        name = writer.identifier()
        arguments = ", ".join(
            rng.choice(("", "int ", "const &", "double ")) + writer.identifier()
            for _ in range(rng.randint(0, 3))
        )
        look = rng.choice(("strong", "text"))
        inner = f"{literal('(')}#emph[{literal(arguments)}]{literal(')')}"
        right = f"#h(1fr){literal(tag)}" if tag else ""
        rows.append(f"#block[{_mono(kind)}#{look}[{_mono(name)}]{literal(' ')}{inner}{right}]")
        shown.append(f"{kind}{name} ({arguments}) {tag}".strip())
    if rng.random() < 0.6:
        body = writer.prose(rng.randint(60, 400))
        rows.append(f"#pad(left: 2.5em)[{body.markup}]")
        shown.append(body.text)
    return together(*map(Piece, rows, shown))


def apart(markup: str) -> str:
    """A listing with space around it, so that two of them cannot be taken for one."""
    return f"#block(above: 1em, below: 1em, width: 100%)[{markup}]"


def code_lines(writer: Writer, count: int) -> list[str]:
    """`count` lines at most that fit the measure, the common indentation removed."""
    rng = writer.rng
    kind = rng.random()
    if kind < 0.55 and writer.source.snippets:
        lines = _snippet(writer, count)
    else:
        make = rng.choice((_macro_line, _macro_line, _session_line, _statement, _row_of_numbers))
        lines = [make(writer) for _ in range(count)]
        if make in (_macro_line, _statement):
            lines = _indented(writer, lines)
    most = max(12, writer.code_letters - 7)
    for _ in range(rng.choice((0, 0, 0, 0, 1, 2))):
        lines.insert(rng.randint(0, len(lines)), _rule(writer, most))
    lines = [line[:most].rstrip() for line in lines]
    lines = [line for line in lines if line.strip()] or ["x"]
    common = min(len(line) - len(line.lstrip()) for line in lines)
    return [line[common:] for line in lines]


def _rule(writer: Writer, most: int) -> str:
    """A line of one sign, as programs part their sections with, at times behind a comment's."""
    rng = writer.rng
    start = rng.choice(("", "", "# ", "//", "/*", "-- ", "%"))
    return start + rng.choice("---==*#%~_.+") * rng.randint(8, most)


def _snippet(writer: Writer, count: int) -> list[str]:
    lines: list[str] = []
    while len(lines) < count:
        lines += writer.rng.choice(writer.source.snippets).split("\n")
        if len(lines) >= count or writer.chance(0.6):
            break
    start = writer.rng.randrange(max(1, len(lines) - count + 1))
    return lines[start : start + count]


def _indented(writer: Writer, lines: list[str]) -> list[str]:
    depth, out, step = 0, [], writer.rng.choice((1, 2, 2, 4, 4))
    for line in lines:
        out.append(" " * (depth * step) + line)
        depth = max(0, min(5, depth + writer.rng.choice((-1, -1, 0, 0, 0, 1, 1))))
    return out


def _macro_line(writer: Writer) -> str:  # noqa: PLR0911
    """A line of TeX, as packages are written."""
    rng = writer.rng
    name = lambda: rng.choice(("\\@", "\\", "\\")) + writer.identifier().strip('\\-<>()"')  # noqa: E731
    word = rng.choice((r"\expandafter", r"\def", r"\else", r"\fi", r"\ifx", r"\let", r"\relax"))
    word = rng.choice((word, word, r"\csname", r"\endcsname", r"\begin", r"\DeclareFontShape"))
    end = rng.choice(("", "%", "%", "{%", "}%", "}", "{}"))
    arguments = "".join(
        rng.choice(("#1", "#2", "{#1}", "!", "{}", "=", "*")) for _ in range(rng.randint(0, 3))
    )
    match rng.randrange(7):
        case 0:
            return word + end
        case 1:
            return word + name() + arguments + end
        case 2:
            return rng.choice(("}", "{", "}{", "}%", "#1#2%"))
        case 3:
            return f"{word}{{{writer.identifier()}}}{{{rng.choice(('m', 'b', 'bx', 'n'))}}}{end}"
        case 4:
            font = f"{rng.choice('cets')}{writer.identifier()[:4]}{rng.randint(500, 2000)}"
            return f"<{rng.randint(5, 17)}-{rng.randint(8, 25)}> {font}"
        case 5:
            return f"{name()} {arguments}{end}"
        case _:
            return f"{name()}{{{writer.identifier()}}}{end}"


def _session_line(writer: Writer) -> str:
    """A line typed at an interpreter, or its answer."""
    rng, name = writer.rng, writer.identifier
    prompt = rng.choice(("> ", "> ", "$ ", ">>> ", "% ", "", "# "))
    match rng.randrange(5):
        case 0:
            return f"{prompt}{name()} <- {name()}({name()}, {rng.randint(0, 999)})"
        case 1:
            return f'{prompt}{name()}({name()}={rng.randint(0, 20)}, {name()}="{name()}")'
        case 2:
            return f"[{rng.randint(1, 40)}] " + "  ".join(
                f"{rng.uniform(-9, 99):.{rng.randint(0, 4)}f}" for _ in range(5)
            )
        case 3:
            return f"{prompt}{name()} {name()} {name()}"
        case _:
            return f"{prompt}{name()} = {name()}  {rng.choice('#%')} {writer.plain(4, 20)}"


def _statement(writer: Writer) -> str:  # noqa: PLR0911
    """A line of a program in a C-like or Python-like language."""
    rng, name = writer.rng, writer.identifier
    match rng.randrange(8):
        case 0:
            return f"{rng.choice(('int', 'char *', 'double', 'static void', 'SEXP'))} {name()};"
        case 1:
            return f"if ({name()} {rng.choice(('==', '<', '!=', '>='))} {rng.randint(0, 99)}) {{"
        case 2:
            return rng.choice(("}", "{", "};", "else", "return 0;", "} else {", "endif"))
        case 3:
            return f"{name()} = {name()}[{rng.randint(0, 99)}] {rng.choice('+-*/')} {name()};"
        case 4:
            return f"{rng.choice(('/*', '//', '#', '!!', '--', '%%'))} {writer.plain(8, 40)}"
        case 5:
            return f"for {name()} in {name()}({name()}):"
        case 6:
            return f'{name()}({name()}, "{writer.plain(3, 15)}", {rng.randint(0, 4096)});'
        case _:
            return f"#{rng.choice(('define', 'include', 'ifdef', 'undef'))} {name()}"


def _row_of_numbers(writer: Writer) -> str:
    rng = writer.rng
    cells = [
        writer.identifier()[:8],
        *(f"{rng.randint(0, 99999)}" for _ in range(rng.randint(3, 7))),
    ]
    return " ".join(cell.rjust(6) for cell in cells)


def _mono(text: str) -> str:
    return f"#text(font: mono)[{literal(text)}]" if text else ""
