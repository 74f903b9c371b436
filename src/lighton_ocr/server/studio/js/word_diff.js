// Which words of two texts are the same: a longest common subsequence, then again in what is left,
// so that a passage that only stands elsewhere counts as the same.

const MOST_CELLS = 40_000_000;
const SHORTEST_MOVE = 4; // words

/**
 * Return, for each word of `a`, the index of its equal in `b`, or -1; null if the texts are too long
 * to compare.
 */
export function matchWords(a, b) {
  const match = new Int32Array(a.length).fill(-1);
  let left = [...a.keys()];
  let right = [...b.keys()];
  for (let pass = 0; left.length && right.length; pass += 1) {
    const pairs = commonSubsequence(left, right, (i, j) => a[i] === b[j]);
    if (pairs === null) return pass ? match : null;
    const kept = pass ? longRuns(pairs) : pairs;
    if (!kept.length) break;
    for (const [i, j] of kept) match[i] = j;
    const used = new Set(kept.map(([, j]) => j));
    left = left.filter((i) => match[i] < 0);
    right = right.filter((j) => !used.has(j));
  }
  return match;
}

function commonSubsequence(left, right, same) {
  let start = 0;
  while (start < left.length && start < right.length && same(left[start], right[start])) start += 1;
  let [m, n] = [left.length, right.length];
  while (m > start && n > start && same(left[m - 1], right[n - 1])) [m, n] = [m - 1, n - 1];
  const [rows, columns] = [m - start, n - start];
  if ((rows + 1) * (columns + 1) > MOST_CELLS) return null;
  const middle = table(rows, columns, (i, j) => same(left[start + i], right[start + j]));
  const ends = (from, to) => left.slice(from, to).map((_, k) => k);
  return [
    ...ends(0, start).map((k) => [left[k], right[k]]),
    ...middle.map(([i, j]) => [left[start + i], right[start + j]]),
    ...ends(m).map((k) => [left[m + k], right[n + k]]),
  ];
}

// Dynamic programming from the end, so that the way can be walked from the start.
function table(rows, columns, same) {
  const width = columns + 1;
  const length = new Uint16Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      length[at] = same(i, j)
        ? length[at + width + 1] + 1
        : Math.max(length[at + width], length[at + 1]);
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < rows && j < columns;) {
    const at = i * width + j;
    if (same(i, j)) pairs.push([i++, j++]);
    else if (length[at + width] >= length[at + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

function longRuns(pairs) {
  const runs = [];
  for (const [i, j] of pairs) {
    const last = runs.at(-1)?.at(-1);
    if (last && last[0] === i - 1 && last[1] === j - 1) runs.at(-1).push([i, j]);
    else runs.push([[i, j]]);
  }
  return runs.filter((run) => run.length >= SHORTEST_MOVE).flat();
}
