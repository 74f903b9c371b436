// The page's text: rendered, as Markdown, or beside the PDF's own; it grows while it is written.

import { markBlocks } from "./block_links.js";
import { differencesElement } from "./differences.js";
import { byId, element } from "./dom.js";
import { pageElement, withoutTableTags } from "./fragment.js";

/**
 * Show the text of the session's page in the panel.
 *
 * Events of the returned target: `drawn`, when the panel shows something else than before.
 */
export class TextView extends EventTarget {
  view = "rendered";
  #panel = byId("panel");
  #growing = null; // the text node that takes the pieces of the page that is being written

  constructor(session) {
    super();
    this.session = session;
    session.addEventListener("shown", () => {
      this.draw();
      this.#panel.scrollTop = 0;
    });
    session.addEventListener("documents", () => session.page || this.draw());
    session.addEventListener("page", ({ detail }) => detail === session.page && this.draw());
    session.addEventListener("text", ({ detail }) => detail === session.page && this.#grow());
    this.#connectTabs();
  }

  /** Show another view: rendered, markdown or differences. */
  choose(view) {
    this.view = view;
    for (const tab of byId("views").children) {
      const chosen = tab.dataset.view === view;
      tab.ariaSelected = String(chosen);
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) this.#panel.setAttribute("aria-labelledby", tab.id);
    }
    this.draw();
    this.#panel.scrollTop = 0;
  }

  draw() {
    const { document: shown, page } = this.session;
    if (!shown) return;
    if (this.#growing) this.#panel.scrollTop = 0; // the page is read from its start
    this.#growing = null;
    if (!page) this.#panel.replaceChildren(hint(shown));
    else if (page.status === "reading") this.#drawGrowing(page);
    else this.#panel.replaceChildren(this.elementOf(page));
    this.dispatchEvent(new Event("drawn"));
  }

  /** Return what a page looks like in the chosen view. */
  elementOf(page) {
    if (page.status === "waiting") return note("This page is waiting to be read.");
    if (page.status === "failed") return note(`This page could not be read: ${page.error}`);
    if (!page.markdown.trim()) return note("This page is blank.");
    if (this.view === "differences") return differencesElement(page);
    const made =
      this.view === "rendered"
        ? pageElement(page)
        : element("pre", { class: "markdown" }, page.markdown);
    markBlocks(made, page.blocks);
    return made;
  }

  #drawGrowing(page) {
    this.#growing = document.createTextNode(this.#writing(page));
    this.#panel.replaceChildren(
      element("pre", { class: "plain growing", "aria-busy": "true" }, this.#growing),
    );
  }

  #grow() {
    const panel = this.#panel;
    const atEnd = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 40;
    if (this.#growing) this.#growing.data = this.#writing(this.session.page);
    if (atEnd) panel.scrollTop = panel.scrollHeight;
  }

  #writing({ text }) {
    return this.view === "markdown" ? text : withoutTableTags(text);
  }

  #connectTabs() {
    const tabs = [...byId("views").children];
    for (const tab of tabs) tab.addEventListener("click", () => this.choose(tab.dataset.view));
    byId("views").addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.stopPropagation();
      const at = tabs.findIndex((tab) => tab.dataset.view === this.view);
      const tab = tabs[(at + by + tabs.length) % tabs.length];
      this.choose(tab.dataset.view);
      tab.focus();
    });
  }
}

const note = (text) => element("p", { class: "hint" }, text);

function hint({ status }) {
  const said = {
    queued: "This document is waiting for the previous one.",
    sending: "Sending the document …",
  };
  return note(
    said[status] ?? (status === "reading" ? "Opening the document …" : "No page was read."),
  );
}
