// A picture's file, sent to be looked at. It waits there, in memory, until it is put in; nothing is written before.

/** @typedef {import("../writing/requests.js").Answer} Answer */

export const where = () => location.pathname.split("/").slice(2, 4).join("/");

/** The address at which a picture that waits is shown. @param {string} picture */
export const shownAt = (picture) => `/arrival/${where()}/${picture}`;

/** @param {File} file @returns {Promise<Answer>} */
export async function send(file) {
  try {
    const response = await fetch(`/arrival/${where()}?${new URLSearchParams({ file: file.name })}`, {
      method: "POST", body: file, cache: "no-store", headers: { "content-type": "application/octet-stream" },
    });
    const body = await response.json();
    return response.ok ? { kind: "told", body } : { kind: "refused", why: body.why };
  } catch { // no answer, or one that is not ours
    return { kind: "lost" };
  }
}

/** Whether the picture waits still. @param {string} picture */
export async function waits(picture) {
  try {
    return (await fetch(shownAt(picture), { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** The names of documents, which drafts.js takes. */
export const DOCUMENT = /\.(docx?|odt|pages|rtf|pdf|html?|md|markdown|txt)$/i;

/** The files among what is dropped or pasted; nothing where it is words as well. @param {DataTransfer | null} held @param {boolean=} alone */
export function filesIn(held, alone) {
  if (!held || (alone && [...held.types].some((type) => type === "text/plain"))) return [];
  return [...held.files];
}
