// What is asked of the studio about one sentence. An answer is always one of these; nothing is thrown.

/**
 * @typedef {import("./schema.js").Span} Span
 * @typedef {{d: string, spans: Span[]}} Asked
 * @typedef {{at: string, d: string, audience: string, shown: Span[], wanted: Span[]}} Said
 * @typedef {{kind: "told", body: any} | {kind: "stale", mine: string, theirs: string, why: string} | {kind: "refused", why: string}
 *   | {kind: "lost"}} Answer
 */

/** @param {string} address @param {RequestInit=} how @returns {Promise<Answer>} */
async function answer(address, how) {
  try {
    const response = await fetch(address, { cache: "no-store", ...how });
    const body = await response.json();
    if (response.ok) return { kind: "told", body };
    if (response.status === 409) return { kind: "stale", mine: body.mine, theirs: body.theirs, why: body.why };
    return { kind: "refused", why: body.why };
  } catch { // no answer, or one that is not ours: a closed studio's page
    return { kind: "lost" };
  }
}

/** The sentence as the letter prints it. @param {string} address @param {string} at @param {string} audience */
export function ask(address, at, audience) {
  return answer(`${address}?${new URLSearchParams({ at, audience })}`);
}

/** Write the sentence. It goes out even where the page is being left. @param {string} address @param {Said} said */
export function write(address, said) {
  const body = JSON.stringify(said);
  const keepalive = body.length < 60000; // browsers keep no more than 64 KB alive
  return answer(address, { method: "POST", body, keepalive, headers: { "content-type": "application/json" } });
}
