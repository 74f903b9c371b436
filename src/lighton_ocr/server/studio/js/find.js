// Find words in the text of all pages, in the view that is chosen.

import { byId, textNodes } from "./dom.js";

/** Connect the find bar; Ctrl+F or Cmd+F opens it, and a second time the browser's own. */
export function connectFind(session, textView) {
  const finder = new Finder(session, textView);
  const [bar, input] = [byId("find"), byId("find-input")];
  const open = () => {
    bar.hidden = false;
    input.select();
    input.focus();
    finder.seek(input.value);
  };
  const close = () => {
    bar.hidden = true;
    finder.seek("");
    byId("find-open").focus();
  };
  byId("find-open").addEventListener("click", open);
  byId("find-close").addEventListener("click", close);
  input.addEventListener("input", () => finder.seek(input.value));
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    finder.move(1);
  });
  byId("find-previous").addEventListener("click", () => finder.move(-1));
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && event.shiftKey && event.target === input) {
      event.preventDefault();
      finder.move(-1);
    }
  });
  window.addEventListener("keydown", (event) => {
    if (event.key !== "f" || !(event.ctrlKey || event.metaKey) || !session.page) return;
    if (document.activeElement === input) return;
    event.preventDefault();
    open();
  });
}

class Finder {
  #sought = "";
  #found = []; // {page, number}: the matches of all pages, numbered within their page
  #at = -1;

  constructor(session, textView) {
    Object.assign(this, { session, textView });
    textView.addEventListener("drawn", () => this.#paint());
    session.addEventListener("page", () => this.#sought && this.#search());
  }

  seek(words) {
    this.#sought = words.toLowerCase();
    this.#search();
    const here = this.#found.findIndex(({ page }) => page === this.session.page);
    this.#go(here >= 0 ? here : 0);
  }

  /** Go to the next match, or back to the one before, around the ends. */
  move(by) {
    const all = this.#found.length;
    if (all) this.#go((this.#at + by + all) % all);
  }

  #search() {
    this.#found = this.#sought
      ? this.session.document.pages.flatMap((page) =>
          rangesIn(this.textView.elementOf(page), this.#sought).map((_, number) => ({
            page,
            number,
          })),
        )
      : [];
    this.#say();
  }

  #go(at) {
    const match = this.#found[at];
    this.#at = match ? at : -1;
    if (match && match.page !== this.session.page)
      this.session.show(this.session.document, match.page);
    this.#paint();
    this.#current()?.startContainer.parentElement.scrollIntoView({ block: "nearest" });
    this.#say();
  }

  #current() {
    const match = this.#found[this.#at];
    return match?.page === this.session.page
      ? rangesIn(byId("panel"), this.#sought)[match.number]
      : undefined;
  }

  #paint() {
    const ranges = this.#sought ? rangesIn(byId("panel"), this.#sought) : [];
    const current = this.#current();
    CSS.highlights.set("found", new Highlight(...ranges));
    CSS.highlights.set("found-current", current ? new Highlight(current) : new Highlight());
  }

  #say() {
    const all = this.#found.length;
    byId("find-count").textContent = !this.#sought
      ? ""
      : all
        ? `${this.#at + 1} of ${all}`
        : "Nothing found";
  }
}

function rangesIn(root, sought) {
  const nodes = [...textNodes(root)];
  const text = nodes
    .map((node) => node.data)
    .join("")
    .toLowerCase();
  const ranges = [];
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length)) {
    ranges.push(rangeOf(nodes, at, at + sought.length));
  }
  return ranges;
}

function rangeOf(nodes, start, end) {
  const range = new Range();
  let before = 0;
  for (const node of nodes) {
    const after = before + node.length;
    if (start >= before && start < after) range.setStart(node, start - before);
    if (end > before && end <= after) {
      range.setEnd(node, end - before);
      return range;
    }
    before = after;
  }
  return range;
}
