// What is computed says where it comes from: a note above the letter, and a button where it repeats a sentence.

/** @typedef {{dataset: DOMStringMap}} Computed `from`: where it comes from; `go`: the place of the sentence that it repeats */

/**
 * Say where `computed` comes from; with null, no more.
 * @param {Computed | null} computed @param {(at: string) => boolean} open opens the sentence at a place, where it is there
 */
export function explain(computed, open) {
  const note = document.getElementById("origin");
  if (note) note.hidden = !computed;
  if (!note || !computed) return;
  const [words, button] = /** @type {[HTMLElement, HTMLButtonElement]} */ (/** @type {unknown} */ (note.children));
  words.textContent = computed.dataset.from ?? "";
  button.hidden = !computed.dataset.go;
  button.onclick = () => {
    if (open(computed.dataset.go ?? "")) note.hidden = true;
  };
}

/** Of the nameplate and of the line under it, which hold no sentence: what is set, and what is counted. @param {Element} target @returns {Computed | null} */
export function printed(target) {
  const { dateline, settings } = document.getElementById("origin")?.dataset ?? {};
  if (target.closest(".dateline:not(.tagline)")) return { dataset: { from: dateline } };
  return target.closest(".nameplate") ? { dataset: { from: settings } } : null;
}
