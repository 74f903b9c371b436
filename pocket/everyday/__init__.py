"""Twenty letters, invoices and papers, written by hand for measuring: training never sees them."""
