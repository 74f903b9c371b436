// The studio: documents in, the page beside its text. Each module below connects one part of the
// page to the session, which holds the documents and says what changed.

import { connectBoxes } from "./boxes.js";
import { connectCorrection } from "./correction.js";
import { byId } from "./dom.js";
import { connectFind } from "./find.js";
import { connectHeader } from "./header.js";
import { connectKey } from "./key.js";
import { connectNotices } from "./notices.js";
import { connectOutputs } from "./outputs.js";
import { connectPageNotes } from "./page_notes.js";
import { connectPageView } from "./page_view.js";
import { connectPrint } from "./print.js";
import { connectSecret } from "./secret.js";
import { Session } from "./session.js";
import { connectSides } from "./sides.js";
import { connectStart } from "./start.js";
import { TextView } from "./text_view.js";
import { connectThumbnails } from "./thumbnails.js";

const session = new Session();
connectSecret();
connectKey();
connectStart(session);
connectHeader(session);
connectNotices(session);
connectThumbnails(session);
connectPageView(session);
connectPageNotes(session);
const textView = new TextView(session);
connectBoxes(session, textView);
connectFind(session, textView);
connectCorrection(session);
connectOutputs(session);
connectPrint(session);
connectSides();
connectPageKeys();
textView.choose("rendered");

function connectPageKeys() {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey)
      return;
    if (event.target.closest("input, textarea, select, dialog, .viewer.zoomed")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) session.turn(by);
  });
}
