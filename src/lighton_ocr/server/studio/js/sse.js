// Server-sent events from a fetched body: EventSource cannot send a document.

/**
 * Yield each event of a stream as {name, data}, its data parsed as JSON. Comments, which only keep
 * the connection open, are left out.
 */
export async function* events(body) {
  let name = "message";
  let data = [];
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length) yield { name, data: JSON.parse(data.join("\n")) };
      name = "message";
      data = [];
    } else if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
}

// Pieces of a line are joined once, at its end: a line may hold a whole PDF.
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pieces = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = value.split("\n");
    for (const part of parts.slice(0, -1)) {
      pieces.push(part);
      yield pieces.join("").replace(/\r$/, "");
      pieces = [];
    }
    pieces.push(parts.at(-1));
  }
}
