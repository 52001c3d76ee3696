// Writing in the letter: which sentence is open, and what becomes of it when it is left. One is open at a time, one save
// is under way at a time, and nothing takes the place of the sentence under the caret.
import { Bar } from "./bar.js";
import { ask, write } from "./requests.js";
import { linked, linkOf } from "./schema.js";
import { Sentence } from "./sentence.js";

/**
 * @typedef {import("./schema.js").Span} Span
 * @typedef {{element: HTMLElement, at: string, d: string, address: string, audience: string, shown: Span[], sentence: Sentence,
 *   href?: string}} Open `href`: of the link of the letter's own in which the words stand
 * @typedef {{say(words: string): void, saved(words: string): void, left(): void, step(from: string, by: number): void,
 *   again(): void, lost(): void}} Page
 */

export class Desk {
  /** @param {HTMLElement} bar @param {HTMLDialogElement} versions @param {Page} page */
  constructor(bar, versions, page) {
    this.page = page;
    this.versions = versions;
    this.words = bar.dataset;
    this.bar = new Bar(bar, { leave: () => this.leave(), restore: () => this.restore() });
    /** @type {Open | undefined} */
    this.open = undefined;
    /** @type {Promise<boolean> | undefined} */
    this.leaving = undefined;
    versions.addEventListener("click", (event) => {
      const choice = /** @type {Element} */ (event.target).closest("button")?.dataset.choice;
      if (choice === "mine") this.keepMine();
      if (choice === "theirs") this.takeTheirs();
      if (choice === "later") versions.close();
    });
    versions.addEventListener("close", () => this.open?.sentence.view.focus()); // nothing was chosen: the words are kept
  }

  /**
   * Make a sentence editable.
   * @param {HTMLElement} element @param {{address: string, audience: string, lang: string, press?: {left: number, top: number}}} how
   */
  async begin(element, { address, audience, lang, press }) {
    if (this.open?.element === element || !(await this.leave())) return;
    const { at = "", d = "" } = element.dataset;
    const told = await ask(address, at, audience);
    if (told.kind === "lost") return this.page.lost();
    if (told.kind !== "told") return this.page.say(told.kind === "refused" ? told.why : "");
    if (told.body.d !== d || !element.isConnected) { // the letter on the screen is an older one
      this.page.say(this.words.older ?? "");
      return this.page.again();
    }
    const { spans } = told.body;
    const within = element.closest("a") !== null;
    const href = within ? linkOf(spans) : undefined;
    const sentence = new Sentence(element, {
      spans: href === undefined ? spans : linked(spans), lang, label: this.words.label ?? "",
      marks: !("plain" in element.dataset), links: !within && !("plain" in element.dataset),
    }, {
      changed: () => this.bar.follow(),
      leave: () => this.leave(),
      restore: () => this.restore(),
      step: (by) => this.step(by),
      link: () => this.bar.ask(),
      cover: () => this.bar.cover,
    });
    this.open = { element, at, d, address, audience, shown: spans, sentence, href };
    this.bar.open(sentence);
    sentence.focus(press);
    this.page.say((this.words.line ?? "").replace("{line}", element.dataset.line ?? ""));
  }

  /** Write the open sentence and leave it. False where it could not be written: it stays open with its words. */
  leave() {
    this.leaving ??= this.written().finally(() => { this.leaving = undefined; });
    return this.leaving;
  }

  async written() {
    if (!this.open) return true;
    const { sentence } = this.open;
    await sentence.settled();
    if (!sentence.differs) return this.closed();
    return this.save(sentence.spans);
  }

  /** @param {Span[]} wanted @returns {Promise<boolean>} */
  async save(wanted) {
    if (!this.open) return true;
    const { element, at, d, address, audience, shown, sentence, href } = this.open;
    const whole = href === undefined ? wanted : linked(wanted, href);
    const answer = await write(address, { at, d, audience, shown, wanted: whole });
    if (answer.kind === "told") {
      element.dataset.d = answer.body.d;
      this.closed(href === undefined ? answer.body.spans : linked(answer.body.spans));
      this.page.saved((this.words.saved ?? "").replace("{time}", answer.body.saved));
      return true;
    }
    if (answer.kind === "stale" && answer.theirs) this.compare(answer.mine, answer.theirs);
    else this.bar.say(answer.kind === "lost" ? this.words.lost ?? "" : answer.why);
    if (!this.versions.open) sentence.view.focus();
    return false;
  }

  /** @param {Span[]=} spans what the sentence shows from now on; as before where there are none */
  closed(spans) {
    const { open } = this;
    this.open = undefined;
    this.bar.close();
    open?.sentence.close(spans);
    this.page.left();
    return true;
  }

  /** Leave the sentence as it was before it was opened. */
  restore() {
    if (this.open && !this.leaving) this.closed();
  }

  /** @param {number} by */
  async step(by) {
    const at = this.open?.at ?? "";
    if (await this.leave()) this.page.step(at, by);
  }

  /** The file says another sentence there: show both, and let the editor choose. @param {string} mine @param {string} theirs */
  compare(mine, theirs) {
    const put = (/** @type {string} */ name, /** @type {string} */ words, /** @type {string} */ other) => {
      const [start, end] = differing(words, other);
      const changed = document.createElement("mark");
      changed.textContent = words.slice(start, end);
      this.versions.querySelector(`[data-version=${name}]`)?.replaceChildren(words.slice(0, start), changed, words.slice(end));
    };
    put("mine", mine, theirs);
    put("theirs", theirs, mine);
    this.versions.showModal();
  }

  async keepMine() {
    const { open } = this;
    this.versions.close();
    if (!open) return;
    const wanted = open.sentence.spans;
    const told = await ask(open.address, open.at, open.audience);
    if (told.kind !== "told") return this.bar.say(told.kind === "refused" ? told.why : this.words.lost ?? "");
    Object.assign(open, { d: told.body.d, shown: told.body.spans });
    await this.save(wanted);
  }

  takeTheirs() {
    this.versions.close();
    this.closed();
    this.page.again();
  }
}

/** Where `words` begin and end to differ from `other`, at whole words. @param {string} words @param {string} other */
function differing(words, other) {
  let start = 0;
  while (start < words.length && words[start] === other[start]) start++;
  let end = 0;
  while (end < words.length - start && words.at(-1 - end) === other.at(-1 - end) && end < other.length - start) end++;
  while (start > 0 && /\S/.test(words[start - 1])) start--;
  while (end > 0 && /\S/.test(words[words.length - end])) end--;
  return [start, words.length - end];
}
