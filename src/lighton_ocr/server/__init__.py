"""Whole documents over HTTP, in front of any endpoint: the app, and what its routes answer."""
