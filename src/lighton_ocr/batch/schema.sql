-- The journal of one output, version 6. `journal.py` reads and writes it.

-- Everything besides the document that decides a page's text; see `ReadingSettings`.
CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    json TEXT UNIQUE, -- NULL for the settings of a version 3 journal until they are used again
    description TEXT NOT NULL -- one line
) STRICT;

-- One call of the command.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started REAL NOT NULL, -- Unix time in seconds
    ended REAL, -- NULL while it runs, and if it was killed
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    settings_id INTEGER REFERENCES settings, -- NULL in runs of earlier versions
    stats TEXT -- JSON, saved every few seconds
) STRICT;

-- A document, by its absolute path or URL; bytes that are not UTF-8 are escaped.
CREATE TABLE documents (
    address TEXT PRIMARY KEY,
    stem TEXT NOT NULL UNIQUE, -- the path of its results in the output, without suffix
    folded TEXT NOT NULL UNIQUE, -- the stem without case, which some file systems ignore
    state TEXT NOT NULL, -- open, done, kept (the results were there before the batch), failed
    etag TEXT, -- changes when the document changes: a bucket's ETag, or a file's size and time
    digest TEXT, -- SHA-256 of its bytes
    pages INTEGER,
    settings_id INTEGER REFERENCES settings,
    formats TEXT, -- of the results that were written, separated by commas
    options TEXT NOT NULL DEFAULT '{}', -- JSON; how these results were written, see `OutputOptions`
    failed_pages TEXT NOT NULL DEFAULT '[]', -- JSON; the pages that these results lack
    error TEXT,
    run_id INTEGER REFERENCES runs -- the last run that opened it
) STRICT;

-- The result of a page. A failed page is replaced when it is read again.
CREATE TABLE pages (
    digest TEXT NOT NULL, -- of its document
    page INTEGER NOT NULL, -- from 1
    settings_id INTEGER NOT NULL REFERENCES settings,
    text TEXT NOT NULL,
    finish TEXT NOT NULL, -- stop, length, loop, timeout, error
    doubt TEXT,
    attempts TEXT NOT NULL, -- JSON; every request that was sent for it
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    warnings TEXT NOT NULL, -- JSON
    confidence REAL,
    own_text TEXT NOT NULL DEFAULT 'null', -- JSON; the check against the file's own text
    blocks TEXT NOT NULL DEFAULT '[]', -- JSON; with their boxes, if these were asked for
    figures TEXT NOT NULL DEFAULT '[]', -- JSON; with their pictures in base64
    size_pt TEXT NOT NULL DEFAULT 'null', -- JSON; width and height in points
    run_id INTEGER NOT NULL REFERENCES runs,
    PRIMARY KEY (digest, page, settings_id)
) STRICT;
