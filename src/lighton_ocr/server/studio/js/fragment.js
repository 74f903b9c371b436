// A page's HTML, as the server's own format renders and sanitises it.

import { element } from "./dom.js";

const CELL_END = /<\/t[dh]>\s*<t[dh][^>]*>/g;
const TABLE_TAG = /<\/?(table|thead|tbody|tr|th|td)\b[^>]*(>|$)|<\/?\w*$/g;

/**
 * Return a page as an element: rendered where there is HTML, else its Markdown as it stands, which
 * is so while it is written and after it was corrected.
 */
export function pageElement(page) {
  if (page.html === null || page.corrected !== null) {
    return element("pre", { class: "plain" }, withoutTableTags(page.markdown));
  }
  const parsed = new DOMParser().parseFromString(page.html, "text/html");
  return element("article", { class: "page" }, ...parsed.body.childNodes);
}

/** Return Markdown without the tags of HTML tables, which say nothing to a reader; the last may be cut. */
export const withoutTableTags = (text) => text.replace(CELL_END, "  |  ").replace(TABLE_TAG, "");
