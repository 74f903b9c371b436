import os

from lighton_ocr._cores import free_cores


def test_there_is_at_least_one_free_core() -> None:
    assert 1 <= free_cores() <= (os.cpu_count() or 1)
