// What this tab holds: its documents, and which page of which one is shown.

import { makePdf, readFile, renderMarkdown } from "./api.js";
import { toast } from "./dom.js";
import { askForKey } from "./key.js";
import { Problem } from "./problems.js";
import { Reading } from "./reading.js";
import { askForSecret } from "./secret.js";

/**
 * Documents are read one after another, in the order in which they were added. One that is added
 * beside others is shown when it opens, unless another one was still being read, or was chosen
 * meanwhile: a file that cannot be read never takes the place of one that can.
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
  #next = new Set(); // the first of these that opens is shown

  /** Add files. `wanted` has `pages` as in `readFile`. */
  add(files, wanted) {
    const added = files.map((file) => new Reading(file, wanted));
    if (!added.length) return;
    const isFirst = !this.document;
    this.documents.push(...added);
    if (isFirst) this.show(added[0]);
    else toast(`Added ${added.map(({ name }) => name).join(", ")}`);
    if (isFirst || this.document.finished) this.#next = new Set(added);
    this.#tell("documents");
    this.#run();
  }

  /** Read a document again, from its start. */
  again(document) {
    const fresh = new Reading(document.file, document.wanted);
    fresh.password = document.password;
    this.documents[this.documents.indexOf(document)] = fresh;
    if (this.document === document) this.show(fresh);
    else this.#next = new Set([fresh]);
    this.#tell("documents");
    this.#run();
  }

  /** Forget a document that is not shown. */
  remove(document) {
    this.documents.splice(this.documents.indexOf(document), 1);
    this.#tell("documents");
  }

  stop(document) {
    document.stopping.abort();
    if (document.status === "queued") this.#set(document, "stopped");
  }

  /** Show a document, or a page of it. */
  show(document, page = document.pages[0] ?? null) {
    this.#next.clear();
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
  async correct(page, text) {
    page.corrected = text;
    page.correctedHtml = null;
    this.#tell("page", page);
    this.#tell("documents");
    const html = text === null ? null : await renderMarkdown(text);
    if (html === null || page.corrected !== text) return;
    page.correctedHtml = html;
    this.#tell("page", page);
  }

  /** Have the server make a searchable PDF of a document that was read, as one more output. */
  async makePdf(document) {
    document.waiting = { reason: "The searchable PDF is being made.", since: Date.now() };
    document.pdfProblem = null;
    this.#tell("documents");
    try {
      const { file, outputs, password } = document;
      const made = await makePdf(file, outputs.json.text, password);
      Object.assign(outputs, made.outputs);
      document.warnings.push(...made.warnings);
    } catch (error) {
      if (await this.#unlock(document, error)) return this.makePdf(document);
      document.pdfProblem = error;
    }
    this.#set(document, "done");
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
      const { file, wanted, password, stopping } = document;
      for await (const event of readFile(file, { ...wanted, password }, stopping.signal)) {
        this.#take(document, event);
      }
      this.#set(document, "done");
    } catch (error) {
      if (document.stopping.signal.aborted) return this.#set(document, "stopped");
      if (await this.#unlock(document, error)) return this.#read(document);
      document.problem =
        error instanceof Problem ? error : new Problem("The studio has an internal error", `${error}.`);
      this.#set(document, "failed");
    }
  }

  /** Ask for what the server lacks, a key or the document's password; return whether it was given. */
  async #unlock(document, { status, field }) {
    if (status === 401) {
      const given = await askForKey(document.keyRefused);
      document.keyRefused = true;
      return given;
    }
    if (field !== "password") return false;
    const password = await askForPassword(document);
    document.password = password ?? document.password;
    return password !== null;
  }

  #take(document, event) {
    const page = document.apply(event);
    document.status = "reading";
    if (event.name === "text") return this.#tell("text", page);
    if (page) this.#tell("page", page);
    const opens = event.name === "document";
    if (opens && (document === this.document || this.#next.has(document))) this.show(document);
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

const askForPassword = ({ name, password }) =>
  askForSecret({
    title: password === null ? "This document requires a password" : "The password is wrong",
    note: `${name} is encrypted. The password is sent only to this server.`,
    label: "Password",
    action: "Open",
  });
