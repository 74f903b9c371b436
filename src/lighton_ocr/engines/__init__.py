"""Bring an endpoint up: the embedded engine, or a server that is there already."""
