// What is asked of the studio. An answer is always one of these; nothing is thrown.

/**
 * @typedef {import("./schema.js").Span} Span
 * @typedef {{d: string, spans: Span[]}} Asked
 * @typedef {{at: string, d: string, audience: string, shown: Span[], wanted: Span[]}} Said
 * @typedef {{kind: "told", body: any} | {kind: "stale", mine: string, theirs: string, at?: string, why: string} | {kind: "refused", why: string}
 *   | {kind: "lost"}} Answer
 */

/** @param {string} address @param {RequestInit=} how @returns {Promise<Answer>} */
async function answer(address, how) {
  try {
    const response = await fetch(address, { cache: "no-store", ...how });
    const body = await response.json();
    if (response.ok) return { kind: "told", body };
    if (response.status === 409) return { kind: "stale", mine: body.mine, theirs: body.theirs, at: body.at, why: body.why };
    return { kind: "refused", why: body.why };
  } catch { // no answer, or one that is not ours: a closed studio's page
    return { kind: "lost" };
  }
}

/** The sentence as the letter prints it, wherever the one of the digest `d` stands now. @param {string} address @param {string} at @param {string} d @param {string} audience */
export function ask(address, at, d, audience) {
  return read(address, { at, d, audience });
}

/** @param {string} address @param {{[name: string]: string}} asked @returns {Promise<Answer>} */
export function read(address, asked) {
  return answer(`${address}?${new URLSearchParams(asked)}`);
}

/** Write the sentence. @param {string} address @param {Said} said */
export function write(address, said) {
  return act(address, said);
}

/** Do something to the issue. It goes out even where the page is being left. @param {string} address @param {object} said */
export function act(address, said) {
  const body = JSON.stringify(said);
  const keepalive = body.length < 60000; // browsers keep no more than 64 KB alive
  return answer(address, { method: "POST", body, keepalive, headers: { "content-type": "application/json" } });
}
