// Which part of the text is which block of the page.

import { textNodes } from "./dom.js";

const PARTS = "h1, h2, h3, h4, h5, h6, p, li, table, pre, blockquote, .figure";

/** Give each part of a page's text the index of its block, as `data-block`. */
export function markBlocks(root, blocks) {
  if (!blocks.length) return;
  if (root.matches("pre")) return markPlain(root, blocks);
  const parts = [...root.querySelectorAll(PARTS)].filter(
    (part) => !part.parentElement.closest(PARTS),
  );
  const ends = [];
  let text = "";
  for (const part of parts) {
    text += letters(part.textContent);
    ends.push(text.length);
  }
  const ranges = rangesIn(text, blocks);
  const free = new Set(blocks.keys());
  parts.forEach((part, at) => {
    const [start, end] = [at ? ends[at - 1] : 0, ends[at]];
    const block = ranges.findIndex(
      (range) => range && Math.min(range[1], end) - Math.max(range[0], start) > (end - start) / 2,
    );
    if (block < 0) return;
    part.dataset.block = block;
    free.delete(block);
  });
  markRest(parts, blocks, free);
}

// A figure or formula without letters is the one between its neighbours.
function markRest(parts, blocks, free) {
  for (const block of free) {
    const before = parts.findLastIndex((part) => Number(part.dataset.block) < block);
    const next = parts[before + 1];
    if (next && next.dataset.block === undefined) next.dataset.block = block;
  }
}

function rangesIn(text, blocks) {
  let cursor = 0;
  return blocks.map((block) => {
    const sought = letters(withoutMarkup(block.text ?? ""));
    const at = sought ? text.indexOf(sought, cursor) : -1;
    if (at < 0) return null;
    cursor = at + sought.length;
    return [at, cursor];
  });
}

// Markdown is split into spans at its blocks' texts.
function markPlain(root, blocks) {
  const [node] = textNodes(root);
  let rest = node;
  blocks.forEach((block, index) => {
    const sought = block.text?.trim();
    const at = sought && rest ? rest.data.indexOf(sought) : -1;
    if (at < 0) return;
    const found = rest.splitText(at);
    rest = found.splitText(sought.length);
    const span = document.createElement("span");
    span.dataset.block = index;
    found.replaceWith(span);
    span.append(found);
  });
}

const letters = (text) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

const withoutMarkup = (text) => text.replace(/<[^>]*>/g, " ").replace(/\]\([^)]*\)/g, "]");
