// Where the sentences of a text stand in the letter: the element of each, the one above it, and a new one below.

const BLOCKS = "p, li, h2, h3, h4, td, blockquote, div";

/** The element of the letter that is a sentence's own: its paragraph, its point. @param {HTMLElement} sentence @returns {HTMLElement} */
export function blockOf(sentence) {
  return sentence.closest(BLOCKS) ?? sentence;
}

/** A new sentence in an element of its own, as that of another and right below it. @param {HTMLElement} sentence @returns {HTMLElement} */
export function blockBelow(sentence) {
  const block = blockOf(sentence);
  const made = /** @type {HTMLElement} */ (block.cloneNode(false));
  made.removeAttribute("id");
  const span = sentence.ownerDocument.createElement("span");
  if (block === sentence) {
    block.after(span);
    return span;
  }
  made.append(span);
  block.after(made);
  return span;
}

/** The sentence above another of the same text; none where that is the first, or where its own lead stands before it. @param {HTMLElement} sentence @returns {HTMLElement | undefined} */
export function sentenceAbove(sentence) {
  const text = (sentence.dataset.at ?? "").split("#")[0];
  const all = [...sentence.ownerDocument.querySelectorAll("[data-at]")].map((one) => /** @type {HTMLElement} */ (one));
  const before = all.slice(0, all.indexOf(sentence)).reverse();
  const upper = before.find((one) => one.dataset.at?.startsWith(`${text}#`) && one.getClientRects().length);
  if (upper && upper.dataset.at?.replace(/\/lead$/, "") === sentence.dataset.at?.replace(/\/text$/, "")) return undefined;
  return upper;
}
