"""Measure how well a reader reads, with the tests and the scorer of olmOCR-bench.

A data set is a folder in olmOCR-bench's layout: tests in JSON lines, PDFs in `pdfs/`, and for each
candidate a folder with the text of each page. olmocr's own benchmark scores them.
"""
