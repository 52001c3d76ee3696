// The bar under an open sentence: marks, link, undo and redo, the two ways out, and what the studio answers.

/**
 * @typedef {import("./sentence.js").Sentence} Sentence
 * @typedef {{leave(): void, restore(): void, add(): void}} Hooks
 */

const SCHEMES = /^(https?:\/\/|mailto:|tel:|#)/i;

export class Bar {
  /** @param {HTMLElement} element @param {Hooks} hooks */
  constructor(element, hooks) {
    this.element = element;
    this.field = /** @type {HTMLInputElement} */ (element.querySelector("input"));
    this.form = /** @type {HTMLFormElement} */ (element.querySelector("form"));
    this.why = /** @type {HTMLElement} */ (element.querySelector("[role=alert]"));
    /** @type {Sentence | undefined} */
    this.sentence = undefined;
    /** @type {{from: number, to: number, href: string} | undefined} */
    this.range = undefined;
    element.addEventListener("mousedown", (event) => {
      if (event.target !== this.field) event.preventDefault(); // the caret stays in the sentence
    });
    element.addEventListener("click", (event) => {
      const act = /** @type {Element} */ (event.target).closest("button")?.dataset.act;
      if (!act || !this.sentence) return;
      if (act === "leave" || act === "restore" || act === "add") hooks[act]();
      else if (act === "undo" || act === "redo") this.sentence[act]();
      else if (act === "link") this.ask();
      else if (act === "unlink") this.put("");
      else if (act === "no-link") this.closeLink();
      else this.sentence.toggle(act);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.put(this.field.value.trim());
    });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (this.form.hidden) hooks.restore();
      else this.closeLink();
    });
  }

  /** @param {Sentence} sentence @param {boolean} parted whether it is one of several, to which others can be added */
  open(sentence, parted) {
    this.sentence = sentence;
    /** @type {HTMLElement} */ (this.element.querySelector("[data-act=add]")).hidden = !parted;
    this.say("");
    this.closeLink();
    this.element.hidden = false;
    document.body.classList.add("writing-now");
    this.follow();
  }

  close() {
    this.sentence = undefined;
    this.element.hidden = true;
    document.body.classList.remove("writing-now");
  }

  /** How much of the window it covers, above and below. */
  get cover() {
    const { top, bottom } = this.element.getBoundingClientRect();
    return top > innerHeight / 2 ? { above: 0, below: innerHeight - top } : { above: bottom, below: 0 };
  }

  /** Show what stands at the caret. */
  follow() {
    if (!this.sentence) return;
    const state = this.sentence.state;
    for (const button of this.element.querySelectorAll("button")) {
      const act = button.dataset.act;
      if (act === "strong" || act === "em") {
        button.setAttribute("aria-pressed", String(state[act]));
        button.hidden = !state.marks;
      }
      if (act === "link") {
        button.setAttribute("aria-pressed", String(state.link));
        button.hidden = !state.links;
      }
      if (act === "undo" || act === "redo") button.disabled = !state[act];
    }
  }

  /** @param {string} why */
  say(why) {
    this.why.textContent = why;
  }

  /** Ask for the address of a link. */
  ask() {
    this.range = this.sentence?.linkRange();
    if (!this.range) return this.say(this.element.dataset.nowords ?? "");
    this.say("");
    this.form.hidden = false;
    this.element.classList.add("linking");
    this.field.value = this.range.href;
    /** @type {HTMLElement} */ (this.element.querySelector("[data-act=unlink]")).hidden = !this.range.href;
    const there = /** @type {HTMLAnchorElement} */ (this.element.querySelector("a"));
    there.hidden = !/^https?:/i.test(this.range.href);
    if (!there.hidden) there.href = this.range.href;
    this.field.focus();
    this.field.select();
  }

  /** @param {string} typed */
  put(typed) {
    if (!this.range || !this.sentence) return;
    const href = !typed || SCHEMES.test(typed) ? typed : typed.includes("@") && !typed.includes("/") ? `mailto:${typed}` : `https://${typed}`;
    if (href && (/^https?:\/\/[^/.]*$/i.test(href) || /\s/.test(href) || /^[a-z]+:/i.test(typed) && !SCHEMES.test(typed))) {
      this.say(this.element.dataset.noaddress ?? "");
      return this.field.focus();
    }
    this.sentence.link(this.range, href);
    this.say("");
    this.closeLink();
  }

  closeLink() {
    this.say("");
    const was = !this.form.hidden;
    this.form.hidden = true;
    this.element.classList.remove("linking");
    if (was) this.sentence?.view.focus();
  }
}
