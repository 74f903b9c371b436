"""Makes the pages and tests in `benchmarks/quality`, in the layout of olmOCR-bench."""
