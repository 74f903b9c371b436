// What went wrong, in words, and what to do about it.

/**
 * An error that stopped a document. `status` is the answer's, 0 without one; `field` names the field
 * of the request that is at fault, if the server says so.
 */
export class Problem extends Error {
  constructor(title, advice, status = 0, field = null) {
    super(title);
    Object.assign(this, { title, advice, status, field });
  }

  /** Whether the same file may be read at another try, perhaps after a secret was asked for. */
  get canRetry() {
    const { status, field } = this;
    return status >= 500 || [0, 401, 408, 429].includes(status) || field === "password";
  }
}

const TITLES = {
  400: "The server did not understand the request",
  401: "The server requires a key",
  403: "The server refuses this request",
  404: "This server does not read documents",
  408: "The document arrived too slowly",
  413: "The document is too large for this server",
  415: "This kind of file cannot be read",
  422: "The document cannot be read",
  429: "The server is busy",
  503: "The model cannot be reached",
};

const UNEXPLAINED = "The server's log may say why.";

// What to do, after the server's own sentence.
const ADVICE = {
  401: "Try again, and enter the key that the server was started with.",
  404: "Update lighton-ocr on the server, and start it again.",
  413: "Split it with another program, and open the parts.",
  429: "Try again in a moment.",
  503: "The model may still be starting: try again in a minute.",
};

/** Return the problem that an HTTP answer tells of. */
export async function problemOf(response) {
  const { status } = response;
  const { message: said, param: field } = await response.json().then(
    (body) => body.error ?? {},
    () => ({}),
  );
  if (field === "password") {
    const title = "The document is protected by a password";
    return new Problem(title, "Try again, and enter it.", status, field);
  }
  const advice = field === "pages" ? "Add the file again, with other pages." : ADVICE[status];
  // Its sentence about a key is for programs.
  const sentences = [status === 401 ? null : said, advice ?? (said ? null : UNEXPLAINED)];
  const title = TITLES[status] ?? `The server answered with error ${status}`;
  return new Problem(title, sentences.filter(Boolean).join(" "), status, field);
}

/** Return the problem that a stream's error event tells of. */
export function problemIn({ error }) {
  const status = Number(error.code) || 0;
  const advice = "The pages that were read are kept.";
  return new Problem(
    "The document could not be read completely",
    `${error.message} ${advice}`,
    status,
  );
}

/** Return the problem of a searchable PDF that was not made, for the reason that `cause` tells. */
export function problemOfPdf({ title, advice, status, field }) {
  // Another title is about a document that cannot be read, which this one was.
  const reason = status === 422 ? advice : `${title}. ${advice}`;
  return new Problem("The searchable PDF could not be made", reason, status, field);
}

/** Return the problem of a request that got no answer, or whose answer broke off. */
export function problemOfConnection(begun) {
  return begun
    ? new Problem(
        "The connection to the server was lost",
        "The pages that were read are kept. Check that the server is still running, then try again.",
      )
    : new Problem(
        "The server does not answer",
        "Check that it is still running, that you are online, and that the file is not very large. Then try again.",
      );
}
