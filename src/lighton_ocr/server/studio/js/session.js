// What this tab holds: its documents, and which page of which one is shown.

import { readFile } from "./api.js";
import { askForKey } from "./key.js";
import { Problem } from "./problems.js";
import { Reading } from "./reading.js";

/**
 * Documents are read one after another, in the order in which they were added.
 *
 * Events: `documents` (one was added, or its status changed), `shown` (another page or document is
 * shown), `page` (the page in `detail` changed), `text` (the page in `detail` has a piece of
 * text more).
 */
export class Session extends EventTarget {
  documents = [];
  document = null;
  page = null;
  #running = false;

  /** Add files; the first one is shown. `wanted` is as in `readFile`. */
  add(files, wanted) {
    const added = files.map((file) => new Reading(file, wanted));
    if (!added.length) return;
    this.documents.push(...added);
    this.show(added[0]);
    this.#run();
  }

  /** Read a document again, from its start. */
  again(document) {
    const fresh = new Reading(document.file, document.wanted);
    this.documents[this.documents.indexOf(document)] = fresh;
    if (this.document === document) this.show(fresh);
    this.#run();
  }

  stop(document) {
    document.stopping.abort();
    if (document.status === "queued") this.#set(document, "stopped");
  }

  /** Show a document, or a page of it. */
  show(document, page = document.pages[0] ?? null) {
    this.document = document;
    this.page = page;
    this.#tell("shown");
    this.#tell("documents");
  }

  /** Show the page that lies that many pages after the shown one, if there is one. */
  turn(by) {
    const pages = this.document?.pages ?? [];
    const page = pages[pages.indexOf(this.page) + by];
    if (page) this.show(this.document, page);
  }

  /** Keep text that was corrected by hand; null takes the correction back. */
  correct(page, text) {
    page.corrected = text;
    this.#tell("page", page);
    this.#tell("documents");
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    let next;
    while ((next = this.documents.find((one) => one.status === "queued"))) await this.#read(next);
    this.#running = false;
  }

  async #read(document) {
    this.#set(document, "sending");
    try {
      for await (const event of readFile(
        document.file,
        document.wanted,
        document.stopping.signal,
      )) {
        this.#take(document, event);
      }
      this.#set(document, "done");
    } catch (error) {
      if (document.stopping.signal.aborted) return this.#set(document, "stopped");
      if (error.status === 401 && (await askForKey(document.keyRefused))) {
        document.keyRefused = true;
        return this.#read(document);
      }
      document.problem =
        error instanceof Problem ? error : new Problem("This page failed", String(error));
      this.#set(document, "failed");
    }
  }

  #take(document, event) {
    const page = document.apply(event);
    document.status = "reading";
    if (event.name === "text") return this.#tell("text", page);
    if (page) this.#tell("page", page);
    if (document === this.document && !this.page && document.pages.length) this.show(document);
    this.#tell("documents");
  }

  #set(document, status) {
    document.status = status;
    document.waiting = null;
    this.#tell("documents");
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
