"""Figures in sentences are those of the result files; generated tables have a test of their own."""

import json
from typing import Any

import pytest

from tests.support.markdown import ROOT


def result(name: str) -> Any:
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))


STUDY = result("gpu-study-h200-api-servers")["rows"]
CONTAINER, SCANS = STUDY["front-ends"], STUDY["front-ends+drafts-missing"]
STARTS = result("startup-h200-flashinfer")["rows"]
FORKED = result("startup-h200-forked")["rows"]
FP8 = result("gpu-study-h200-fp8")["rows"]
REPEATED = result("gpu-study-h200-repeated")["rows"]
REQUESTS = result("gpu-study-h200-requests")["rows"]
OCR_ON_GPU, OCR_DRAFTS = REQUESTS["drafts-ocr"], result("ocr-drafts")
SCANNED = OCR_DRAFTS["tokens"]["qwen"]["worn"]
KILLS = result("batch-kills")
SCALE = result("batch-scale")["sizes"][-1]
OWN_TEXT = result("own-text")
TRUE = OWN_TEXT["layers"]["true"]
OTHERS = {"any_letter": "any others", "look_alike": "similar ones"}
REVIEW = result("review")
REVIEW_BAD = REVIEW["bad_below_word_f1"]
SETTINGS = {run["setting"]: run for run in result("settings")["settings"]}
DRY, ONE_ATTEMPT = SETTINGS["second attempt with DRY"], SETTINGS["one attempt"]
MANUALS = [
    page
    for line in (ROOT / "benchmarks/results/pocket.jsonl").read_text("utf-8").splitlines()
    if (page := json.loads(line))["reader"] == "this model" and page["kind"] == "text"
]
SMALL_CARD = result("gpu-study-24gb")["rows"]["card-of-24-gb"]


def before_and_after(rate: str) -> tuple[float, float]:
    """A rate without correction and with the true text's."""
    return TRUE["before"][rate], TRUE["after"][rate]


def damaged(words: str, layer: str) -> str:
    """The row of a kind of damaged text."""
    row = OWN_TEXT["layers"][layer]
    return (
        f"| {words} | {row['wrong_corrections']} | {row['pages_with_false_warnings']} | "
        f"{row['pages_where_either_text_may_be_wrong']} |"
    )


AT_ONCE = result("ocr-over-http")["at_once"]

FIGURES = {
    "docs/SERVER.md": [
        f"{AT_ONCE['over_http']['processor_ms_a_page']:.0f} ms over HTTP and "
        f"{AT_ONCE['batch']['processor_ms_a_page']:.0f} ms in a batch",
    ],
    "README.md": [
        f"[{CONTAINER['pages_per_s']:.1f} pages/s](docs/PERFORMANCE.md#throughput)",
        f"{SCANS['pages_per_s']:.1f} from scans",
        f"after {STARTS['fast-boot']['first_page_s']:.0f} s instead of "
        f"{STARTS['cold']['first_page_s']:.0f} s",
        f"a normal start takes {STARTS['kernels-kept']['first_page_s']:.0f} s",
        f"{sum(page['word_f1'] < 0.7 for page in MANUALS)} of {len(MANUALS)} manual pages had a "
        "word F1 below 0.7",
    ],
    "docs/PERFORMANCE.md": [
        f"an H200 wrote {CONTAINER['alone']['tokens_per_s']} tokens/s for one page",
        f"adds {SCALE['processor_ms_a_page']:.1f} ms",
        f"{SCALE['peak_memory_mib']:.0f} MiB for {SCALE['pages']:,} pages",
        f"first text after {result('first-text')['seconds_until']['first text']} s",
        f"{REPEATED['seed']['pages_per_s']:.2f} pages/s with the commonly copied flags, "
        f"{REPEATED['drafts-missing']['pages_per_s']:.2f} for scans and "
        f"{REQUESTS['ours, again']['pages_per_s']:.2f} to {REQUESTS['ours']['pages_per_s']:.2f} ",
        f"as give {OCR_ON_GPU['server']['tokens_per_step']:.2f} tokens per step, an H200 read "
        f"{OCR_ON_GPU['pages_per_s']:.2f} pages/s",
        f"another one without such drafts {REPEATED['drafts-missing']['pages_per_s']:.2f}",
        f"would write {SCANNED['tesseract-small']['tokens_per_step']} tokens with such drafts "
        f"and {SCANNED['none']['tokens_per_step']} without",
        f"{OCR_DRAFTS['cpu_seconds_per_page']['tesseract-small']} s of a core per page",
        f"the second row was {FORKED['kernels-kept']['first_page_s']:.0f} s",
        f"cache in fp8, {FP8['weights-fp8+kv-fp8']['pages_per_s']:.1f} pages/s were reached",
    ],
    "docs/BATCHES.md": [
        f"a batch of {KILLS['pages']:,} pages was killed with `kill -9` {KILLS['kills']:,} times",
        f"{result('fuzz-documents')['documents']:,} broken documents",
    ],
    "docs/QUALITY.md": [
        "ended {ended_by_the_second} of {loops_at_first} loops".format(**DRY["changed"]),
        f"temperature 0.5 also ended {DRY['now']['ended_by_the_second']}",
        f"with one attempt, {ONE_ATTEMPT['changed']['words_found']:.0%} of their words were found, "
        f"and {ONE_ATTEMPT['now']['words_found']:.0%} with all",
        f"On {REVIEW['pages']} pages of manuals",
        f"with a probability of {REVIEW_BAD['0.8']['area_under_curve']} (area",
        f"{REVIEW_BAD['0.7']['area_under_curve']} for pages below 0.7",
        f"{REVIEW_BAD['0.8']['found_in_first_tenth']:.0%} of the bad pages",
    ],
    "docs/USAGE_PATTERNS.md": [
        f"read {OWN_TEXT['pages']} typeset pages",
        "| word F1 | {:.3f} | {:.3f} |".format(*before_and_after("word_f1")),
        "| character error rate of words found in both texts | {:.2%} | {:.2%} |".format(
            *before_and_after("character_error_rate_of_aligned_words")
        ),
        "| the same of the whole page | {:.2%} | {:.2%} |".format(
            *before_and_after("character_error_rate")
        ),
        "| numbers right, of those found in both | {:.2%} | {:.2%} |".format(
            *before_and_after("numbers_right_of_those_aligned")
        ),
        "Of {planted} wrong digits put into numbers, {named} were named".format(
            **OWN_TEXT["planted_numbers"]
        ),
        "takes {check_median_ms} ms to check and {correct_median_ms} ms to correct (median)".format(
            **OWN_TEXT["cost"]
        ),
        "with {words_of_densest} words, takes {correct_densest_ms} ms to correct".format(
            **OWN_TEXT["cost"]
        ),
        damaged("ligatures are lost", "ligatures lost"),
        damaged("one number in ten is wrong", "one number in ten lies"),
        damaged("accents are lost", "accents lost"),
        damaged("a font gives 9 for 5", "a digit's code is another's"),
        damaged(
            "an earlier OCR's text is visible, 2% of it wrong", "older OCR drawn visibly, 2 % wrong"
        ),
        f"No page lost more than "
        f"{max(row['most_words_lost'] for row in OWN_TEXT['older_ocr_drawn_visibly'])} words",
        *(
            f"| {row['share']:.0%} | {OTHERS[row['wrong']]} | {row['pages_worse']} | "
            f"{row['pages_better']} |"
            for row in OWN_TEXT["older_ocr_drawn_visibly"]
            if row["share"] < 0.03
        ),
    ],
    "docs/NOTES.md": [
        f"were {CONTAINER['pages_per_s']:.2f} and {SCANS['pages_per_s']:.2f}",
    ],
    "benchmarks/LOG.md": [
        f"{SMALL_CARD['server']['running']:.0f} pages were admitted, the KV cache was "
        f"{SMALL_CARD['server']['kv_usage']:.0%} full".replace("%", " %"),
        f"It read {SMALL_CARD['pages_per_s']:.1f} pages/s, half of the pages within "
        f"{SMALL_CARD['latency']['p50']:.1f} s",
    ],
}


@pytest.mark.parametrize(
    ("page", "figure"), [(page, figure) for page, figures in FIGURES.items() for figure in figures]
)
def test_a_figure_is_that_of_its_run(page: str, figure: str) -> None:
    assert figure in " ".join((ROOT / page).read_text("utf-8").split())
