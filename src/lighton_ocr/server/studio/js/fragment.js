// A page's HTML, as the server's own format renders and sanitises it.

import { element } from "./dom.js";

const FIGURE_LINK = /!\[[^\]]*\]\(([^)\s]*)\)/g;
const CELL_END = /<\/t[dh]>\s*<t[dh][^>]*>/g;
const TABLE_TAG = /<\/?(table|thead|tbody|tr|th|td)\b[^>]*(>|$)|<\/?\w*$/g;

/**
 * Return a page as an element: rendered where there is HTML, else its Markdown as it stands, which
 * is so while it is written.
 */
export function pageElement(page) {
  if (page.currentHtml === null) {
    return element("pre", { class: "plain" }, withoutTableTags(page.markdown));
  }
  const body = parse(page.currentHtml);
  if (page.corrected !== null) restoreFigures(body, page);
  return element("article", { class: "page" }, ...body.childNodes);
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;

// The server renders a correction without the pictures of figures: they are in the page as it was read.
function restoreFigures(body, page) {
  const read = figures(parse(page.html ?? ""), page.text);
  for (const [name, place] of figures(body, page.corrected)) {
    const figure = read.get(name);
    if (figure?.matches("img")) place.replaceWith(figure);
  }
}

function figures(root, markdown) {
  const names = [...markdown.matchAll(FIGURE_LINK)].map((link) => link[1]);
  const places = [...root.querySelectorAll("img, .figure")];
  const found = names.length === places.length ? names : [];
  return new Map(found.map((name, at) => [name, places[at]]));
}

/** Return Markdown without the tags of HTML tables, which say nothing to a reader; the last may be cut. */
export const withoutTableTags = (text) => text.replace(CELL_END, "  |  ").replace(TABLE_TAG, "");
