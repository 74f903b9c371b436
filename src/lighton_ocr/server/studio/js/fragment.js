// A page's HTML, as the server's own format renders and sanitises it.

import { element } from "./dom.js";

const ALIGNMENT = /text-align:\s*(left|center|right)/;

/**
 * Return a page as an element: rendered where there is HTML, else its Markdown as it stands, which
 * is so while it is written and after it was corrected.
 */
export function pageElement(page) {
  if (page.html === null || page.corrected !== null) {
    return element("pre", { class: "plain" }, page.markdown);
  }
  const parsed = new DOMParser().parseFromString(withoutStyles(page.html), "text/html");
  return element("article", { class: "rendered" }, ...parsed.body.childNodes);
}

// The page's policy allows no style attributes; the alignment of cells becomes a class.
function withoutStyles(html) {
  return html.replace(/\sstyle="([^"]*)"/g, (_, style) => {
    const side = ALIGNMENT.exec(style)?.[1];
    return side ? ` class="align-${side}"` : "";
  });
}
