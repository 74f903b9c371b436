// What the whole document has to say: what it waits for, its warnings, and why it stopped; and which
// other files cannot be read.

import { byId, duration, element } from "./dom.js";

/** Show the notices of the shown document, and count the seconds of a wait. */
export function connectNotices(session) {
  let said = "";
  const show = () => {
    const notices = noticesOf(session);
    const text = notices.map((one) => one.outerHTML).join("");
    if (text === said) return; // a screen reader would say it again, and a button lose the focus
    said = text;
    byId("notices").replaceChildren(...notices);
  };
  session.addEventListener("documents", show);
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-since]")) tick(clock);
  }, 1000);
}

function noticesOf(session) {
  const { document } = session;
  const notices = document.ownWarnings.map((warning) => notice("warning", warning));
  if (document.waiting) notices.push(wait(document.waiting));
  if (document.status === "stopped") {
    const again = tryAgain(session, document);
    notices.push(notice("info", "Stopped.", "The pages that were read are kept.", again));
  }
  if (document.problem) {
    const { title, advice, canRetry } = document.problem;
    const actions = canRetry ? [tryAgain(session, document)] : [];
    notices.push(notice("error", `${title}.`, advice, ...actions));
  }
  if (document.pdfProblem) {
    const { title, advice } = document.pdfProblem;
    notices.push(notice("error", `${title}.`, advice));
  }
  return [...notices, ...othersOf(session)];
}

// Files of which nothing can be shown.
function othersOf(session) {
  const others = session.documents.filter(
    (one) => one !== session.document && one.problem && !one.pages.length,
  );
  return others.map((other) => {
    const { title, advice, canRetry } = other.problem;
    const shown = notice(
      "error",
      `${other.name}: ${title}.`,
      advice,
      ...(canRetry ? [tryAgain(session, other)] : []),
      button("Dismiss", () => session.remove(other)),
    );
    shown.dataset.document = session.documents.indexOf(other);
    return shown;
  });
}

const tryAgain = (session, document) => button("Try again", () => session.again(document));

const button = (text, click) => element("button", { type: "button", click }, text);

function notice(kind, title, text = "", ...actions) {
  const words = element("p", {}, element("strong", {}, title), ` ${text}`);
  return element(
    "div",
    { class: `notice ${kind}`, role: kind === "error" ? "alert" : null },
    words,
    ...actions,
  );
}

function wait({ reason, since }) {
  const clock = element("span", { class: "clock", "data-since": since });
  tick(clock);
  return element(
    "div",
    { class: "notice info waiting", role: "status" },
    element("p", {}, element("strong", {}, "Waiting. "), `${reason} `, clock),
  );
}

function tick(clock) {
  const seconds = Math.round((Date.now() - Number(clock.dataset.since)) / 1000);
  clock.textContent = `For ${duration(Math.max(0, seconds))}.`;
}
