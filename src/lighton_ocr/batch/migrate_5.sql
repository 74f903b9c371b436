-- Copies a version 5 journal into the current schema. `migrations.py` runs it.

INSERT INTO settings (id, json, description)
SELECT id, json, description FROM old_settings;

INSERT INTO runs (id, started, ended, model, endpoint, stats)
SELECT id, started, ended, model, endpoint, stats FROM old_runs;

INSERT INTO documents (
    address, stem, folded, state, etag, digest, pages, settings_id, formats, options,
    failed_pages, error, run_id
)
SELECT
    address, stem, folded, state, etag, digest, pages, settings_id, formats, options,
    failed_pages, error, run_id
FROM old_documents;

INSERT INTO pages (
    digest, page, settings_id, text, finish, doubt, attempts, prompt_tokens, completion_tokens,
    seconds, warnings, confidence, own_text, blocks, figures, size_pt, run_id
)
SELECT
    digest, page, settings_id, text, finish, doubt, attempts, prompt_tokens, completion_tokens,
    seconds, warnings, confidence, own_text, blocks, figures, size_pt, run_id
FROM old_pages;

DROP TABLE old_pages;
DROP TABLE old_documents;
DROP TABLE old_runs;
DROP TABLE old_settings;
