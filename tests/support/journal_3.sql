-- The schema of a version 3 journal, as version 3 created it.

-- A way of reading: model and settings that change what a page's text may be.
CREATE TABLE recipes (
    id INTEGER PRIMARY KEY,
    recipe TEXT NOT NULL UNIQUE
) STRICT;

-- One call of the command. `ended` is NULL while it runs, and for ever if it was killed.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started REAL NOT NULL, -- Unix time, seconds
    ended REAL,
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    figures TEXT -- JSON, the last that was known
) STRICT;

-- A document by its absolute path or URL; what is not UTF-8 in it is escaped.
CREATE TABLE documents (
    address TEXT PRIMARY KEY,
    stem TEXT NOT NULL UNIQUE, -- its result's path in the output, without suffix
    folded TEXT NOT NULL UNIQUE, -- the stem without case: macOS and Windows tell none apart
    stamp TEXT, -- size and time, or a bucket's ETag: tells without reading that it is unchanged
    content TEXT, -- SHA-256 of its bytes
    pages INTEGER,
    recipe INTEGER REFERENCES recipes,
    formats TEXT, -- of the results that were written, with commas
    state TEXT NOT NULL, -- open, done, kept (the result was there before), failed
    failed_pages TEXT NOT NULL DEFAULT '[]', -- JSON
    tokens INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    run INTEGER REFERENCES runs -- the last that took it up
) STRICT;

-- A page as it was read. A failed one is replaced when it is read again.
CREATE TABLE pages (
    content TEXT NOT NULL,
    page INTEGER NOT NULL, -- from 1
    recipe INTEGER NOT NULL REFERENCES recipes,
    text TEXT NOT NULL,
    finish TEXT NOT NULL, -- stop, length, loop, error
    attempts INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    warnings TEXT NOT NULL, -- JSON
    confidence REAL,
    run INTEGER NOT NULL REFERENCES runs,
    PRIMARY KEY (content, page, recipe)
) STRICT;

-- Every request that was sent for a page, in all runs.
CREATE TABLE tries (
    content TEXT NOT NULL,
    page INTEGER NOT NULL,
    recipe INTEGER NOT NULL REFERENCES recipes,
    run INTEGER NOT NULL REFERENCES runs,
    number INTEGER NOT NULL, -- from 1
    temperature REAL NOT NULL,
    max_tokens INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    seconds REAL NOT NULL
) STRICT;
