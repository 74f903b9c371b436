-- Copies a version 3 journal into the current schema. `migrations.py` runs it.

-- Each page takes its requests from here; version 3 has no index for that.
CREATE INDEX tries_by_page ON tries (content, page, recipe, run);

INSERT INTO settings (id, json, description)
SELECT id, NULL, recipe FROM recipes;

INSERT INTO runs (id, started, ended, model, endpoint, stats)
SELECT id, started, ended, model, endpoint, figures FROM old_runs;

INSERT INTO documents (
    address, stem, folded, state, etag, digest, pages, settings_id, formats, failed_pages, error,
    run_id
)
SELECT
    address, stem, folded, state, stamp, content, pages, recipe, formats, failed_pages, error, run
FROM old_documents;

INSERT INTO pages (
    digest, page, settings_id, text, finish, doubt, attempts, prompt_tokens, completion_tokens,
    seconds, warnings, confidence, run_id
)
SELECT
    content, page, recipe, text, finish,
    CASE WHEN finish IN ('length', 'loop') THEN finish END,
    (
        SELECT json_group_array(json_object(
            'number', number,
            'settings', json_object(
                'temperature', temperature,
                'top_p', (
                    -- The number after the name: a cast reads as far as there are digits.
                    SELECT CAST(substr(recipe, instr(recipe, 'top_p ') + 6) AS REAL)
                    FROM recipes WHERE id = tries.recipe
                ),
                'max_tokens', max_tokens,
                'sampler_options', json_array()
            ),
            'outcome', outcome,
            'seconds', seconds
        ))
        FROM tries
        WHERE tries.content = old_pages.content AND tries.page = old_pages.page
            AND tries.recipe = old_pages.recipe AND tries.run = old_pages.run
    ),
    prompt_tokens, completion_tokens, seconds, warnings, confidence, run
FROM old_pages;

DROP TABLE tries;
DROP TABLE old_pages;
DROP TABLE old_documents;
DROP TABLE old_runs;
DROP TABLE recipes;
