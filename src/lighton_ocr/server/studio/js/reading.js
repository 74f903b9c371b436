// A document while it is read: what the events of its stream say so far.

/** One page. `status` is waiting, reading, done or failed; `corrected` is text mended by hand. */
class Page {
  status = "waiting";
  image = null;
  width = 0;
  height = 0;
  text = "";
  html = null;
  blocks = [];
  warnings = [];
  retries = [];
  attempts = [];
  ownText = null;
  confidence = null;
  seconds = null;
  error = null;
  corrected = null;
  correctedHtml = null;

  constructor(index) {
    this.index = index;
  }

  /** The number that people know the page by. */
  get number() {
    return this.index + 1;
  }

  /** Its Markdown as it stands: by hand where it was corrected, else as it was read. */
  get markdown() {
    return this.corrected ?? this.text;
  }

  /** That Markdown as HTML, null until the server has rendered it. */
  get currentHtml() {
    return this.corrected === null ? this.html : this.correctedHtml;
  }
}

/** A document. `status` is queued, sending, reading, done, failed or stopped. */
export class Reading {
  status = "queued";
  model = null;
  pageCount = 0; // of the file; `pages` are those that were chosen
  pages = [];
  warnings = [];
  outputs = {};
  problem = null;
  pdfProblem = null; // why no searchable PDF was made
  password = null;
  waiting = null;
  stopping = new AbortController();

  constructor(file, wanted) {
    this.file = file;
    this.wanted = wanted;
    this.name = file.name || "pasted picture";
  }

  get finished() {
    return ["done", "failed", "stopped"].includes(this.status);
  }

  get pagesDone() {
    return this.pages.filter((page) => page.status === "done" || page.status === "failed").length;
  }

  /** Warnings that are about no single page. */
  get ownWarnings() {
    const ofPages = new Set(this.pages.flatMap((page) => page.warnings));
    return this.warnings.filter((warning) => !ofPages.has(warning));
  }

  get corrected() {
    return this.pages.some((page) => page.corrected !== null);
  }

  /** The Markdown of all pages, with an empty line between them. */
  get markdown() {
    return `${this.pages
      .map((page) => page.markdown.trim())
      .filter(Boolean)
      .join("\n\n")}\n`;
  }

  /** Apply an event. Return the page that it is about, null if it is about the whole document. */
  apply({ name, data }) {
    if (name === "waiting")
      this.waiting = { reason: data.reason, since: Date.now() - data.since_s * 1000 };
    else this.waiting = null;
    if (name === "document") {
      this.model = data.model;
      this.pageCount = data.page_count;
      this.pages = data.pages.map((index) => new Page(index));
    } else if (name === "done") {
      this.warnings = data.warnings;
      this.outputs = data.outputs;
    }
    const page = this.pages.find((one) => one.index === data.index) ?? null;
    if (page) APPLY[name]?.(page, data);
    return page;
  }
}

const APPLY = {
  page(page, { dimensions, image }) {
    page.status = "reading";
    page.width = dimensions?.width ?? 0; // a page that cannot be rendered has none
    page.height = dimensions?.height ?? 0;
    if (image) page.image = URL.createObjectURL(blobOf(image));
  },
  text(page, { delta }) {
    page.text += delta;
  },
  retry(page, { reason }) {
    page.text = "";
    page.retries.push(reason);
  },
  page_done(page, data) {
    page.status = data.error ? "failed" : "done";
    page.text = data.markdown;
    page.html = data.html;
    page.blocks = data.blocks;
    page.warnings = data.warnings;
    page.attempts = data.attempts;
    page.ownText = data.own_text;
    page.confidence = data.confidence;
    page.seconds = data.seconds;
    page.error = data.error;
  },
};

function blobOf(dataUrl) {
  const [head, base64] = dataUrl.split(",");
  return bytesAsBlob(base64, head.slice(5).split(";")[0]);
}

/** Return base64 as a Blob of that media type. */
export function bytesAsBlob(base64, type) {
  return new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], {
    type,
  });
}
