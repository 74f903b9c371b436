// The page's text with marks where it differs from the text that the PDF itself holds.

import { count, element, textNodes } from "./dom.js";
import { pageElement } from "./fragment.js";
import { matchWords } from "./word_diff.js";

const WORD = /\S+/g;

/** Return a page with its differences marked, and how many there are. */
export function differencesElement(page) {
  if (!page.ownText?.trim()) {
    return element(
      "p",
      { class: "hint" },
      "The file has no text of its own for this page, so there is nothing to compare with.",
    );
  }
  const shown = pageElement(page);
  // The format marks the same differences, in its own way.
  for (const one of shown.querySelectorAll("mark, ins")) one.replaceWith(...one.childNodes);
  shown.normalize();
  const read = wordsBelow(shown);
  const own = wordsOf(joinedLines(page.ownText));
  const match = matchWords(
    read.map((word) => word.key),
    own.map((word) => word.key),
  );
  if (match === null) {
    return element("p", { class: "hint" }, "This page is too long to compare in a browser.");
  }
  const differing = mark(read, own, match);
  return element("div", { class: "differences" }, legend(differing), shown);
}

function legend(differing) {
  if (!differing) {
    return element("p", { class: "legend" }, "No word differs from the PDF's own text.");
  }
  const differ = differing === 1 ? "differs" : "differ";
  return element(
    "p",
    { class: "legend" },
    `${count(differing, "word")} ${differ} from the PDF's own text: `,
    element("ins", {}, "only in the text read"),
    " ",
    element("del", {}, "only in the PDF"),
  );
}

// Words whose letters and digits are the same are the same word; those without any are left out.
function wordsOf(text, node = null) {
  return [...text.matchAll(WORD)]
    .map((found) => ({
      node,
      start: found.index,
      end: found.index + found[0].length,
      text: found[0],
      key: found[0]
        .normalize("NFKC")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]/gu, ""),
    }))
    .filter((word) => word.key);
}

const wordsBelow = (root) => [...textNodes(root)].flatMap((node) => wordsOf(node.data, node));

/** Join words that the end of a line parts. */
const joinedLines = (text) => text.replace(/(\p{L})[-\u00ad\u2010]\s*\n\s*(\p{Ll})/gu, "$1$2");

// Each text node is rebuilt once, from its end, so that the offsets before stay right.
function mark(read, own, match) {
  const missing = missingAfter(match, own);
  let differing = 0;
  for (let i = read.length - 1; i >= 0; i -= 1) {
    const { node, start, end } = read[i];
    const lost = missing.get(i);
    if (lost) {
      node.splitText(end);
      node.after(" ", element("del", {}, lost.join(" ")));
      differing += lost.length;
    }
    if (match[i] < 0) {
      const word = node.splitText(start);
      word.splitText(end - start);
      word.replaceWith(element("ins", {}, word.data));
      differing += 1;
    }
  }
  const first = missing.get(-1);
  if (first && read.length) {
    read[0].node.before(element("del", {}, first.join(" ")), " ");
    differing += first.length;
  }
  return differing;
}

// The PDF's words that were not read, by the index of the read word after which they belong.
function missingAfter(match, own) {
  const readAt = new Map([...match].map((j, i) => [j, i]));
  const missing = new Map();
  let after = -1;
  own.forEach((word, j) => {
    if (readAt.has(j)) after = readAt.get(j);
    else missing.set(after, [...(missing.get(after) ?? []), word.text]);
  });
  return missing;
}
