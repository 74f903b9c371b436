// What is to be said of the shown page: warnings and corrections at once, attempts on demand.

import { byId, count, duration, element } from "./dom.js";

const OUTCOMES = {
  stop: "complete",
  length: "cut off",
  loop: "repeated itself",
  timeout: "took too long",
};

/** Show the notes of the session's page. */
export function connectPageNotes(session) {
  const show = () => {
    byId("page-notes").replaceChildren(...notesOf(session.page));
    showAttempts(session.page);
  };
  session.addEventListener("shown", show);
  session.addEventListener("page", ({ detail }) => detail === session.page && show());
}

function notesOf(page) {
  if (!page) return [];
  const notes =
    page.status === "reading" && page.retries.length
      ? [note("info", `Reading the page again: ${page.retries.at(-1)}.`)]
      : [];
  if (page.corrected !== null) {
    notes.push(
      note(
        "info",
        "Corrected by hand. Copy and the Markdown download include the correction.",
      ),
    );
  }
  if (page.status !== "failed")
    notes.push(...page.warnings.map((warning) => note("warning", warning)));
  return notes;
}

const note = (kind, text) => element("p", { class: `note ${kind}` }, text);

function showAttempts(page) {
  const details = byId("attempts");
  details.hidden = page?.seconds == null;
  if (details.hidden) return;
  const sure =
    page.confidence === null ? "" : `, confidence ${Math.round(page.confidence * 100)} %`;
  details.firstElementChild.textContent = `Read in ${duration(page.seconds)}, ${count(page.attempts.length, "attempt")}${sure}`;
  details.lastElementChild.replaceChildren(
    page.attempts.length ? table(page.attempts) : "No request was sent, because the page is blank.",
  );
}

function table(attempts) {
  const row = (cells, tag = "td") =>
    element("tr", {}, ...cells.map((cell) => element(tag, {}, cell)));
  const rows = attempts.map((attempt) =>
    row([
      attempt.number,
      OUTCOMES[attempt.outcome] ?? attempt.outcome,
      duration(attempt.seconds),
      attempt.settings?.temperature ?? "",
    ]),
  );
  return element(
    "table",
    {},
    element("thead", {}, row(["Attempt", "Outcome", "Time", "Temperature"], "th")),
    element("tbody", {}, ...rows),
  );
}
