// The bar on top: which document, how far it is, and what can be done with it.

import { byId, count, element } from "./dom.js";

const SAID = {
  queued: "Waiting for the previous document",
  sending: "Sending",
  stopped: "Stopped",
  failed: "Failed",
};

/** Keep the bar in step with the session. */
export function connectHeader(session) {
  const select = byId("document-select");
  select.addEventListener("change", () => session.show(session.documents[select.selectedIndex]));
  byId("stop").addEventListener("click", () => session.stop(session.document));
  session.addEventListener("documents", () => {
    const { document: shown, documents } = session;
    byId("document-bar").hidden = byId("actions").hidden = false;
    byId("document-name").textContent = byId("document-name").title = shown.name;
    byId("document-name").hidden = documents.length > 1;
    select.hidden = documents.length < 2;
    const names = documents.map((one) => element("option", {}, one.name));
    select.replaceChildren(...names);
    select.selectedIndex = documents.indexOf(shown);
    byId("progress").textContent = progressOf(shown);
    byId("progress").title = shown.model ?? "";
    byId("stop").hidden = shown.finished;
    document.title = `${shown.name}: lighton-ocr`;
  });
}

function progressOf({ status, pages, pagesDone }) {
  if (status === "done") return count(pages.length, "page");
  if (status === "reading") return progressOfPages(pages.length, pagesDone);
  return SAID[status];
}

function progressOfPages(all, done) {
  if (!all) return "Opening";
  return done < all ? `${done} of ${count(all, "page")}` : "Writing the files";
}
