"""Twenty letters, invoices and papers, written by hand for measuring: training never sees them."""

from pocket.everyday.invoices import INVOICES
from pocket.everyday.letters import LETTERS
from pocket.everyday.papers import PAPERS

PAGES = (*LETTERS, *INVOICES, *PAPERS)
