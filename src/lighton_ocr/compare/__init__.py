"""Compare the texts of several readers on the same pages, and write a web page about them."""
