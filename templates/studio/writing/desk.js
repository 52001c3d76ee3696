// Writing in the letter: which sentence is open, and what becomes of it when it is left. One is open at a time, one save
// is under way at a time, and nothing takes the place of the sentence under the caret.
import { Bar } from "./bar.js";
import { differing } from "./differing.js";
import { blockOf, blockBelow, sentenceAbove } from "./passages.js";
import { act, ask, write } from "./requests.js";
import { linked, linkOf } from "./schema.js";
import { Sentence } from "./sentence.js";

/**
 * @typedef {import("./schema.js").Span} Span
 * @typedef {{element: HTMLElement, at: string, d: string, address: string, audience: string, lang: string, shown: Span[],
 *   parted: boolean, href?: string}} Place a sentence as it is in the file; `href`: of the link of the letter's own in which
 *   the words stand
 * @typedef {Place & {sentence: Sentence, above?: Promise<Above | undefined>}} Open
 * @typedef {Place & {first: Span[]}} Above of what Enter began and is not in the file yet: the sentence it follows, and what
 *   is left of that
 * @typedef {{say(words: string): void, saved(words: string, undo?: string, states?: Record<string, string>): void, left(): void,
 *   step(from: HTMLElement, by: number): void, again(): void, lost(): void, add(sentence: {at: string, d: string}): void}} Page
 */

export class Desk {
  /** @param {HTMLElement} bar @param {HTMLDialogElement} versions @param {Page} page */
  constructor(bar, versions, page) {
    this.page = page;
    this.versions = versions;
    this.words = bar.dataset;
    this.bar = new Bar(bar, { leave: () => this.leave(), restore: () => this.restore(), add: () => this.add() });
    /** @type {Open | undefined} */
    this.open = undefined;
    /** @type {Promise<boolean> | undefined} */
    this.leaving = undefined;
    /** @type {Promise<void> | undefined} */
    this.joining = undefined;
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
    const told = await ask(address, at, d, audience);
    if (told.kind === "lost") return this.page.lost();
    if (told.kind !== "told") return this.page.say(told.kind === "refused" ? told.why : "");
    if (told.body.d !== d || !element.isConnected) { // the letter on the screen is an older one
      this.page.say(this.words.older ?? "");
      return this.page.again();
    }
    const { spans, parted } = told.body;
    const href = element.closest("a") ? linkOf(spans) : undefined;
    this.mount({ element, at: told.body.at, d, address, audience, lang, shown: spans, parted, href }, spans, press);
    if (element.dataset.line) this.page.say((this.words.line ?? "").replace("{line}", element.dataset.line));
  }

  /** Open an editor on a sentence. @param {Place & {above?: Promise<Above | undefined>}} place @param {Span[]} spans @param {{left: number, top: number} | number=} caret */
  mount(place, spans, caret) {
    const { element, href, lang, shown } = place;
    const within = element.closest("a") !== null;
    const bare = (/** @type {Span[]} */ some) => (href === undefined ? some : linked(some));
    const sentence = new Sentence(element, {
      spans: bare(spans), shown: bare(shown), lang, label: this.words.label ?? "",
      marks: !("plain" in element.dataset), links: !within && !("plain" in element.dataset),
    }, {
      changed: () => this.bar.follow(),
      enter: () => this.part(),
      leave: () => this.leave(),
      restore: () => this.restore(),
      step: (by) => this.step(by),
      join: () => this.join(),
      add: () => this.add(),
      link: () => this.bar.ask(),
      cover: () => this.bar.cover,
    });
    this.open = { ...place, sentence };
    this.bar.open(sentence, place.parted);
    sentence.focus(caret);
    return sentence;
  }

  /** Write the open sentence and leave it. False where it could not be written: it stays open with its words. */
  leave() {
    this.leaving ??= this.written().finally(() => { this.leaving = undefined; });
    return this.leaving;
  }

  async written() {
    await this.joining;
    if (!this.open) return true;
    const { sentence } = this.open;
    await sentence.settled();
    if (this.open.above) return this.saveBegun(this.open);
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
      Object.assign(element.dataset, { at: answer.body.at, d: answer.body.d });
      this.closed(href === undefined ? answer.body.spans : linked(answer.body.spans));
      this.said(answer.body);
      return true;
    }
    if (answer.kind === "stale" && answer.theirs) {
      if (answer.at) this.open.at = answer.at;
      this.compare(answer.mine, answer.theirs);
    } else this.bar.say(this.whyNot(answer));
    if (!this.versions.open) sentence.view.focus();
    return false;
  }

  /** @param {import("./requests.js").Answer} answer */
  whyNot(answer) {
    return answer.kind === "lost" ? this.words.lost ?? "" : answer.kind === "told" ? "" : answer.why;
  }

  /** @param {{saved: string, undo: string, states?: Record<string, string>}} answer */
  said({ saved, undo, states }) {
    this.page.saved((this.words.saved ?? "").replace("{time}", saved), undo, states);
  }

  /** Enter: what stands behind the caret is a sentence of its own from here on. It is written when it is left. */
  async part() {
    const { open } = this;
    if (!open || this.leaving || this.joining) return;
    if (!open.parted) return this.leave();
    await open.sentence.settled();
    const [first, second] = open.sentence.halves;
    if (!first.length) return open.above && !second.length ? this.leave() : this.bar.say(this.words.empty ?? "");
    this.bar.say("");
    const { element, at, d, address, audience, lang } = open;
    const above = open.above ? this.writeBegun(open, first) : Promise.resolve({ ...open, first });
    const place = { element: blockBelow(element), at, d, address, audience, lang, shown: [], parted: true, above };
    open.sentence.close(first);
    this.mount(place, second, 0);
    const done = await above;
    if (done && open.above) Object.assign(element.dataset, { at: done.at, d: done.d });
    if (done || this.open?.above !== above) return;
    const why = this.bar.why.textContent ?? ""; // it was refused: both are one again, and why stays said
    const rest = this.open.sentence.spans;
    this.dropped(this.open);
    this.mount(open, [...first, ...gap(rest), ...rest]);
    this.bar.say(why);
  }

  /** Write what Enter began, as `words`: the sentence above is parted there. @param {Open} open @param {Span[]} words @returns {Promise<Above | undefined>} */
  async writeBegun(open, words) {
    const above = await open.above;
    if (!above) return undefined;
    const { at, d, audience, shown, first } = above;
    const wanted = [...first, ...gap(words), ...words];
    const answer = await act(open.address.replace("/sentence/", "/element/"), { act: "split", at, d, audience, shown, wanted, first });
    if (answer.kind !== "told") {
      this.bar.say(this.whyNot(answer));
      return undefined;
    }
    this.said(answer.body);
    Object.assign(above.element.dataset, { at: answer.body.first.at, d: answer.body.first.d });
    const { spans } = answer.body;
    return { ...open, above: undefined, at: answer.body.at, d: answer.body.d, shown: spans, first: spans };
  }

  /** Leave what Enter began: written where it has words, else gone, and the sentence above written where it was changed. @param {Open} open @returns {Promise<boolean>} */
  async saveBegun(open) {
    const words = open.sentence.spans;
    if (words.length) {
      const done = await this.writeBegun(open, words);
      if (!done) {
        open.sentence.view.focus();
        return false;
      }
      Object.assign(open.element.dataset, { at: done.at, d: done.d });
      return this.closed(done.shown);
    }
    const above = await open.above;
    if (!above) return false;
    this.dropped(open);
    this.mount(above, above.first);
    if (!this.open?.sentence.differs) return this.closed();
    return this.save(this.open.sentence.spans);
  }

  /** Take an element that Enter began out of the letter. @param {Open} open */
  dropped(open) {
    open.sentence.close();
    blockOf(open.element).remove();
    this.open = undefined;
  }

  /** Backspace at the beginning: the sentence goes on from the one above it. */
  join() {
    const { open } = this;
    if (!open || this.leaving || this.joining || !open.at.includes("#")) return;
    this.joining = (open.above ? this.joinBegun(open) : this.joinWritten(open)).finally(() => { this.joining = undefined; });
  }

  /** @param {Open} open */
  async joinBegun(open) {
    const above = await open.above;
    if (!above || this.open !== open) return;
    const words = open.sentence.spans;
    this.dropped(open);
    const sentence = this.mount(above, above.first);
    const end = sentence.view.state.doc.content.size;
    sentence.insert(words, end);
    sentence.go(end);
  }

  /** @param {Open} open */
  async joinWritten(open) {
    const { at, d, address, audience, shown, sentence } = open;
    const upper = sentenceAbove(open.element);
    if (!upper) return this.bar.say(this.words.nothing ?? "");
    const wanted = sentence.spans;
    const said = { act: "merge", at, d, audience, shown, wanted, above: upper.dataset.d };
    const answer = await act(address.replace("/sentence/", "/element/"), said);
    if (this.open !== open) return;
    if (answer.kind !== "told") return this.bar.say(this.whyNot(answer));
    const { spans, before } = answer.body;
    const [typed] = sentence.halves; // while the answer was awaited
    this.dropped(open);
    Object.assign(upper.dataset, { at: answer.body.at, d: answer.body.d });
    this.mount({ ...open, element: upper, at: answer.body.at, d: answer.body.d, shown: spans }, spans, before)
      .insert(typed, before);
    this.said(answer.body);
  }

  /** Leave the sentence, and show what can be added below it. */
  async add() {
    const { open } = this;
    if (!open?.parted) return;
    const above = open.above && !open.sentence.spans.length ? await open.above : undefined;
    const { element } = above ?? open;
    if (await this.leave()) this.page.add({ at: element.dataset.at ?? "", d: element.dataset.d ?? "" });
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

  /** Leave the sentence as it was before it was opened, and the one that was parted as it was. */
  async restore() {
    const { open } = this;
    if (!open || this.leaving || this.joining) return;
    if (!open.above) return this.closed();
    const above = await open.above;
    if (!above || this.open !== open) return;
    this.dropped(open);
    this.mount(above, above.shown);
    this.closed(above.href === undefined ? above.shown : linked(above.shown));
  }

  /** @param {number} by */
  async step(by) {
    const element = this.open?.element;
    if (element && (await this.leave())) this.page.step(element, by);
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
    const told = await ask(open.address, open.at, "", open.audience);
    if (told.kind !== "told") return this.bar.say(this.whyNot(told));
    Object.assign(open, { d: told.body.d, shown: told.body.spans });
    await this.save(wanted);
  }

  takeTheirs() {
    this.versions.close();
    this.closed();
    this.page.again();
  }
}

/** The space between two sentences that the file is to have as one line, before it parts them. @param {Span[]} words @returns {Span[]} */
function gap(words) {
  return words.length ? [{ type: "text", text: " " }] : [];
}
