// What went wrong, in words, and what to do about it.

/** An error that stopped a document. `status` is the answer's, 0 without one. */
export class Problem extends Error {
  constructor(title, advice, status = 0) {
    super(title);
    this.title = title;
    this.advice = advice;
    this.status = status;
  }
}

const ADVICE = {
  400: ["The server did not understand the request", "Check the page numbers and try again."],
  401: ["The server asks for a key", "Try again and enter the key that the server was started with."],
  403: ["The server refuses this", "Ask whoever runs the server whether your key allows it."],
  404: ["This server does not read documents", "Update lighton-ocr on the server and start it again."],
  413: ["The document is too large for this server", "Split it, or choose a smaller file."],
  415: ["This kind of file cannot be read", "Open a PDF, or a picture such as PNG, JPEG, WebP or TIFF."],
  422: ["The document could not be read", "Check that the file opens elsewhere and that its pages exist."],
  429: ["The server is busy", "Wait a moment, then try again."],
  503: ["The model is not ready", "It may still be starting. Try again in a minute."],
};

/** Return the problem that an HTTP answer tells of. */
export async function problemOf(response) {
  const [title, advice] = ADVICE[response.status] ?? [
    `The server answered with error ${response.status}`,
    "Try again. If it happens again, look at the server's output.",
  ];
  const said = await response.json().then((body) => body.error?.message, () => null);
  const wait = Number(response.headers.get("Retry-After"));
  const when = wait ? ` It expects to be free in ${wait} s.` : "";
  return new Problem(title, `${said ? `${said} ` : ""}${when}${advice}`, response.status);
}

/** Return the problem that a stream's error event tells of. */
export function problemIn({ error }) {
  const status = Number(error.code) || 0;
  const advice = ADVICE[status]?.[1] ?? "The pages that were read are kept. Try again for the rest.";
  return new Problem("The document could not be read to its end", `${error.message} ${advice}`, status);
}

/** Return the problem of a request that got no answer, or whose answer broke off. */
export function problemOfConnection(begun) {
  return begun
    ? new Problem(
        "The connection to the server broke off",
        "The pages that were read are kept. Check that the server still runs, then try again.",
      )
    : new Problem(
        "The server does not answer",
        "Check that it still runs and that you are online, then try again.",
      );
}
