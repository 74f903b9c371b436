"""What a reader cannot guess: names, addresses, dates, amounts, part numbers, misspelt words."""

import random
from collections.abc import Callable

_LOWER, _UPPER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_FIRST = (
    "Anna Thomas Maria Peter Ingrid Jean-Luc Olga Samuel Yusuf Chloé Björn Zoë Quentin Xavier "
    "Grace Wolfgang Kwame Fatima Hugh Íñigo Jürgen Nadia Ursula Victor Yvonne Émile Oskar Priya "
    "Gwen Tomás"
).split()
_LAST = (
    "Lindqvist Avery Okafor Marlow Quayle Xu Zhang Jönsson Müller Ferreira O'Brien MacGregor Novak "
    "Vogel Duquesne Fitzgerald Ito Kowalski Byrne Whyte Iqbal Gagné Hjort Queiroz Vaz Young Eyre "
    "Ólafsson Quigley Fyfe Yates Jarvis Wyatt Illingworth Lloyd Ullman Rijksen Bly Quinn Goytia"
).split()
_STARTS = (
    "B Br C Ch Cl D Dr F Fl G Gr H J K Kl L M N P Ph Pr Q Qu R Rh S Sc St T Th Tr V W Wh X Y Z "
    "Ad Al Ay El Er Ig Il Ir Ob Ol Ur Ym"
).split()
_MIDDLES = "a e i o u y ai ay ea ee ie oa oo ou uay ey ia io ui".split()
_ENDS = (
    "b ck d dge ff g gh k l ll ly m n nd ng nt p r rd rn rt ry s ss st t tt ve w x y z "
    "berg field ham ington ley mouth quay sen ski son ston ton vik ville worth"
).split()
_ROADS = (
    "Street Road Lane Quay Avenue Square Way Hill Court Drive Row Close Wharf Park Gate".split()
)
_TRADES = (
    "Paper Timber Marine Optical Foods Textiles Instruments Printing Logistics Plumbing Electric "
    "Furniture Archives Bakery Motors Chemicals Consulting Software Press Garden Fishing Glass"
).split()
_FORMS = "Ltd Ltd. Company GmbH Inc. LLC AG S.A. plc B.V. Co. Partners Group & Sons".split()
# Characters that look alike in print, and what a careless reader takes them for.
_ALIKE = (
    *("uy", "vy", "un", "ce", "ao", "il", "l1", "I1", "Il", "O0", "S5", "B8", "Z2", "G6", "QO"),
    *("gq", "hb", "rn", "ft", "tf", "ij", "vw", "sz", "g9", "5S", "7T", "1l", "0O", "8B", "6G"),
    *("2Z", "lt", "tl", "lI", "dc", "1i", "UV", "DO", "EF"),
)
# Units of which some could be digits.
_UNITS = "l l l ml cl dl g lg tg kg lb ll h ha m mm in ft oz V W A S O".split()

# Decimal commas, with points or spaces between the thousands, or nothing.
_POINTS = [str.maketrans(",.", f"{gap},") for gap in ". "] + [{44: None}]


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(_DIGITS, k=count))


def _letters(rng: random.Random, low: int, high: int) -> str:
    return "".join(rng.choices(_LOWER, k=rng.randint(low, high)))


def made_up(rng: random.Random) -> str:
    """A name of one to three syllables that nobody bears."""
    parts = [rng.choice(_STARTS) + rng.choice(_MIDDLES) for _ in range(rng.choice((1, 1, 2)))]
    return "".join([*parts, rng.choice(_ENDS)]).capitalize()


def surname(rng: random.Random) -> str:
    return rng.choice(_LAST) if rng.random() < 0.4 else made_up(rng)


def person(rng: random.Random) -> str:
    """A full name, or initials and a surname."""
    first = rng.choice(_FIRST) if rng.random() < 0.6 else made_up(rng)
    if rng.random() < 0.25:
        first = f"{rng.choice(_UPPER)}." + f" {rng.choice(_UPPER)}." * rng.randint(0, 1)
    return f"{first} {surname(rng)}"


def company(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.3:
        return f"{surname(rng)} & {surname(rng)} {rng.choice(_FORMS).replace('& Sons', 'Ltd')}"
    return f"{made_up(rng)} {rng.choice(_TRADES)} {rng.choice(_FORMS)}"


def street(rng: random.Random) -> str:
    number = f"{rng.randint(1, 400)}{rng.choice(('', '', '', 'a', 'B'))}"
    match rng.randrange(6):
        case 0:
            return f"{made_up(rng)}straße {number}"
        case 1:
            return f"{number} rue {rng.choice(('de', 'du', 'des'))} {made_up(rng)}"
        case 2:
            return f"P.O. Box {rng.randint(10, 99999)}"
        case _:
            return f"{number} {surname(rng)} {rng.choice(_ROADS)}"


def town(rng: random.Random) -> str:
    """A town, mostly with a postcode."""
    name = rng.choice(("", "", "Port ", "New ", "St. ", "Bad ")) + made_up(rng)
    match rng.randrange(5):
        case 0:
            return name
        case 1:
            return f"{rng.randint(1000, 99999)} {name}"
        case 2:
            return f"{name}, {''.join(rng.choices(_UPPER, k=2))} {_digits(rng, 5)}"
        case 3:
            code = f"{''.join(rng.choices(_UPPER, k=2))}{rng.randint(1, 20)} {rng.randint(1, 9)}"
            return f"{name} {code}{''.join(rng.choices(_UPPER, k=2))}"
        case _:
            return f"{name} {rng.randint(10000, 99999)}"


def date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1950, 2035)
    name = _MONTHS[month - 1]
    return rng.choice(
        (
            f"{day} {name} {year}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{day:02d}/{month:02d}/{year}",
            f"{year}-{month:02d}-{day:02d}",
            f"{day:02d}.{month:02d}.{year}",
            f"{day} {name[:3]} {year % 100:02d}",
            f"{name[:3]} {day}, {year}",
        )
    )


def amount(rng: random.Random, most: float = 0.0) -> str:
    """A sum of money without its currency, mostly as English papers write it."""
    english = f"{rng.uniform(0, most or 10 ** rng.randint(1, 6)):,.2f}"
    if rng.random() < 0.75:
        return english
    return english.translate(rng.choice(_POINTS))


def measure(rng: random.Random) -> str:
    """A number with its unit. Not all fonts have all of them."""
    number = rng.choice((str(rng.randint(1, 9999)), f"{rng.uniform(0, 100):.{rng.randint(1, 3)}f}"))
    unit = rng.choice(
        "m² m³ cm² km² ft² °C kWh mm kg lb oz g/m² l km/h MPa kW € % ½ GB m/s²".split()
    )
    return f"{number} {unit}"


def part_number(rng: random.Random) -> str:
    """Letters and digits side by side: BZ2-4410, QX/7781b, 9F0C.221, #4410-b."""
    if rng.random() < 0.2:
        return alike(rng)
    kinds = (_UPPER, _UPPER, _DIGITS, _DIGITS, _UPPER + _DIGITS, _LOWER, _UPPER + _LOWER + _DIGITS)
    runs = ["".join(rng.choices(rng.choice(kinds), k=rng.randint(1, 4))) for _ in range(4)]
    joint = rng.choice(("-", "-", "/", ".", "", "", " "))
    return "#" * (rng.random() < 0.06) + joint.join(runs[: rng.randint(2, 4)])


def alike(rng: random.Random) -> str:
    """Letters and digits that look alike, side by side: 1l5, O0-8B, 10 lg, S5(lI)."""
    kind = rng.random()
    if kind < 0.3:
        number = "".join(rng.choices("0115268", k=rng.randint(1, 3)))
        return f"{number}{rng.choice((' ', ' ', ''))}{rng.choice(_UNITS)}"
    if kind < 0.4:
        (left, right), inner = rng.choice(("()", "[]", "{}", "<>")), rng.choice(_ALIKE)
        return f"{rng.choice('fgxTlOI1')}{left}{inner}{right}"
    runs = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        signs = "".join(rng.sample(_ALIKE, 2)) + rng.choice(_DIGITS)
        runs.append("".join(rng.choices(signs, k=rng.randint(1, 5))))
    return rng.choice(("-", "-", "/", ".", "")).join(runs)


def telephone(rng: random.Random) -> str:
    return rng.choice(
        (
            f"({_digits(rng, 3)}) {_digits(rng, 3)}-{_digits(rng, 4)}",
            f"+{rng.randint(1, 99)} {_digits(rng, 3)} {_digits(rng, 3)} {_digits(rng, 2)}",
            f"0{_digits(rng, 3)} {_digits(rng, 6)}",
            f"+{rng.randint(1, 99)} ({_digits(rng, 2)}) {_digits(rng, 4)}-{_digits(rng, 4)}",
        )
    )


def mail(rng: random.Random) -> str:
    return f"{_letters(rng, 3, 9)}@{_letters(rng, 3, 8)}.{rng.choice(('com', 'org', 'fr', 'de'))}"


def account(rng: random.Random) -> str:
    """A bank account, a tax number or another long number in groups."""
    match rng.randrange(4):
        case 0:
            groups = [_digits(rng, 4) for _ in range(rng.randint(3, 5))]
            return f"{''.join(rng.choices(_UPPER, k=2))}{_digits(rng, 2)} {' '.join(groups)}"
        case 1:
            return f"{''.join(rng.choices(_UPPER, k=2))} {_digits(rng, 9)}"
        case 2:
            return "-".join(_digits(rng, rng.randint(2, 4)) for _ in range(3))
        case _:
            return _digits(rng, rng.randint(6, 12))


def misspelt(rng: random.Random, word: str) -> str:
    """The word with one letter wrong, so that only who looks can read it."""
    if not word:
        return word
    at = rng.randrange(len(word))
    alike = [pair[1] for pair in _ALIKE if pair[0] == word[at]]
    match rng.randrange(5):
        case 0 | 1 if alike:
            return word[:at] + rng.choice(alike) + word[at + 1 :]
        case 2 if len(word) > 3:
            return word[:at] + word[at + 1 :]
        case 3:
            return word[:at] + word[at].swapcase() + word[at + 1 :]
        case _:
            letters = _DIGITS if word[at].isdigit() else _LOWER if word[at].islower() else _UPPER
            return word[:at] + rng.choice(letters) + word[at + 1 :]


_MAKERS: tuple[Callable[[random.Random], str], ...] = (
    amount,
    lambda rng: str(rng.randint(0, 10 ** rng.randint(1, 7))),
    lambda rng: f"{rng.choice('$€£')}{amount(rng)}",
    lambda rng: f"{amount(rng)} {rng.choice(('€', 'EUR', 'USD', 'GBP', 'CHF', 'kr'))}",
    date,
    date,
    lambda rng: f"{rng.uniform(0, 100):.{rng.randint(0, 3)}f}{rng.choice(('%', ' %'))}",
    lambda rng: f"{rng.uniform(-2, 2):.{rng.randint(1, 4)}f}",
    part_number,
    part_number,
    alike,
    mail,
    lambda rng: (
        f"https://{_letters(rng, 3, 8)}.org/{_letters(rng, 3, 8)}/{_letters(rng, 3, 8)}.html"
    ),
    telephone,
    lambda rng: f"[{rng.randint(1, 99)}]",
    lambda rng: "".join(rng.choices(_UPPER + _LOWER + _DIGITS, k=rng.randint(3, 12))),
    lambda rng: f"{_letters(rng, 3, 8)}_{_letters(rng, 3, 8)}({_letters(rng, 3, 8)})",
    person,
    surname,
    street,
    town,
    account,
)


def unguessable(rng: random.Random) -> str:
    """An amount, date, share, part number, name, address, telephone number or citation."""
    return rng.choice(_MAKERS)(rng)
