// Take the text away: copied, or downloaded in each format that the server wrote or can make.

import { writableFormats } from "./api.js";
import { byId, element, toast } from "./dom.js";
import { bytesAsBlob } from "./reading.js";

const LABELS = {
  md: "Markdown",
  txt: "Plain text",
  html: "Web page",
  json: "JSON with attempts and warnings",
  jsonl: "JSON lines",
  pdf: "Searchable PDF",
};

/** Connect the Copy and Download menus and the copy button beside the text. */
export function connectOutputs(session) {
  const copyPage = () => copy(session.page?.markdown ?? "", "Page copied");
  byId("copy-page").addEventListener("click", copyPage);
  byId("copy-here").addEventListener("click", copyPage);
  byId("copy-all").addEventListener("click", () =>
    copy(session.document.markdown, "All pages copied"),
  );
  const unsaved = new Set(); // pages whose correction was not downloaded
  session.addEventListener("page", ({ detail: page }) =>
    page.corrected === null ? unsaved.delete(page) : unsaved.add(page),
  );
  window.addEventListener("beforeunload", (event) => unsaved.size && event.preventDefault());
  const formats = writableFormats();
  session.addEventListener("documents", async () =>
    showDownloads(session, await formats, unsaved),
  );
  for (const menu of document.querySelectorAll(".menu"))
    menu.addEventListener("click", () => menu.hidePopover());
}

function showDownloads(session, formats, unsaved) {
  const { document: reading } = session;
  const items = Object.entries(reading.outputs).map(([format, output]) =>
    item(LABELS[format] ?? format, `.${output.name.split(".").pop()}`, () =>
      save(blobOf(output), output.name),
    ),
  );
  if (reading.corrected || (!items.length && reading.pagesDone)) {
    const name = `${reading.name.replace(/\.[^.]*$/, "")}.md`;
    const label = reading.corrected
      ? "Markdown with your corrections"
      : "Markdown of the pages so far";
    items.unshift(
      item(label, ".md", () => {
        save(new Blob([reading.markdown], { type: "text/markdown" }), name);
        for (const page of reading.pages) unsaved.delete(page);
      }),
    );
  }
  if (reading.status === "done" && !reading.outputs.pdf) items.push(pdfItem(session, formats));
  const none = element("p", {}, "Formats appear here when pages have been read.");
  byId("download-menu").replaceChildren(...(items.length ? items : [none]));
}

// Made when it is wanted, because that takes long.
function pdfItem(session, formats) {
  if (!formats.includes("pdf"))
    return element("p", {}, "For a searchable PDF, install lighton-ocr[pdf] on the server.");
  const { document: reading } = session;
  const made = item(LABELS.pdf, ".pdf", async () => {
    await session.makePdf(reading);
    const { pdf } = reading.outputs;
    if (pdf) save(blobOf(pdf), pdf.name);
  });
  made.disabled = reading.waiting !== null; // is being made
  return made;
}

const item = (label, suffix, click) =>
  element(
    "button",
    { type: "button", click },
    element("span", {}, label),
    element("small", {}, suffix),
  );

const blobOf = ({ media_type: type, text, base64 }) =>
  text == null ? bytesAsBlob(base64, type) : new Blob([text], { type });

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Browsers give the clipboard to secure pages alone; others can still copy a selection.
async function copy(text, said) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else {
    const area = element("textarea", { class: "unseen" }, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(said);
}
