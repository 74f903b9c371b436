// A page's HTML, as the server's own format renders and sanitises it.

import { element } from "./dom.js";

const CELL_END = /<\/t[dh]>\s*<t[dh][^>]*>/g;
const TABLE_TAG = /<\/?(table|thead|tbody|tr|th|td)\b[^>]*(>|$)|<\/?\w*$/g;
const ALIGNMENT = /text-align:\s*(left|center|right)/;

/**
 * Return a page as an element: rendered where there is HTML, else its Markdown as it stands, which
 * is so while it is written and after it was corrected.
 */
export function pageElement(page) {
  if (page.html === null || page.corrected !== null) {
    return element("pre", { class: "plain" }, withoutTableTags(page.markdown));
  }
  const parsed = new DOMParser().parseFromString(withoutStyles(page.html), "text/html");
  parsed.querySelector("section > header")?.remove(); // the page's number, which stands elsewhere
  return element("article", { class: "rendered" }, ...parsed.body.childNodes);
}

/** Return Markdown without the tags of HTML tables, also half-written ones, which say nothing to a reader. */
export const withoutTableTags = (text) => text.replace(CELL_END, "  |  ").replace(TABLE_TAG, "");

// The page's policy allows no style attributes; the alignment of cells becomes a class.
function withoutStyles(html) {
  return html.replace(/\sstyle="([^"]*)"/g, (_, style) => {
    const side = ALIGNMENT.exec(style)?.[1];
    return side ? ` class="align-${side}"` : "";
  });
}
