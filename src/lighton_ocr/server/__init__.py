"""Read whole documents over HTTP, in front of any endpoint: the app, its routes and answers."""
