// A remark in the letter: the sentence that it is about, the place of a word in it, and its corrected line.

/**
 * The sentence at the first of `lines`, the remark's own and that of its paragraph; `exact` where there is one, or else
 * the nearest before them. It is shown.
 * @param {HTMLElement[]} all of a letter @param {number[]} lines
 */
export function lead(all, [line, start]) {
  for (const one of all) one.style.backgroundColor = "";
  const at = (number) => all.find((one) => Number(one.dataset.line) === number);
  const exact = at(line) ?? at(start);
  const nearest = Math.max(...all.map((one) => Number(one.dataset.line)).filter((each) => each <= line));
  const sentence = exact ?? at(nearest) ?? all[0];
  if (!sentence) return undefined;
  sentence.style.backgroundColor = "rgb(239 138 128 / .35)"; // the accent, thin enough to read on by day and by night
  sentence.scrollIntoView({ block: "center" });
  return { sentence, exact };
}

/**
 * Where a word begins on the screen, for the caret; nothing where it is printed otherwise than it was typed.
 * @param {HTMLElement} sentence @param {string=} word @returns {{left: number, top: number} | undefined}
 */
export function placeOf(sentence, word) {
  const walker = sentence.ownerDocument.createTreeWalker(sentence, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); word && node; node = walker.nextNode()) {
    const text = /** @type {Text} */ (node);
    const at = text.data.indexOf(word);
    if (at < 0) continue;
    const range = sentence.ownerDocument.createRange();
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    const { left, top, height } = range.getBoundingClientRect();
    return { left: left + 1, top: top + height / 2 };
  }
  return undefined;
}

/**
 * Put a corrected line into the file: the hour at which it was saved, or why it was not; nothing where the studio gave no
 * answer.
 * @param {string} address @param {{code: string, line: number, d: string}} said
 * @returns {Promise<{saved?: string, undo?: string, why?: string} | undefined>}
 */
export async function correction(address, said) {
  try {
    const response = await fetch(address, { method: "POST", body: JSON.stringify(said), headers: { "content-type": "application/json" } });
    return await response.json();
  } catch { // no answer, or one that is not ours: a closed studio's page
    return undefined;
  }
}

// The remark after the one at which the focus is.
export function nextRemark() {
  const remarks = [...document.querySelectorAll(".remark")];
  const at = remarks.findIndex((one) => one.contains(document.activeElement));
  const next = remarks[(at + 1) % remarks.length] ?? document.getElementById("remarks");
  next?.scrollIntoView({ block: "nearest" });
  /** @type {HTMLElement | null} */ (next?.querySelector("button:not([hidden])") ?? next)?.focus();
}
