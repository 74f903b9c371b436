"""Letters, invoices, statements, receipts and forms, with names and numbers nobody can guess."""

from collections.abc import Sequence
from dataclasses import replace

from pocket import entries
from pocket.drawing import phrases
from pocket.drawing.press import literal
from pocket.drawing.tabular import Cell, arranged, html_of
from pocket.drawing.writing import Piece, Writer, together


def letter(writer: Writer) -> list[Piece]:
    """A business or private letter, from its head to the signature."""
    rng = writer.rng
    sender = [entries.company(rng), entries.street(rng), entries.town(rng)]
    if writer.chance(0.4):
        sender.append(rng.choice((entries.telephone, entries.mail))(rng))
    name, place = entries.person(rng), [entries.street(rng), entries.town(rng)]
    receiver = [name, *([entries.company(rng)] if writer.chance(0.4) else []), *place]
    date = entries.date(rng)
    head = _lines(sender, rng.choice(("left", "left", "right", "center")), writer.chance(0.2))
    pieces = [head, _lines([date], rng.choice(("left", "left", "right"))), _lines(receiver)]
    if writer.chance(0.3):
        pieces[0:3] = [head, pieces[2], pieces[1]]
    if writer.chance(0.35):
        subject = (
            f"{rng.choice(('Re:', 'Subject:', 'Your ref.:', 'Concerning'))} {_subject(writer)}"
        )
        pieces.append(Piece(f"#strong[{literal(subject)}]", subject))
    title = rng.choice(("Mr", "Mrs", "Ms", "Dr", "Professor"))
    dear = rng.choice((f"Dear {title} {name.split()[-1]},", f"Dear {name},", "Dear Sir or Madam,"))
    pieces.append(Piece(literal(dear), dear))
    for number in range(rng.randint(1, 5)):
        pieces.append(_paragraph(writer, first=number == 0))
    closing, signed = rng.choice(phrases.CLOSINGS), [entries.person(rng)]
    signed += [rng.choice(phrases.TITLES)] if writer.chance(0.6) else []
    pieces += [Piece(literal(closing), closing), _lines(signed)]
    if writer.chance(0.2):
        note = f"{rng.choice(('Encl.:', 'Enclosures:', 'cc:'))} {_subject(writer)}"
        pieces.append(Piece(literal(note), note))
    return pieces


def invoice(writer: Writer) -> list[Piece]:
    """An invoice, order or quotation: who, for whom, a table of items, the sums."""
    rng = writer.rng
    kind = rng.choice(("Invoice", "Invoice", "INVOICE", "Order", "Quotation", "Delivery note"))
    heading = f"{kind} {entries.part_number(rng) if writer.chance(0.7) else ''}".strip()
    title = Piece(
        f"#block(below: 1em)[#text({rng.uniform(1.3, 2):.2f}em)[#strong[{literal(heading)}]]]",
        f"# {heading}",
    )
    seller = _lines([entries.company(rng), entries.street(rng), entries.town(rng)])
    buyer = [entries.person(rng), entries.street(rng), entries.town(rng)]
    if writer.chance(0.5):
        buyer.insert(0, rng.choice(("Bill to:", "Ship to:", "To", "Customer")))
    blocks = [seller, _lines(buyer), _details(writer)]
    if writer.chance(0.35):
        blocks[:2] = [_beside(*blocks[:2])]
    elif writer.chance(0.3):
        blocks[1:] = [_beside(*blocks[1:])]
    pieces = [title, *blocks] if writer.chance(0.7) else [seller, title, *blocks[1:]]
    pieces += _items(writer)
    for _ in range(rng.randint(0, 3)):
        text = _filled(writer, rng.choice(phrases.SENTENCES))
        pieces.append(Piece(literal(text), text))
    if writer.chance(0.4):
        pieces.append(_details(writer))
    return pieces


def statement(writer: Writer) -> list[Piece]:
    """An account with dates, texts and sums, many of its cells empty; or a price list."""
    rng = writer.rng
    heading = rng.choice(
        ("Statement of account", "Account", "Price list", "Transactions", "Ledger")
    )
    heading += f" {entries.part_number(rng)}" if writer.chance(0.5) else ""
    pieces = [Piece(f"#text(1.4em)[#strong[{literal(heading)}]]", f"# {heading}")]
    pieces += [_details(writer)] if writer.chance(0.6) else []
    kinds = ["code", "word", "number", "number", "number", "number"][: rng.randint(4, 6)]
    names = "Date;Details;Debit;Credit;Balance;Rate".split(";")
    rows = [[Cell(name, head=True) for name in names[: len(kinds)]]]
    style = rng.choice(("{:,.2f}", "{:.2f}", "{:.0f}", "{:,.0f}", "{:.3f}"))
    empty = rng.choice((0.1, 0.3, 0.5))
    for _ in range(rng.choice((4, 8, 12, 20, 30))):
        day = entries.date(rng)[:10].strip(", ")
        cells = [Cell(day), Cell(_item(writer)[: max(8, writer.letters // 3)].strip())]
        for _ in kinds[2:]:
            number = style.format(rng.uniform(0, 10 ** rng.randint(1, 5)))
            cells.append(Cell("" if rng.random() < empty else number))
        rows.append(cells)
    return [*pieces, Piece(arranged(writer, ["word", *kinds[1:]], rows), html_of(rows))]


def receipt(writer: Writer) -> list[Piece]:
    """A till's slip: the shop, what was bought, sums, card and time."""
    rng = writer.rng
    cased = rng.choice((str.upper, str.upper, str))
    head = [cased(entries.company(rng)), entries.street(rng), entries.telephone(rng)]
    rows = []
    for _ in range(rng.randint(2, 16)):
        count = rng.choice(("", "", f"{rng.randint(2, 9)} x "))
        rows.append((count + cased(_item(writer))[:18].strip(), entries.amount(rng, 90)))
    rows.append((rng.choice(("TOTAL", "Total", "SUBTOTAL", "Sum")), entries.amount(rng, 400)))
    rows.append((rng.choice(("VISA", "Cash", "CHANGE", "VAT 20%")), entries.amount(rng, 90)))
    foot = [f"{entries.date(rng)} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"]
    foot += [
        rng.choice(("Thank you", "THANK YOU FOR SHOPPING", "Auth. " + entries.part_number(rng)))
    ]
    top, end = (" \\ ".join(map(literal, lines)) for lines in (head, foot))
    cells = ",".join(f"[{literal(name)}], [{literal(price)}]" for name, price in rows)
    grid = f"#grid(columns: (1fr, auto), row-gutter: {rng.uniform(0.4, 0.8):.2f}em, {cells})"
    width = min(writer.measure, rng.uniform(17, 28) * writer.size)
    face = "#set text(font: mono)\n" if writer.chance(0.7) else ""
    slip = together(
        Piece(f"#align(center)[{top}]", "\n".join(head)),
        Piece(grid, "\n".join(f"{name} {price}" for name, price in rows)),
        Piece(f"#align(center)[{end}]", "\n".join(foot)),
    )
    inner = f"#set align(left)\n{face}{slip.markup}"
    return [replace(slip, markup=f"#align(center, box(width: {width:.0f}pt)[{inner}])")]


def form(writer: Writer) -> list[Piece]:
    """A form that somebody filled in: labels and values in lines, or in a ruled table."""
    rng = writer.rng
    heading = rng.choice(("Application", "Registration", "Claim", "Booking", "Record")) + " "
    heading += rng.choice(("form", entries.part_number(rng), "for membership", entries.date(rng)))
    pieces = [Piece(f"#text(1.3em)[#strong[{literal(heading)}]]", f"# {heading}")]
    for _ in range(rng.randint(1, 3)):
        if writer.chance(0.45):
            rows = []
            for label in rng.sample(phrases.FIELDS, rng.randint(2, 9)):
                value = "" if writer.chance(0.12) else _value(writer)
                rows.append([Cell(label, head=writer.chance(0.5)), Cell(value)])
            pieces.append(Piece(arranged(writer, ["word", "word"], rows), html_of(rows)))
        else:
            pieces.append(_details(writer, phrases.FIELDS))
        if writer.chance(0.5):
            pieces.append(_paragraph(writer, first=False))
    return pieces


def _items(writer: Writer) -> list[Piece]:
    """The table of what is sold, and the sums in its last rows or in lines below it."""
    rng = writer.rng
    names = ["Item", "Quantity", "Unit price", "Amount"]
    other = [["Description", "Qty", "Price", "Total"], ["No.", "Product", "Qty", "Price", "Amount"]]
    names = rng.choice((names, *other, ["Code", "Description", "Hours", "Rate", "VAT", "Sum"]))
    kinds = ["word" if name in {"Item", "Description", "Product"} else "number" for name in names]
    if kinds[0] == "number":
        kinds[0] = "code"
    sign = rng.choice(("", "", "$", "$", "€ ", "£"))
    rows, whole = [[Cell(name, head=True) for name in names]], 0.0
    for number in range(1, rng.choice((3, 5, 8, 14)) + 1):
        count, price = (
            rng.choice((1, 1, 2, rng.randint(1, 500))),
            rng.uniform(0.05, 10 ** rng.choice((1, 2, 3))),
        )
        whole += count * price
        cells = []
        for name, kind in zip(names, kinds, strict=True):
            values = {"No.": str(number), "Code": entries.part_number(rng).replace(" ", "")}
            values |= {"VAT": rng.choice(("20%", "7 %", "0%", "19 %"))}
            text = values.get(name, _item(writer) if kind == "word" else "")
            if not text:
                text = str(count) if name in {"Quantity", "Qty", "Hours"} else ""
            is_sum = name in {"Amount", "Total", "Sum"} and kind == "number"
            cells.append(Cell(text or f"{sign}{count * price if is_sum else price:,.2f}"))
        rows.append(cells)
    rate = rng.choice((5, 7, 19, 20, 21, 25))
    sums = [
        (rng.choice(("Subtotal", "Total before tax", "Net")), whole),
        (rng.choice((f"VAT {rate}%", f"Tax at {rate} %", f"MwSt {rate} %")), whole * rate / 100),
        (rng.choice(("Total", "Total due", "Amount due")), whole * (1 + rate / 100)),
    ]
    sums = sums[rng.choice((0, 0, 2)) :]
    if writer.chance(0.4):
        for label, value in sums:
            first = Cell(label, columns=len(names) - 1) if writer.chance(0.5) else None
            empty = [Cell("")] * (len(names) - 2)
            rows.append(
                [*([first] if first else [*empty, Cell(label)]), Cell(f"{sign}{value:,.2f}")]
            )
        return [Piece(arranged(writer, kinds, rows), html_of(rows))]
    shown = [f"{label}{rng.choice((':', ''))} {sign}{value:,.2f}" for label, value in sums]
    side = rng.choice(("left", "right", "right"))
    return [Piece(arranged(writer, kinds, rows), html_of(rows)), _lines(shown, side)]


def _item(writer: Writer) -> str:
    rng = writer.rng
    if writer.chance(0.15):
        return rng.choice(phrases.SERVICES)
    if writer.chance(0.15):
        return writer.plain(4, 24).capitalize()
    name = f"{entries.made_up(rng)} {rng.choice(phrases.GOODS)}" if writer.chance(0.3) else ""
    name = (name or rng.choice(phrases.GOODS)).capitalize()
    made = rng.choice((entries.part_number, entries.part_number, entries.measure))
    kind = made(rng) if writer.chance(0.4) else rng.choice(phrases.KINDS)
    return name + rng.choice((", ", " ", " ")) + kind


def _details(writer: Writer, labels: Sequence[str] = phrases.DETAILS) -> Piece:
    """Labels with their values, in lines or in two columns."""
    rng = writer.rng
    mark, bold = rng.choice((":", ":", ":", "")), writer.chance(0.5)
    pairs = [
        (label + mark, _value(writer)) for label in rng.sample(list(labels), rng.randint(2, 8))
    ]
    look = lambda label: f"#strong[{literal(label)}]" if bold else literal(label)  # noqa: E731
    if writer.chance(0.5):
        markup = " \\ ".join(f"{look(label)}{literal(' ' + value)}" for label, value in pairs)
    else:
        cells = ",".join(f"[{look(label)}], [{literal(value)}]" for label, value in pairs)
        gap = f"column-gutter: {rng.uniform(0.8, 3):.1f}em, row-gutter: {rng.uniform(0.5, 1):.2f}em"
        markup = f"#grid(columns: 2, {gap}, {cells})"
    return Piece(f"#block[{markup}]", "\n".join(f"{label} {value}" for label, value in pairs))


def _value(writer: Writer) -> str:
    makers = (entries.date, entries.person, entries.part_number, entries.street, entries.town)
    more = (entries.amount, entries.telephone, entries.account, entries.company, entries.mail)
    more += (entries.measure,)
    return writer.rng.choice((*makers, *more, entries.surname))(writer.rng)


def _lines(lines: list[str], side: str = "left", first_bold: bool = False) -> Piece:
    """Lines that end where they end."""
    shown = [literal(line) for line in lines]
    if first_bold:
        shown[0] = f"#strong[{shown[0]}]"
    body = " \\ ".join(shown)
    return Piece(f"#block(width: 100%)[#set align({side})\n{body}]", "\n".join(lines))


def _beside(left: Piece, right: Piece) -> Piece:
    """Two blocks side by side, the left one said first."""
    both = together(left, right, between="], [")
    markup = f"#grid(columns: (1fr, 1fr), column-gutter: 1em, [{both.markup}])"
    return replace(both, markup=markup)


def _paragraph(writer: Writer, first: bool) -> Piece:
    """Sentences of letters, with the corpus's text among them."""
    rng = writer.rng
    said = [_filled(writer, rng.choice(phrases.OPENINGS))] if first else []
    for _ in range(rng.randint(1, 4)):
        made = _filled(writer, rng.choice(phrases.SENTENCES))
        said.append(made if writer.chance(0.45) else writer.plain(40, 220) + ".")
    text = " ".join(said)
    if not writer.chance(0.12):
        return Piece(literal(text), text)
    formula, (before, after) = writer.formula(), rng.choice(phrases.WITH_FORMULAS)
    markup = f"{literal(f'{text} {before} ')}{formula.markup}{literal(f' {after}')}"
    return Piece(markup, f"{text} {before} {formula.text} {after}")


def _subject(writer: Writer) -> str:
    rng = writer.rng
    return rng.choice((entries.part_number(rng), writer.plain(8, 40), entries.date(rng)))


def _filled(writer: Writer, pattern: str) -> str:
    """The sentence with its gaps filled, each on its own."""
    rng = writer.rng
    makers = {
        "date": entries.date,
        "part": entries.part_number,
        "person": entries.person,
        "company": entries.company,
        "amount": lambda rng: f"{rng.choice(('$', '€', '£', 'EUR '))}{entries.amount(rng)}",
        "account": entries.account,
        "measure": entries.measure,
        "town": entries.town,
        "street": entries.street,
        "phone": entries.telephone,
        "mail": entries.mail,
        "good": lambda rng: rng.choice(phrases.GOODS),
    }
    for name, make in makers.items():
        while f"{{{name}}}" in pattern:
            pattern = pattern.replace(f"{{{name}}}", make(rng), 1)
    return pattern
