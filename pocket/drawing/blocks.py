"""Blocks of running pages. Each draws itself at a box's top and gives the y below it, or None.

None means that nothing was drawn, for want of room. Transcripts go to `sheet.blocks`.
"""

from PIL import Image, ImageDraw

from pocket.drawing.sheet import INK, Box, Sheet, Style, joined, wrap
from pocket.entries import unguessable
from pocket.fonts import styled


def heading(sheet: Sheet, style: Style, box: Box) -> float | None:
    rng = sheet.rng
    level = rng.choice((1, 2, 2, 3))
    size = (
        style.size
        * {1: rng.uniform(1.5, 2.2), 2: rng.uniform(1.2, 1.5), 3: rng.uniform(1.0, 1.15)}[level]
    )
    font = styled(style.headings, rng, "b", size)
    title = " ".join(sheet.source.words(rng, rng.randint(6, 60))).rstrip(".,;:")
    if rng.random() < 0.4:
        title = (
            ".".join(str(rng.randint(1, 12)) for _ in range(level))
            + rng.choice(("", "."))
            + " "
            + title
        )
    lines = wrap(title.split(), font, box.width)[:3]
    if not lines or box.room < (len(lines) + 1) * size * 1.3:
        return None
    centred, y = rng.random() < 0.25, box.y
    for line in lines:
        text = " ".join(line)
        x = box.x + (box.width - font.getlength(text)) / 2 if centred else box.x
        sheet.text(x, y, text, font)
        y += size * 1.3
    sheet.blocks.append("#" * level + " " + joined(lines))
    return y


def paragraph(sheet: Sheet, style: Style, box: Box) -> float | None:
    """Running text, at times with a bold run-in head, emphasis, a repeated start, or all bold."""
    rng = sheet.rng
    room = int(box.room // style.line)
    if room < 1:
        return None
    most = min(room, rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 14, 20)))
    words = sheet.source.words(rng, max(3, int(box.width / (style.size * 0.46) * most)))
    if sheet.blocks and rng.random() < 0.06:
        # The same words twice on a page: the place must be found by looking, not by content.
        earlier = [b for b in sheet.blocks if not b.startswith(("<", "#", "!", "$", "`"))] or [""]
        words = rng.choice(earlier).split()[: rng.randint(3, 30)] + words
    font = sheet.font(style, "" if rng.random() < 0.93 else rng.choice(("b", "i")))
    other = sheet.font(style, rng.choice("bi"))
    run_in = rng.randint(1, 4) if rng.random() < 0.12 else 0
    emphasis = 0.12 if rng.random() < 0.12 else 0.0
    indent = style.indent if not run_in else 0
    lines = wrap(
        words, font, box.width - (3 if emphasis or run_in else 0), indent, style.hyphenated
    )[:most]
    y, done = box.y, 0
    for number, line in enumerate(lines):
        x, last = box.x + (indent if number == 0 else 0), number == len(lines) - 1
        looks = [
            other if done + i < run_in or rng.random() < emphasis else font
            for i in range(len(line))
        ]
        done += len(line)
        _line(
            sheet,
            line,
            looks,
            x,
            y,
            box.x + box.width - x if style.justified and not last else None,
        )
        y += style.line
    sheet.blocks.append(joined(lines).replace("\u00ad", "-"))
    return y


def _line(sheet, line, looks, x, y, width):  # type: ignore[no-untyped-def]
    """One line of words in their fonts, spread to `width` unless that is None."""
    shown = [word.replace("\u00ad", "-") for word in line]
    if width is None and len(set(map(id, looks))) == 1:
        sheet.text(x, y, " ".join(shown), looks[0])
        return
    lengths = [font.getlength(word) for word, font in zip(shown, looks, strict=True)]
    space = looks[0].getlength(" ")
    if width is not None and len(line) > 1:
        spread = (width - sum(lengths)) / (len(line) - 1)
        space = spread if 0.6 * space < spread < 4 * space else space
    for word, font, length in zip(shown, looks, lengths, strict=True):
        sheet.text(x, y, word, font)
        x += length + space


def listing(sheet: Sheet, style: Style, box: Box, depth: int = 0) -> float | None:
    """A bulleted or numbered list, at times with lists inside it."""
    rng = sheet.rng
    font, indent = sheet.font(style), style.size * rng.uniform(1.3, 2.2)
    numbered = rng.random() < 0.4
    mark, close = rng.choice("•-–•·"), rng.choice((".", ".", ")"))
    items: list[str] = []
    y = box.y
    for number in range(1, rng.randint(3, 8)):
        words = sheet.source.words(rng, rng.choice((12, 30, 60, 120)))
        lines = wrap(words, font, box.width - indent)
        if not lines or y + len(lines) * style.line > box.bottom:
            break
        shown = f"{number}{close}" if numbered else mark
        sheet.text(box.x, y, shown, font)
        for line in lines:
            sheet.text(box.x + indent, y, " ".join(line), font)
            y += style.line
        items.append("    " * depth + (shown if numbered else "-") + " " + joined(lines))
        inner = Box(box.x + indent, y, box.width - indent, box.bottom)
        if depth < 2 and rng.random() < 0.12 and box.width > 200:
            below = listing(sheet, style, inner, depth + 1)
            if below is not None:
                items.append(sheet.blocks.pop())
                y = below
    if not items:
        return None
    sheet.blocks.append("\n".join(items))
    return y


def short_lines(sheet: Sheet, style: Style, box: Box) -> float | None:
    """Lines that end where they end: addresses, authors, signatures."""
    rng = sheet.rng
    font, side = sheet.font(style, rng.choice(("", "", "b", "i"))), rng.choice((0.0, 0.0, 0.5, 1.0))
    y, shown = box.y, []
    for _ in range(rng.randint(1, 6)):
        words = sheet.source.words(rng, rng.randint(4, 36), noise=0.3)
        if rng.random() < 0.3:
            words = words[:3] + unguessable(rng).split()
        lines = wrap(words, font, box.width)[:1]
        if not lines or y + style.line > box.bottom:
            break
        text = " ".join(lines[0])
        sheet.text(box.x + side * (box.width - font.getlength(text)), y, text, font)
        shown.append(text)
        y += style.line
    if not shown:
        return None
    sheet.blocks.append("\n".join(shown))
    return y


def contents(sheet: Sheet, style: Style, box: Box) -> float | None:
    """Lines that dots lead to a page number."""
    rng = sheet.rng
    if box.width < 220:
        return None
    font, leader = sheet.font(style), rng.choice((".", ".", " .", " . ", ""))
    y, page, chapter, shown = box.y, rng.randint(1, 60), rng.randint(1, 9), []
    for number in range(rng.randint(3, 30)):
        if y + style.line > box.bottom:
            break
        page += rng.randint(0, 9)
        level = rng.choice((0, 0, 1, 1, 2))
        label = (f"{chapter} ", f"{chapter}.{number} ", f"{chapter}.{number}.{rng.randint(1, 9)} ")[
            level
        ]
        words = (
            (label if rng.random() < 0.7 else "")
            + " ".join(sheet.source.words(rng, rng.randint(5, 40)))
        ).split()
        x, end = box.x + level * style.size, box.x + box.width - font.getlength(str(page))
        lines = wrap(words, font, end - x - 3 * style.size)[:1]
        if not lines:
            continue
        text = " ".join(lines[0]).rstrip(".,;:")
        sheet.text(x, y, text, font)
        sheet.text(end, y, str(page), font)
        if leader:
            step, start = font.getlength(leader), x + font.getlength(text) + style.size * 0.4
            count = int((end - style.size * 0.3 - start) / step)
            sheet.text(end - style.size * 0.3 - count * step, y, leader * count, font)
        shown.append(f"{text} ... {page}")
        y += style.line
    if not shown:
        return None
    sheet.blocks.append("\n".join(shown))
    return y


def code(sheet: Sheet, style: Style, box: Box) -> float | None:
    """A monospaced listing, indented as programs are."""
    rng = sheet.rng
    font = styled(sheet.fonts.pick_monospaced(rng), rng, "", max(10.0, style.size * 0.88))
    line, y, depth, shown = round(font.size * 1.3), box.y + 3, 0, []
    for _ in range(rng.randint(2, 14)):
        if y + line > box.bottom:
            break
        words = [w.strip(".,;:") for w in sheet.source.words(rng, rng.randint(4, 44))][
            : rng.randint(1, 5)
        ]
        text = "    " * depth + rng.choice(("_", ".", " ", "(", " = ", ", ", "->", "::")).join(
            words
        )
        text += rng.choice(("", ";", ")", " {", ":", "();"))
        while font.getlength(text) > box.width:
            text = text[:-4]
        if not text.strip():
            continue
        sheet.text(box.x, y, text.rstrip(), font)
        shown.append(text.rstrip())
        y += line
        depth = max(0, min(3, depth + rng.choice((-1, 0, 0, 1))))
    if not shown:
        return None
    sheet.blocks.append("```\n" + "\n".join(shown) + "\n```")
    return y + 3


def figure(sheet: Sheet, style: Style, box: Box) -> float | None:
    """A picture of lines and shapes, at times with a caption below it."""
    rng = sheet.rng
    height, width = rng.randint(60, 300), int(box.width * rng.uniform(0.4, 1))
    if height + 2 * style.line > box.room or width < 60:
        return None
    x, y = box.x + rng.uniform(0, box.width - width), box.y
    picture = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(picture)
    if rng.random() < 0.4:
        noise = Image.effect_noise((max(2, width // 12), max(2, height // 12)), rng.uniform(20, 90))
        picture.paste(noise.resize((width, height), Image.Resampling.BICUBIC))
    for _ in range(rng.randint(3, 14)):
        (x0, x1), (y0, y1) = (sorted(rng.choices(range(size), k=2)) for size in (width, height))
        shade = rng.randint(60, INK)
        match rng.randrange(4):
            case 0:
                draw.line(
                    [(x0, y0 if rng.random() < 0.5 else y1), (x1, y1)],
                    fill=shade,
                    width=rng.randint(1, 3),
                )
            case 1:
                draw.ellipse([x0, y0, x1, y1], outline=shade)
            case 2:
                draw.rectangle([x0, y0, x1, y1], fill=shade // 2)
            case _:
                draw.arc([x0, y0, x1, y1], 0, rng.randint(90, 360), fill=shade)
    sheet.image.paste(picture, (round(x), round(y)))
    drawn = sum(block.startswith("![image]") for block in sheet.blocks)
    sheet.blocks.append(f"![image](image_{drawn + 1}.png)")
    y += height + 6
    if rng.random() < 0.6:
        label = rng.choice(("Figure", "Fig.", "Abbildung", "Figura"))
        caption = f"{label} {rng.randint(1, 30)}{rng.choice('.:')} "
        font = sheet.font(style, rng.choice(("", "i")), 0.9)
        lines = wrap(
            (caption + " ".join(sheet.source.words(rng, rng.randint(10, 140)))).split(),
            font,
            box.width,
        )
        lines = lines[: int((box.bottom - y) // style.line)]
        for line in lines:
            sheet.text(box.x, y, " ".join(line), font)
            y += style.line
        if lines:
            sheet.blocks.append(joined(lines))
    return y
