// What an issue is made of: the lists of a text's elements and of the blocks, what can be added to them, and the
// acts on them. Each list is read when its dialog opens, with the digests that its acts send.
import { act, read } from "./requests.js";

/**
 * @typedef {{name?: string, kind?: string, at?: string, words: string, d: string, id?: string}} Listed
 * @typedef {{said(answer: {saved: string, undo: string, at?: string}, words: string): void, lost(): void}} Page
 */

class Structure {
  /** @param {HTMLDialogElement} dialog @param {string} name of its acts @param {Page} page */
  constructor(dialog, name, page) {
    this.dialog = dialog;
    this.name = name;
    this.page = page;
    this.why = /** @type {HTMLElement} */ (dialog.querySelector(".why"));
    this.busy = false;
    dialog.addEventListener("click", (event) => this.pressed(/** @type {Element} */ (event.target).closest("button")));
    for (const form of dialog.querySelectorAll("form")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.add(form.dataset.choice ?? "", form);
      });
    }
  }

  /** The title of a kind of element or block, as its list has it. @param {string} name */
  title(name) {
    return this.dialog.querySelector(`button[data-choice="${CSS.escape(name)}"] b`)?.textContent ?? name;
  }

  /** @param {HTMLButtonElement | null} button */
  pressed(button) {
    if (!button || button.type === "submit") return;
    const { choice, act: name } = button.dataset;
    if (choice) return this.choose(choice);
    if (name === "list") return this.list(true);
    if (name === "close") return this.dialog.close();
    if (name) this.do(name, button);
  }

  /** Ask for the words of a choice; add it at once where it needs none. @param {string} choice */
  choose(choice) {
    if (choice === "figure") return this.picture();
    const form = /** @type {HTMLFormElement} */ (this.dialog.querySelector(`form[data-choice="${CSS.escape(choice)}"]`));
    if (!form.elements.namedItem("text") && !form.querySelector("input, textarea")) return this.add(choice, form);
    this.list(false);
    form.hidden = false;
    /** @type {HTMLElement} */ (form.querySelector("input, textarea")).focus();
  }

  /** A picture has a page of its own, once its file is chosen. */
  picture() {
    this.dialog.close();
    document.dispatchEvent(new CustomEvent("picture", { detail: { at: this.below } }));
  }

  /** The place of what is added. @returns {string} */
  get below() {
    return "";
  }

  /** Show the list of choices, or a form in its place. @param {boolean} shown */
  list(shown) {
    this.dialog.classList.toggle("asking", !shown);
    for (const form of this.dialog.querySelectorAll("form")) form.hidden = true;
    this.say("");
    if (shown) /** @type {HTMLElement} */ (this.dialog.querySelector(".choices button")).focus();
  }

  /** @param {string} why */
  say(why) {
    this.why.textContent = why;
  }

  /** Send an act; what it changed is told to the page. False where nothing was done, and why is said. */
  async send(/** @type {object} */ said, /** @type {string} */ words) {
    if (this.busy) return false;
    this.busy = true;
    const answer = await act(`/${this.name}/${this.where}`, said);
    this.busy = false;
    if (answer.kind === "told") {
      this.page.said(answer.body, words);
      return true;
    }
    this.say(answer.kind === "lost" ? document.body.dataset.lost ?? "" : answer.why);
    if (answer.kind === "lost") this.page.lost();
    return false;
  }

  get where() {
    return location.pathname.split("/").slice(2, 4).join("/");
  }

  show() {
    for (const form of this.dialog.querySelectorAll("form")) form.reset();
    if (!this.dialog.open) this.dialog.showModal();
    this.list(true);
  }
}

/** The elements of the text in which a sentence stands. */
export class Elements extends Structure {
  /** @param {HTMLDialogElement} dialog @param {Page} page */
  constructor(dialog, page) {
    super(dialog, "element", page);
    /** @type {Listed[]} */
    this.elements = [];
    this.here = 0;
  }

  /** @param {{at: string, d: string}} sentence @returns {Promise<string>} why it cannot be, or nothing */
  async open({ at, d }) {
    const told = await read(`/element/${this.where}`, { at, d });
    if (told.kind !== "told") return told.kind === "lost" ? document.body.dataset.lost ?? "" : told.why;
    this.elements = told.body.elements;
    this.here = told.body.here ?? -1;
    const element = this.elements[this.here];
    if (!element) return this.dialog.dataset.none ?? "";
    /** @type {HTMLElement} */ (this.dialog.querySelector(".turning [data-kind]")).textContent = this.title(element.kind ?? "");
    /** @type {HTMLElement} */ (this.dialog.querySelector("[data-words]")).textContent = element.words;
    const turns = ["paragraph", "crosshead", "points", "citation"].includes(element.kind ?? "");
    for (const button of this.dialog.querySelectorAll(".turning button")) {
      const { act: name, kind } = /** @type {HTMLElement} */ (button).dataset;
      if (name === "turn") /** @type {HTMLElement} */ (button).hidden = !turns || kind === element.kind;
      if (name === "up") /** @type {HTMLButtonElement} */ (button).disabled = this.here === 0;
      if (name === "down") /** @type {HTMLButtonElement} */ (button).disabled = this.here === this.elements.length - 1;
    }
    this.show();
    return "";
  }

  get below() {
    return this.elements[this.here].at ?? "";
  }

  /** @param {string} name @param {HTMLButtonElement} button */
  async do(name, button) {
    const { at, d } = this.elements[this.here];
    if (name === "turn" || name === "remove") return this.ended({ act: name, at, d, kind: button.dataset.kind }, button);
    const after = this.elements[name === "up" ? this.here - 2 : this.here + 1];
    const text = (at ?? "").split("#")[0];
    const place = after ? { after: after.at, after_d: after.d } : { after: text, after_d: this.elements[0].d };
    return this.ended({ act: "move", at, d, ...place }, button);
  }

  /** @param {object} said @param {HTMLElement} button */
  async ended(said, button) {
    if (await this.send(said, button.textContent ?? "")) this.dialog.close();
  }

  /** @param {string} kind @param {HTMLFormElement} form */
  async add(kind, form) {
    const { at, d } = this.elements[this.here];
    if (await this.send({ act: "add", at, d, element: elementOf(kind, form) }, this.title(kind))) this.dialog.close();
  }
}

/** The JSON of a new element, from what was typed. @param {string} kind @param {HTMLFormElement} form */
function elementOf(kind, form) {
  const typed = (/** @type {string} */ role) => [...form.querySelectorAll(`[data-role=${role}]`)].map((one) =>
    /** @type {const} */ ([/** @type {HTMLInputElement} */ (one).name, /** @type {HTMLInputElement} */ (one).value.trim()]));
  const spans = (/** @type {string} */ words) => (words ? [{ type: "text", text: words }] : []);
  const lines = (typed("text")[0]?.[1] ?? "").split(/\s*\n\s*/).filter(Boolean);
  if (kind === "paragraph" || kind === "crosshead") return { kind, text: spans(lines.join(" ")) };
  if (kind === "citation") return { kind, paragraphs: lines.map(spans) };
  if (kind === "asterism" || kind === "paywall") return { kind };
  if (kind === "points" || kind === "numbered") {
    const lead = typed("lead")[0]?.[1] ?? "";
    return { kind, items: lines.map((line, at) => ({ text: spans(line), ...(lead && !at ? { lead: spans(lead) } : {}) })) };
  }
  const options = Object.fromEntries(typed("option").filter(([, value]) => value));
  const argument = typed("argument")[0]?.[1] ?? "";
  return { kind, argument, options, lines: (typed("lines")[0]?.[1] ?? "").split("\n").map((line) => line.trimEnd()).filter((line, at, all) => line || (at && at < all.length - 1)) };
}

/** The blocks of the issue. */
export class Blocks extends Structure {
  /** @param {HTMLDialogElement} dialog @param {Page} page */
  constructor(dialog, page) {
    super(dialog, "block", page);
    this.d = "";
    /** @type {Listed[]} */
    this.blocks = [];
    this.index = 0; // where what is added goes
  }

  /** @returns {Promise<string>} why it cannot be, or nothing */
  async open() {
    const why = await this.fill();
    if (why) return why;
    this.index = this.blocks.length;
    this.show();
    /** @type {HTMLElement | null} */ (this.dialog.querySelector(".listed button:not(:disabled)"))?.focus();
    this.dialog.scrollTop = 0;
    return "";
  }

  get below() {
    return `blocks#${Math.min(this.index, this.blocks.length)}`;
  }

  /** Read the list again. */
  async fill() {
    const told = await read(`/block/${this.where}`, {});
    if (told.kind !== "told") return told.kind === "lost" ? document.body.dataset.lost ?? "" : told.why;
    this.d = told.body.d;
    this.blocks = told.body.blocks;
    const row = (/** @type {string} */ name, /** @type {Listed} */ each, /** @type {number} */ at) => {
      const made = /** @type {DocumentFragment} */ (/** @type {HTMLTemplateElement} */ (this.dialog.querySelector(`template[data-row=${name}]`)).content.cloneNode(true));
      const title = this.title(each.name ?? "");
      /** @type {HTMLElement} */ (made.querySelector("[data-kind]")).textContent = title;
      /** @type {HTMLElement} */ (made.querySelector("[data-words]")).textContent = each.words;
      /** @type {HTMLElement} */ (made.querySelector("[role=group]")).setAttribute("aria-label", `${title} ${each.words}`.trim());
      for (const button of made.querySelectorAll("button")) {
        button.dataset.index = String(at);
        if (each.id) button.dataset.id = each.id;
        if (button.dataset.act === "up") button.disabled = at === 0;
        if (button.dataset.act === "down") button.disabled = at === this.blocks.length - 1;
      }
      return made;
    };
    const [listed, removed] = this.dialog.querySelectorAll(".listed");
    listed.replaceChildren(...this.blocks.map((each, at) => row("block", each, at)));
    removed.replaceChildren(...told.body.removed.map((/** @type {Listed} */ each, /** @type {number} */ at) => row("removed", each, at)));
    /** @type {HTMLElement} */ (removed.parentElement).hidden = !removed.childElementCount;
    return "";
  }

  /** @param {string} name @param {HTMLButtonElement} button */
  async do(name, button) {
    const index = Number(button.dataset.index);
    if (name === "below") {
      this.index = index + 1;
      /** @type {HTMLElement} */ (this.dialog.querySelector(".choices button")).focus();
      return;
    }
    const { d } = this;
    const block = this.blocks[index];
    const words = `${block && name !== "restore" ? this.title(block.name ?? "") : ""} · ${button.textContent}`.replace(/^ · /, "");
    const to = name === "up" ? index - 1 : index + 1;
    const said = name === "restore" ? { act: name, id: button.dataset.id, index: this.blocks.length, d }
      : name === "remove" ? { act: name, index, d: block.d }
      : name === "duplicate" ? { act: name, index, d } : { act: "move", index, to, d };
    const done = await this.send(said, words);
    const why = done ? "" : this.why.textContent ?? "";
    await this.fill();
    this.say(why);
    if (!done) return;
    const at = said.act === "move" ? to : Math.min(index, this.blocks.length - 1);
    const again = this.dialog.querySelector(`.listed button[data-act=${said.act === "move" ? name : "remove"}][data-index="${at}"]:not(:disabled)`);
    /** @type {HTMLElement} */ (again ?? this.dialog.querySelector(".listed button:not(:disabled)") ?? this.dialog.querySelector(".choices button")).focus();
  }

  /** @param {string} name @param {HTMLFormElement} form */
  async add(name, form) {
    const given = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, String(value).trim()]).filter(([, value]) => value));
    if (await this.send({ act: "add", name, index: Math.min(this.index, this.blocks.length), d: this.d, given }, this.title(name))) this.dialog.close();
    else { // the list may have changed meanwhile: the words stay
      const why = this.why.textContent ?? "";
      await this.fill();
      this.say(why);
    }
  }
}
