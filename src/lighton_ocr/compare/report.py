"""The web page of a comparison."""

from itertools import combinations

from lighton_ocr._text import pluralize
from lighton_ocr.compare.agreement import agreement
from lighton_ocr.compare.comparison import CandidateComparison, ComparedPage
from lighton_ocr.compare.side_by_side import ShownPage, ShownText, page_jpeg, render
from lighton_ocr.reading.results import PageResult


def as_html(comparison: CandidateComparison) -> str:
    """Return the web page of a comparison; the pages that deserve a look come first."""
    names = [run.name for run in comparison.runs]
    has_truth = any(page.truth is not None for page in comparison.pages)
    truths = [comparison.with_truth(number) for number in range(len(names))]
    rows = [
        (
            run.name,
            f"{run.seconds_per_page:.2f}",
            "–" if run.usd is None else f"${1000 * run.usd / len(run.results):.3f}",
            f"{run.failed}",
            *((f"{found.characters:.3f}" if found else "–",) if has_truth else ()),
            *(f"{comparison.between(number, other).characters:.3f}" for other in range(len(names))),
        )
        for number, (run, found) in enumerate(zip(comparison.runs, truths, strict=True))
    ]
    heads = ["reader", "s/page", "1,000 pages", "failed", *(["truth"] if has_truth else []), *names]
    caption = (
        "Agreement in characters: 1 minus the edit distance over the longer text, mean of all "
        "pages; markup does not count. Pages that deserve a look come first. Differences from the "
        "first text are marked: words that only this text has, and, struck through, words that it "
        "lacks."
    )
    title = f"{pluralize(len(comparison.pages), 'page')}, {pluralize(len(names), 'reader')}"
    return render(title, caption, heads, rows, [_page(page, names) for page in comparison.pages])


def _page(page: ComparedPage, names: list[str]) -> ShownPage:
    texts = [
        ShownText(name, _facts(result), result.text)
        for name, result in zip(names, page.results, strict=True)
    ]
    if page.truth is not None:
        texts.insert(0, ShownText("truth", "what stands on the page", page.truth))
    pairs = ", ".join(
        f"{one.name} and {two.name} {agreement(one.text, two.text).characters:.3f}"
        for one, two in combinations(texts, 2)
    )
    notes = [f"Agreement in characters: {pairs}."] if pairs else []
    notes += [
        f"{name}: {', '.join(found.reasons)}."
        for name, found in zip(names, page.reviews, strict=True)
        if found.is_advised and found.reasons
    ]
    title = f"{page.document.name}, page {page.index + 1}"
    return ShownPage(title, page_jpeg(page.document, page.index), tuple(notes), tuple(texts))


def _facts(result: PageResult) -> str:
    if result.failed:
        return " ".join(result.warnings)
    sure = "" if result.confidence is None else f", confidence {result.confidence:.2f}"
    tokens = f", {result.completion_tokens:,} tokens" if result.completion_tokens else ""
    return f"{result.seconds:.1f} s{tokens}{sure}"
