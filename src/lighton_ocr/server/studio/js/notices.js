// What the whole document has to say: what it waits for, its warnings, and why it stopped.

import { byId, duration, element } from "./dom.js";

/** Show the notices of the shown document, and count the seconds of a wait. */
export function connectNotices(session) {
  const show = () => byId("notices").replaceChildren(...noticesOf(session));
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
    notices.push(notice("info", "Stopped.", "The pages that were read are kept.", again(session)));
  }
  if (document.problem) {
    const { title, advice } = document.problem;
    notices.push(notice("error", `${title}.`, advice, again(session)));
  }
  return notices;
}

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

function again(session) {
  return element(
    "button",
    { type: "button", click: () => session.again(session.document) },
    "Try again",
  );
}
