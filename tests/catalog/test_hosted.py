import pytest

from lighton_ocr.catalog.hosted import services


def test_prices_are_per_page_or_per_token() -> None:
    by_name = {service.name: service for service in services()}
    assert by_name["Mistral OCR 4"].usd_per_1000(475) == by_name["Mistral OCR 4"].usd_per_1000(1)
    flash = by_name["Gemini 3.8 Flash"]
    assert flash.usd_per_1000(500) == pytest.approx(3.00)
    assert all(service.source and service.date for service in services())
