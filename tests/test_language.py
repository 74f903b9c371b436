import pytest

from lighton_ocr._language import find_language

TEXTS = {
    "en": "The museum is open from Tuesday to Sunday, and you are welcome at any time. Please "
    "ask for me at the front desk, which is not far from the gate, and bring this letter "
    "with you.",
    "fr": "Le musée est ouvert du mardi au dimanche et vous êtes les bienvenus. Nous vous "
    "prions de demander à l'accueil, qui est dans la cour, avec cette lettre pour les "
    "archives des bateaux.",
    "de": "Das Museum ist von Dienstag bis Sonntag geöffnet, und Sie sind jederzeit willkommen. "
    "Der Brief ist mit dem Boten gekommen und wird auf die Liste der Archive gesetzt, "
    "nicht vorher.",
    "es": "El museo está abierto de martes a domingo y los visitantes son bienvenidos. Esta "
    "carta es para el archivo de las fotos del puerto, con una lista por cada barco, pero "
    "no más de diez.",
    "it": "Il museo è aperto dal martedì alla domenica e gli ospiti sono i benvenuti. Questo "
    "elenco delle navi è per la direzione, con le fotografie che sono nel cassetto della "
    "scrivania.",
    "nl": "Het museum is open van dinsdag tot en met zondag en iedereen is welkom. Deze brief "
    "is voor het archief van de haven, met een lijst van schepen die niet in het boek "
    "staan.",
    "pt": "O museu está aberto de terça a domingo e os visitantes são bem-vindos. Esta carta é "
    "para o arquivo das fotografias do porto, com uma lista dos navios que não estão no "
    "livro, mas mais.",
    "sv": "Museet är öppet från tisdag till söndag och det är fritt inträde för den som är "
    "medlem. Brevet är till arkivet, med en lista av de båtar som inte är på bilden av "
    "hamnen.",
    "da": "Museet er åbent fra tirsdag til søndag, og det er gratis for den, der er medlem. "
    "Brevet er til arkivet, med en liste af de skibe, som ikke er på billedet, og det har "
    "et nummer.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_nine_languages_are_told_apart(code: str) -> None:
    assert find_language(TEXTS[code]) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Invoice 2026-0417",
        "int main(void) { return 0; }\n" * 20,
        "Muzeum jest otwarte. " * 20,
        TEXTS["en"] + TEXTS["de"],
    ],
)
def test_nothing_is_said_of_other_texts(text: str) -> None:
    assert find_language(text) is None
