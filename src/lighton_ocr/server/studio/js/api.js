// The requests of this page: documents to POST /v1/ocr, answered as a stream of events, what was read
// of them to POST /v1/pdf, and text that was corrected to POST /v1/html.

import { authorization } from "./key.js";
import { Problem, problemIn, problemOf, problemOfConnection, problemOfPdf } from "./problems.js";
import { events } from "./sse.js";

/**
 * Send a file and yield the events of its reading as {name, data}. `pages` counts from 1, as in
 * "1-3,7"; an empty one means all. `password` opens an encrypted PDF.
 *
 * Throws a Problem, or an AbortError when the signal was raised.
 */
export async function* readFile(file, { pages, password }, signal) {
  const fields = {
    stream: "true",
    include_page_images: "true",
    include_html: "true",
    include_blocks: "true",
    formats: "all",
    pages,
    password,
  };
  const response = await post("v1/ocr", { file, ...fields }, signal);
  if (!response.ok) throw await problemOf(response);
  let ended = false;
  try {
    for await (const event of events(response.body)) {
      if (event.name === "error") throw problemIn(event.data);
      ended = event.name === "done";
      yield event;
    }
  } catch (error) {
    if (error instanceof Problem || signal.aborted) throw error;
  }
  if (!ended) throw problemOfConnection(true);
}

/**
 * Make a searchable PDF of a file and its result, the text of the format `json`. Return it as `outputs`,
 * with `warnings`, as the last event of a reading has them.
 *
 * Throws a Problem.
 */
export async function makePdf(file, result, password) {
  try {
    const response = await post("v1/pdf", { file, result: new Blob([result]), password });
    if (!response.ok) throw await problemOf(response);
    return await response.json();
  } catch (error) {
    throw problemOfPdf(error instanceof Problem ? error : problemOfConnection(false));
  }
}

/** Return the names of the formats that the server can write, none if it does not answer. */
export async function writableFormats() {
  try {
    const response = await fetch("formats.json");
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

/** Return a page's Markdown as HTML, null if the server does not answer. */
export async function renderMarkdown(markdown) {
  try {
    const response = await fetch("v1/html", {
      method: "POST",
      body: JSON.stringify({ markdown }),
      headers: { ...authorization(), "Content-Type": "application/json" },
    });
    return response.ok ? (await response.json()).html : null;
  } catch {
    return null;
  }
}

async function post(path, fields, signal = null) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  try {
    return await fetch(path, {
      method: "POST",
      body: form,
      headers: authorization(),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw problemOfConnection(false);
  }
}
