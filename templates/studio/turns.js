// The changes of this page's life, each of which can be taken back and made again.
import { act } from "./writing/requests.js";

/**
 * @typedef {{leave(): Promise<boolean>, say(words: string): void, again(): void, lost(): void}} Page `leave` is false where
 *   an open sentence could not be written; `again` shows the file as it is
 */

export class Turns {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {string[]} */
    this.done = [];
    /** @type {string[]} */
    this.undone = [];
    this.turning = Promise.resolve(); // one at a time
  }

  /** Say what was saved; `id` of the change: from here on nothing that was taken back is made again. @param {string} words @param {string=} id */
  saved(words, id) {
    if (id) this.undone.splice(0, this.undone.length);
    if (id) this.done.push(id);
    this.told(words);
  }

  /** Take the last change back, or make again what was taken back last: each is a change of the file as any other. @param {"undo" | "redo"} name */
  turn(name) {
    this.turning = this.turning.then(() => this.turned(name)).catch(() => this.page.lost());
  }

  /** @param {"undo" | "redo"} name */
  async turned(name) {
    const [from, to] = name === "undo" ? [this.done, this.undone] : [this.undone, this.done];
    if (!from.length || !(await this.page.leave())) return;
    const answer = await act(location.pathname.replace("/issue/", "/history/"), { act: "undo", id: from.at(-1) });
    if (answer.kind === "lost") return this.page.lost();
    if (answer.kind !== "told") return this.page.say(answer.why);
    from.pop();
    if (answer.body.undo) to.push(answer.body.undo);
    const told = (document.getElementById(name)?.dataset.told ?? "").replace("{time}", answer.body.saved);
    this.told([told, answer.body.stays].filter(Boolean).join(" · "));
    this.page.again();
  }

  /** @param {string} words */
  told(words) {
    const put = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
    put("saved").textContent = words;
    put("undo").hidden = !this.done.length;
    put("redo").hidden = !this.undone.length;
  }
}
