// The one request of this page: POST /v1/ocr, answered as a stream of events.

import { authorization } from "./key.js";
import { Problem, problemIn, problemOf, problemOfConnection } from "./problems.js";
import { events } from "./sse.js";

const URL_OF_OCR = "v1/ocr";

/**
 * Send a file and yield the events of its reading as {name, data}. `pages` counts from 1, as in
 * "1-3,7"; an empty one means all. With `searchable`, a searchable PDF is made at the end.
 *
 * Throws a Problem, or an AbortError when the signal was raised.
 */
export async function* readFile(file, { pages, searchable }, signal) {
  const response = await post(file, pages, searchable, signal);
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

async function post(file, pages, searchable, signal) {
  const form = new FormData();
  form.append("file", file, file.name);
  form.append("stream", "true");
  form.append("include_page_images", "true");
  form.append("include_html", "true");
  form.append("formats", searchable ? "all,pdf" : "all");
  if (pages) form.append("pages", pages);
  try {
    return await fetch(URL_OF_OCR, {
      method: "POST",
      body: form,
      headers: authorization(),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw problemOfConnection(false);
  }
}
