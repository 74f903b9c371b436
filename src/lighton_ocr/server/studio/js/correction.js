// Correct a page's Markdown by hand.

import { announce, byId } from "./dom.js";

/** Connect the editor that takes the panel's place. */
export function connectCorrection(session) {
  const [form, text, panel] = [byId("correction"), byId("correction-text"), byId("panel")];
  const swap = (editing) => {
    form.hidden = !editing;
    panel.hidden = editing;
    byId("correct").disabled = !editing && session.page?.status !== "done";
  };
  const done = (corrected) => {
    session.correct(session.page, corrected);
    swap(false);
    byId("correct").focus();
  };
  byId("correct").addEventListener("click", () => {
    if (!form.hidden) return swap(false);
    text.value = session.page.markdown;
    byId("correction-undo").disabled = session.page.corrected === null;
    swap(true);
    text.focus();
    text.setSelectionRange(0, 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done(text.value === session.page.text ? null : text.value);
    announce("Correction kept");
  });
  byId("correction-undo").addEventListener("click", () => done(null));
  byId("correction-cancel").addEventListener("click", () => {
    swap(false);
    byId("correct").focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  session.addEventListener("shown", () => swap(false));
  session.addEventListener(
    "page",
    ({ detail }) => detail === session.page && form.hidden && swap(false),
  );
}
