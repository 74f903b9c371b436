"""Tables, in HTML as LightOnOCR-2 writes them, and the label-and-value lines of forms."""

from dataclasses import dataclass

from PIL import ImageFont

from pocket.drawing.sheet import INK, Box, Sheet, Style, wrap
from pocket.entries import unguessable

_RULES = ("grid", "grid", "rows", "head", "head", "none")


@dataclass(frozen=True)
class Cell:
    """Text over `span` columns from `column` on; `head` cells are bold."""

    text: str
    column: int
    span: int = 1
    head: bool = False

    @property
    def html(self) -> str:
        tag = "th" if self.head else "td"
        attribute = f' colspan="{self.span}"' if self.span > 1 else ""
        text = self.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<{tag}{attribute}>{text}</{tag}>"


def table(sheet: Sheet, style: Style, box: Box) -> float | None:
    """A table of random words and numbers, with rules or none, at times with a caption."""
    rng = sheet.rng
    columns = rng.randint(2, 8 if box.width > 600 else 5 if box.width > 380 else 3)
    font, bold = sheet.font(style, "", rng.uniform(0.8, 1.0)), sheet.font(style, "b", 0.9)
    height = round(font.size * rng.uniform(1.25, 2.0))
    rows = min(rng.choice((2, 3, 4, 5, 6, 8, 10, 14, 20, 30)), int(box.room // height) - 1)
    if rows < 2 or box.width < 160:
        return None
    shares = [rng.uniform(0.6, 1.6) for _ in range(columns)]
    width = box.width * rng.choice((1, 1, 1, rng.uniform(0.5, 1)))
    edges = [box.x]
    for share in shares:
        edges.append(edges[-1] + width * share / sum(shares))
    numeric = [rng.random() < 0.55 for _ in range(columns)]
    numeric[0] = rng.random() < 0.15
    aligned_right = rng.random() < 0.5
    grid = [_row(sheet, number, edges, numeric, (font, bold)) for number in range(rows)]
    y = box.y
    _shade(sheet, edges, y, height, rows)
    for row in grid:
        for cell in row:
            face = bold if cell.head else font
            left, right = edges[cell.column], edges[cell.column + cell.span]
            length = face.getlength(cell.text)
            to_right = aligned_right and numeric[cell.column] and cell.span == 1
            x = (
                right - 4 - length
                if to_right
                else (left + right - length) / 2
                if cell.span > 1
                else left + 4
            )
            ink = (
                0 if sheet.image.getpixel((round(left) + 2, round(y) + 2)) == INK else INK
            )  # reversed type
            sheet.text(x, y + (height - font.size * 1.2) / 2, cell.text, face, ink)
        y += height
    _rule(sheet, edges, box.y, height, rows)
    html = "\n".join("<tr>" + "".join(cell.html for cell in row) + "</tr>" for row in grid)
    sheet.blocks.append(f"<table>\n{html}\n</table>")
    return y + 4


def _row(
    sheet: Sheet,
    number: int,
    edges: list[float],
    numeric: list[bool],
    fonts: tuple[ImageFont.FreeTypeFont, ImageFont.FreeTypeFont],
) -> list[Cell]:
    rng, cells, column = sheet.rng, [], 0
    spanning = number == 0 and len(edges) > 3 and rng.random() < 0.15
    while column < len(edges) - 1:
        span = rng.randint(1, min(3, len(edges) - 1 - column)) if spanning else 1
        head = number == 0
        if number and rng.random() < 0.05:
            text = ""
        elif number and numeric[column]:
            text = unguessable(rng)
        else:
            text = " ".join(sheet.source.words(rng, rng.randint(2, 22), noise=0.15))
        text = _fitted(text, fonts[head], edges[column + span] - edges[column] - 8)
        cells.append(Cell(text, column, span, head))
        column += span
    return cells


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """As many whole words as fit, or of the first word as many letters."""
    lines = wrap(text.split(), font, width)
    if lines:
        return " ".join(lines[0])
    while text and font.getlength(text) > width:
        text = text[:-1].rstrip()
    return text


def _shade(sheet: Sheet, edges: list[float], y: float, height: int, rows: int) -> None:
    rng = sheet.rng
    kind = rng.random()
    if kind < 0.08:  # a reversed head
        sheet.draw.rectangle([edges[0], y, edges[-1], y + height - 1], fill=INK)
    elif kind < 0.2:
        sheet.draw.rectangle([edges[0], y, edges[-1], y + height - 1], fill=rng.randint(20, 60))
    elif kind < 0.28:  # every other row
        for row in range(1, rows, 2):
            top = y + row * height
            sheet.draw.rectangle(
                [edges[0], top, edges[-1], top + height - 1], fill=rng.randint(12, 40)
            )


def _rule(sheet: Sheet, edges: list[float], y: float, height: int, rows: int) -> None:
    kind = sheet.rng.choice(_RULES)
    if kind == "none":
        return
    lines = range(rows + 1) if kind in {"grid", "rows"} else (0, 1, rows)
    for row in lines:
        sheet.rule(edges[0], y + row * height, edges[-1], y + row * height)
    for edge in edges if kind == "grid" else ():
        sheet.rule(edge, y, edge, y + rows * height)


def form(sheet: Sheet, style: Style, box: Box) -> float | None:
    """Labels with their values beside them, as on forms, receipts and invoices."""
    rng = sheet.rng
    font, bold = sheet.font(style), sheet.font(style, rng.choice(("b", "b", "")))
    line = round(style.line * rng.uniform(1, 1.5))
    where, to_right = rng.choice((0, 0, 0.3, 0.4, 0.5)), rng.random() < 0.35
    colon, ruled, boxed = rng.random() < 0.75, rng.random() < 0.2, rng.random() < 0.15
    y, shown = box.y, []
    for _ in range(rng.randint(2, 12)):
        if y + line > box.bottom:
            break
        label = " ".join(sheet.source.words(rng, rng.randint(3, 20))).rstrip(".,;:").capitalize()
        label += ":" if colon else ""
        value = (
            unguessable(rng)
            if rng.random() < 0.6
            else " ".join(sheet.source.words(rng, rng.randint(3, 30)))
        )
        room = box.width * (1 - (where or 0.5)) - style.size
        if (
            bold.getlength(label) > box.width * (where or 0.5) - style.size
            or font.getlength(value) > room
        ):
            continue
        x = box.x + (where * box.width or bold.getlength(label) + font.getlength(" "))
        if to_right:
            x = box.x + box.width - font.getlength(value) - 3
        sheet.text(box.x, y, label, bold)
        sheet.text(x, y, value, font)
        if ruled:
            sheet.rule(box.x, y + line - 2, box.x + box.width, y + line - 2)
        if boxed and not to_right:
            sheet.draw.rectangle([x - 3, y - 1, box.x + box.width, y + line - 3], outline=INK)
        shown.append(f"{label} {value}")
        y += line
    if not shown:
        return None
    sheet.blocks.append("\n".join(shown))
    return y
