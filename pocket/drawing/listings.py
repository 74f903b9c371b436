"""What is set in columns of one width: comments, assembler, dumps, trees, tables, help, memos."""

import textwrap
from collections.abc import Callable
from string import hexdigits

from pocket import entries
from pocket.drawing.coloured import boxed, painted
from pocket.drawing.press import literal
from pocket.drawing.programs import code_lines, fenced
from pocket.drawing.writing import Piece, Writer, raw_block


def columned(writer: Writer) -> Piece:
    """Lines in columns of one kind, bare, in colours, in a frame or on dark ground."""
    rng = writer.rng
    make = rng.choice(_KINDS)
    lines = [line[: max(12, writer.code_letters - 2)].rstrip() for line in make(writer)]
    if writer.chance(0.5):
        body = f"#pad(left: {rng.choice((0, 0, 1, 2))}em)[{raw_block(lines)}]"
    else:
        dark = writer.chance(0.3)
        body = boxed(writer, painted(writer, lines, dark), dark)
    markup = f"#block(above: 1em, below: 1em, width: 100%)[{body}]"
    return Piece(markup, fenced([line for line in lines if line.strip()]))


def options(writer: Writer) -> Piece:
    """A program's options in one column, what they do in another, one after the other."""
    rng = writer.rng
    joint, bold = rng.choice(("|", ", ", " ", ", ")), writer.chance(0.3)
    rows, shown = [], []
    for _ in range(rng.randint(3, 16)):
        name = _option(writer, joint)[: int(writer.letters * 0.32)].strip()
        value = _value(writer) if writer.chance(0.4) else ""
        what = writer.plain(6, rng.choice((24, 60, 120)))
        look = f"#strong[{literal(name)}]" if bold else literal(name)
        slant = f"#emph[{literal(' ' + value)}]" if value else ""
        rows.append(f"[#text(font: mono, 0.92em)[{look}{slant}]], [{literal(what)}]")
        shown.append(f"{name} {value}".strip() + f" {what}")
    share = rng.choice(("auto", "42%", "auto"))
    gaps = f"column-gutter: {rng.uniform(0.8, 2):.1f}em, row-gutter: {rng.uniform(0.5, 0.9):.2f}em"
    grid = f"#grid(columns: ({share}, 1fr), {gaps}, {', '.join(rows)})"
    return Piece(f"#block(width: 100%)[{grid}]", "\n".join(shown))


def man_page(writer: Writer) -> list[Piece]:
    """A page of a Unix manual, in the type of the page, with its usual headings."""
    rng = writer.rng
    name = writer.identifier().strip('\\-<>"()')[:14] or "cat"
    title = f"{name.upper() if writer.chance(0.6) else name}({rng.randint(1, 8)})"
    middle = rng.choice(("User Commands", "General Commands Manual", "System Manager's Manual"))
    head = f"{literal(title)} #h(1fr) {literal(middle)} #h(1fr) {literal(title)}"
    pieces = [Piece(f"#block(width: 100%, below: 1.6em)[{head}]", f"{title} {middle} {title}")]
    pieces += [_section("NAME"), _inset(writer, f"{name} - {writer.plain(10, 60)}")]
    pieces += [_section("SYNOPSIS"), _synopsis(writer, name), _section("DESCRIPTION")]
    pieces += [_inset(writer, writer.plain(60, 400) + ".") for _ in range(rng.randint(1, 3))]
    pieces.append(_section(rng.choice(("OPTIONS", "OPTIONS", "COMMANDS"))))
    for _ in range(rng.randint(2, 14)):
        pieces.append(_described(writer))
    for head in rng.sample(("FILES", "ENVIRONMENT", "EXIT STATUS", "BUGS", "NOTES"), 2):
        pieces += [_section(head), _inset(writer, writer.plain(20, 250) + ".")]
    return [*pieces, _section("SEE ALSO"), _inset(writer, f"{writer.identifier()}(1), {title}")]


def memo(writer: Writer) -> list[Piece]:
    """A page typed in one width from its head to its foot, as standards on the net are."""
    rng = writer.rng
    wide = min(writer.code_letters, 72)
    lines = _three(wide, entries.surname(rng), entries.date(rng), f"[Page {rng.randint(1, 90)}]")
    for _ in range(rng.randint(2, 6)):
        number = f"{rng.randint(1, 12)}.{rng.choice(('', f'{rng.randint(1, 9)}.'))}"
        lines += ["", f"{number}  {writer.plain(6, 40).capitalize()}", ""]
        for _ in range(rng.randint(1, 2)):
            inset = " " * rng.choice((3, 3, 6))
            text = writer.plain(60, 360) + "."
            lines += [*textwrap.wrap(text, wide, initial_indent=inset, subsequent_indent=inset), ""]
        if writer.chance(0.4):
            inset = " " * rng.randint(2, 8)
            drawn = rng.choice((_fields, _table, _table, _tree))(writer)
            lines += [(inset + line)[:wide] for line in drawn] + [""]
    lines = [line.rstrip() for line in lines[: rng.choice((20, 30, 38, 42))]]
    return [Piece(raw_block(lines), fenced([line for line in lines if line.strip()]))]


def _three(wide: int, *parts: str) -> list[str]:
    left, middle, right = (part[: wide // 3 - 1] for part in parts)
    gap = wide - len(left) - len(right)
    return [left + middle.center(gap) + right]


def _section(name: str) -> Piece:
    inner = f"#text(font: heads)[#strong[{literal(name)}]]"
    return Piece(f"#block(above: 1.3em, below: 0.5em, sticky: true)[{inner}]", f"## {name}")


def _inset(writer: Writer, text: str) -> Piece:
    return Piece(f"#pad(left: {writer.size * 2.5:.0f}pt)[{literal(text)}]", text)


def _synopsis(writer: Writer, name: str) -> Piece:
    """The command in bold, its options in brackets, its arguments in italics."""
    rng = writer.rng
    markup, text = [f"#strong[{literal(name)}]"], [name]
    for _ in range(rng.randint(1, 7)):
        option, value = _option(writer, "|"), _value(writer)
        look = f"{literal('[')}#strong[{literal(option)}]"
        if writer.chance(0.5):
            markup.append(f"{look}{literal(' ')}#emph[{literal(value)}]{literal(']')}")
            text.append(f"[{option} {value}]")
        else:
            markup.append(f"{look}{literal(']')}")
            text.append(f"[{option}]")
    inner = literal(" ").join(markup)
    return Piece(f"#pad(left: {writer.size * 2.5:.0f}pt)[{inner}]", " ".join(text))


def _described(writer: Writer) -> Piece:
    """An option with its value, and below it what it does."""
    option, value = _option(writer, ", "), _value(writer) if writer.chance(0.5) else ""
    body = writer.prose(writer.rng.choice((30, 90, 200)))
    head = f"#strong[{literal(option)}]" + (f"#emph[{literal(' ' + value)}]" if value else "")
    below = f"#pad(left: 2em)[{body.markup}]"
    inner = f"#block(below: 0.5em, sticky: true)[{head}]\n{below}"
    shown = f"{option} {value}".strip()
    return Piece(f"#pad(left: {writer.size * 2.5:.0f}pt)[{inner}]", f"{shown}\n{body.text}")


def _option(writer: Writer, joint: str) -> str:
    rng = writer.rng
    words = [writer.identifier().strip('\\-<>"()') for _ in range(rng.choice((1, 1, 2)))]
    long = "--" + "-".join(words).lower()[:18]
    short = f"-{rng.choice('abcdefghilmnopqrstuvxyABCDEFGILOSTVX1')}"
    return rng.choice((long, short, f"{short}{joint}{long}", f"{long}{joint}{short}"))


def _value(writer: Writer) -> str:
    rng = writer.rng
    word = rng.choice(("FILE", "n", "N", "DIR", "TEXT", "INTEGER", "path", "name", "count", "=x"))
    return rng.choice((word, f"<{word.lower()}>", f"[{word}]", writer.identifier()[:10]))


def _commented(writer: Writer) -> list[str]:
    """Code with its comments in a column of their own."""
    rng = writer.rng
    at, sign = rng.randint(18, max(20, writer.code_letters // 2)), rng.choice(("#", "//", ";", "%"))
    out = []
    for line in code_lines(writer, rng.choice((4, 8, 14, 24))):
        code = line[: at - 2].ljust(at)
        out.append(code + f"{sign} {writer.plain(4, 34)}" if writer.chance(0.75) else code)
    return out


def _assembler(writer: Writer) -> list[str]:
    """Addresses and bytes at times, a label, the operation, its operands, comments."""
    rng = writer.rng
    listed, at = writer.chance(0.5), rng.randint(0, 0xFFFF)
    registers = rng.choice(
        (("eax", "ebx", "rcx", "rsp"), ("r0", "r1", "r12", "lr"), ("A", "X", "Y"))
    )
    operations = "mov add sub push pop jmp jne cmp ldr str bl xor lea nop lda sta call ret".split()
    out = []
    for _ in range(rng.choice((6, 12, 20, 30))):
        count = rng.randint(1, 4)
        code = " ".join(f"{rng.randint(0, 255):02x}" for _ in range(count))
        before = f"{at:04x}  {code:<12}" if listed else ""
        label = (writer.identifier()[:7] + ":") if writer.chance(0.15) else ""
        made = (rng.choice(registers), f"#{rng.randint(0, 255)}", f"0x{rng.randint(0, 0xFFF):x}")
        operands = ", ".join(rng.choice((*made, f"[{made[0]}+{count}]")) for _ in range(2))
        note = f"; {writer.plain(4, 22)}" if writer.chance(0.3) else ""
        out.append(f"{before}{label:<9}{rng.choice(operations):<6}{operands:<16}{note}")
        at += count
    return out


def _dump(writer: Writer) -> list[str]:
    """Bytes in hexadecimal, before them their address, behind them what they spell."""
    rng = writer.rng
    wide, at, cased = (
        rng.choice((8, 16, 16)),
        rng.randint(0, 4000) * 16,
        rng.choice((str, str.upper)),
    )
    text = rng.choice(writer.source.paragraphs).encode()
    out = []
    for row in range(rng.choice((3, 6, 12, 20))):
        data = text[row * wide : (row + 1) * wide] or rng.randbytes(wide)
        if writer.chance(0.3):
            data = rng.randbytes(wide)
        spelt = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)
        code = " ".join(f"{byte:02x}" for byte in data).ljust(wide * 3)
        out.append(cased(f"{at + row * wide:08x}") + f"  {cased(code)} |{spelt}|")
    return out


def _tree(writer: Writer) -> list[str]:
    """Folders and files, branching, in plain signs."""
    rng = writer.rng
    branch, last = rng.choice((("|-- ", "`-- "), ("+-- ", "+-- "), ("|__ ", "|__ ")))
    trunk = branch[0].ljust(4)
    out, depth = [writer.identifier().strip('\\-<>"()') + "/"], 0
    count = rng.choice((4, 8, 14, 24))
    for number in range(count):
        ending = rng.choice((".c", ".h", ".txt", "", "/", ".py", ".conf"))
        name = writer.identifier().strip('\\-<>"()')[:16] + ending
        out.append(trunk * depth + (last if number == count - 1 else branch) + name)
        depth = min(4, depth + 1) if ending == "/" else max(0, depth - rng.choice((0, 0, 0, 1, 2)))
    return out


def _table(writer: Writer) -> list[str]:
    """A table drawn with dashes, plus signs and bars, or with dashes alone."""
    rng = writer.rng
    count = rng.randint(2, min(5, max(2, writer.code_letters // 14)))
    widths = [rng.randint(5, 15) for _ in range(count)]
    closed = writer.chance(0.6)
    edge, bar, cross = ("|", " | ", "-+-") if closed else ("", rng.choice(("  ", " | ")), "--")
    rule = cross.join("-" * width for width in widths)
    rule = f"+-{rule}-+" if closed else rule
    out = [rule] if closed else []
    for number in range(rng.randint(2, 10) + 1):
        made = [_word(writer, width).ljust(width) for width in widths]
        out.append(f"{edge} {bar.join(made)} {edge}" if closed else bar.join(made))
        if number == 0 or (closed and writer.chance(0.1)):
            out.append(rule)
    return [*out, rule] if closed else out


def _word(writer: Writer, width: int) -> str:
    rng = writer.rng
    made = (writer.plain(2, width), writer.identifier(), str(rng.randint(0, 9999)))
    return rng.choice((*made, entries.unguessable(rng)))[:width].strip()


def _fields(writer: Writer) -> list[str]:
    """A packet's bits: their numbers, and the fields between rows of dashes and plus signs."""
    rng = writer.rng
    bits = (
        rng.choice((16, 32)) if writer.code_letters > 68 else 8 * (writer.code_letters // 24 or 1)
    )
    tens = " " + "".join((str(n // 10) if n % 10 == 0 else " ") + " " for n in range(bits))
    out = [tens, " " + " ".join(str(n % 10) for n in range(bits))]
    rule = f"+{rng.choice('-=')}" * bits + "+"
    for _ in range(rng.randint(1, 5)):
        cuts = sorted(rng.sample(range(4, bits, 4), rng.randint(0, min(2, bits // 8))))
        spans = [end - start for start, end in zip([0, *cuts], [*cuts, bits], strict=True)]
        named = [writer.plain(2, 14)[: 2 * n - 1].strip().center(2 * n - 1) for n in spans]
        out += [rule, "|" + "|".join(named) + "|"]
    return [*out, rule]


def _help(writer: Writer) -> list[str]:
    """What a program says about itself: its use, and options in columns with their meaning."""
    rng = writer.rng
    at, inset = rng.randint(18, 32), " " * rng.choice((1, 2, 2, 4))
    wide = max(at + 12, writer.code_letters - 2)
    name = writer.identifier().strip('\\-<>"()')
    out = [f"{rng.choice(('usage:', 'Usage:'))} {name} [options] {_value(writer)}"]
    for _ in range(rng.choice((1, 1, 2, 3))):
        out += ["", writer.plain(4, 20).capitalize() + ":"]
        for _ in range(rng.randint(2, 9)):
            head = f"{inset}{_option(writer, ', ')} {_value(writer)}".rstrip()
            text = textwrap.wrap(writer.plain(8, rng.choice((30, 90))), wide - at)
            first = head.ljust(at) + text[0] if len(head) < at - 1 else head
            out.append(first)
            rest = text[1:] if len(head) < at - 1 else text
            out += [" " * at + line for line in rest]
    return out


def _log(writer: Writer) -> list[str]:
    """A listing of files or a log, with sums, dates and names in columns."""
    rng = writer.rng
    out = []
    for _ in range(rng.choice((4, 8, 16))):
        mode = "".join(rng.choice((c, "-")) for c in "drwxrwxrwx")
        day = f"{rng.choice(('Jan', 'Feb', 'May', 'Aug', 'Oct'))} {rng.randint(1, 28):2d}"
        key = "".join(rng.choices(hexdigits[:16], k=8))
        start = rng.choice(
            (f"{mode} {rng.randint(1, 9)} root", f"{key}", f"[{rng.randint(0, 9999)}]")
        )
        clock = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"
        out.append(f"{start} {rng.randint(0, 99999):6d} {day} {clock} {writer.identifier()}")
    return out


_KINDS: tuple[Callable[[Writer], list[str]], ...] = (
    _commented,
    _commented,
    _assembler,
    _dump,
    _tree,
    _table,
    _table,
    _fields,
    _help,
    _help,
    _log,
)
