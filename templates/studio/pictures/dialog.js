// The page of one picture: what came, what is kept, and the words that are asked for. It closes when they are written or
// given up; what is refused is said, and every word stays.
import { act } from "../writing/requests.js";
import { send, shownAt, waits, where } from "./arrivals.js";

/**
 * @typedef {{at: string, d: string, words: string}} PicturePlace
 * @typedef {{at: string, d: string, src: string, dark: string, alt: string, caption: string, marked: boolean, credit: {[key: string]: string}}} Listed
 * @typedef {{places: {group: string, places: PicturePlace[]}[], pictures: Listed[]}} Reading
 * @typedef {{picture: string, name: string, found: string[], done: string[], prefilled: {[key: string]: {words: any, from: string}}, dark: string, clear: boolean}} Told
 * @typedef {{saved: string, undo: string, file: string, kept: boolean, next?: string}} Done
 */

export class PictureDialog {
  /** @param {HTMLDialogElement} dialog @param {{lost(): void}} page */
  constructor(dialog, page) {
    this.dialog = dialog;
    this.page = page;
    this.form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    /** @type {File | undefined} */
    this.file = undefined;
    /** @type {Told | undefined} */
    this.told = undefined;
    /** @type {Listed | undefined} */
    this.listed = undefined;
    /** @type {{file: File, picture: string} | undefined} */
    this.dark = undefined;
    /** @type {Map<string, PicturePlace>} */
    this.places = new Map();
    /** @type {((done: Done | undefined) => void) | undefined} */
    this.ended = undefined;
    this.busy = false;
    this.typed = false; // words that would be lost
    this.form.addEventListener("input", () => { this.typed = true; });
    dialog.addEventListener("cancel", (event) => {
      if (!this.typed) return;
      this.typed = false;
      event.preventDefault();
      this.say(dialog.dataset.typed ?? "");
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.form.addEventListener("change", (event) => this.changed(/** @type {HTMLInputElement} */ (event.target)));
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    this.part("[data-act=close]").addEventListener("click", () => this.dialog.close());
    dialog.addEventListener("close", () => this.ended?.(undefined));
  }

  /** @param {string} selector @returns {any} */
  part(selector) {
    return this.dialog.querySelector(selector);
  }

  /** @param {string} name @returns {any} */
  field(name) {
    return this.form.elements.namedItem(name);
  }

  /** @param {string} why */
  say(why) {
    this.part(".why").textContent = why;
    if (why) this.part(".why").scrollIntoView({ block: "nearest" });
  }

  /** Ask for the words of a picture that came. @param {File} file @param {Told} told @param {Reading} reading @param {{at: string, count: string}} how @returns {Promise<Done | undefined>} */
  add(file, told, reading, { at, count }) {
    this.begin(`${this.dialog.dataset.new} ${count}`.trim(), this.dialog.dataset.put ?? "");
    this.fillPlaces(reading, at);
    this.show(file, told);
    this.prefill(told);
    return this.opened();
  }

  /** Change what is said of one that is there; `shown` is the address at which the letter has it. @param {Listed} listed @param {string} shown @returns {Promise<Done | undefined>} */
  change(listed, shown) {
    this.begin(this.dialog.dataset.old ?? "", this.dialog.dataset.keep ?? "");
    this.listed = listed;
    this.part(".where-to").hidden = true;
    this.part(".replacing").hidden = false;
    this.part("[data-name]").textContent = listed.src;
    this.part("[data-doing]").hidden = true;
    this.part(".sight").classList.toggle("unseen", !shown);
    if (shown) this.part(".day img").src = shown;
    this.field("decoration").checked = listed.alt === "none";
    this.field("alt").value = listed.alt === "none" ? "" : listed.alt;
    this.field("caption").value = listed.caption;
    this.part(".marks").hidden = !listed.marked;
    this.credit(listed.credit);
    this.part(".keeping").hidden = !listed.dark;
    this.part("[data-dark-file]").textContent = listed.dark;
    this.part(".dark").open = Boolean(listed.dark);
    this.decorated();
    return this.opened();
  }

  /** @param {string} title @param {string} put */
  begin(title, put) {
    this.form.reset();
    this.typed = false;
    Object.assign(this, { file: undefined, told: undefined, listed: undefined, dark: undefined });
    this.part("h2").textContent = title;
    this.part("[type=submit]").textContent = put;
    for (const each of this.dialog.querySelectorAll("ul, [data-name], [data-first], .from, [data-dark-why], [data-dark-found]")) each.replaceChildren();
    for (const each of [".where-to", "[data-doing]"]) this.part(each).hidden = false;
    for (const each of [".replacing", ".keeping", ".marks", ".night"]) this.part(each).hidden = true;
    this.part(".sight").classList.remove("unseen");
    this.part(".dark").open = false;
    this.credit({});
    this.decorated();
    this.say("");
  }

  opened() {
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    this.field("alt").focus({ preventScroll: true });
    return /** @type {Promise<Done | undefined>} */ (new Promise((resolve) => { this.ended = resolve; }));
  }

  /** What came, and what will be kept. @param {File} file @param {Told} told */
  show(file, told) {
    this.file = file;
    this.told = told;
    this.part("[data-name]").textContent = told.name;
    this.part("[data-first]").textContent = told.found[0];
    this.part("[data-found]").replaceChildren(...told.found.slice(1).map((words) => item(words)));
    this.part("[data-done]").replaceChildren(...told.done.map((words) => item(words)));
    this.part("[data-doing]").hidden = false;
    this.part("[data-doing]").open = matchMedia("(min-width: 641px)").matches; // a phone asks for the words first
    this.part(".sight").classList.remove("unseen");
    this.part(".day img").src = shownAt(told.picture);
    this.night(told.clear || told.dark ? told.picture : "");
    this.part("[data-dark-why]").textContent = told.dark;
    if (told.dark) this.part(".dark").open = true;
  }

  /** Show how a picture stands on dark paper. @param {string} picture */
  night(picture) {
    this.part(".night").hidden = !picture;
    if (picture) this.part(".night img").src = shownAt(picture);
  }

  /** @param {Told} told */
  prefill({ prefilled }) {
    for (const name of ["alt", "caption"]) this.field(name).value = prefilled[name]?.words ?? "";
    this.credit(prefilled.credit?.words ?? {});
    for (const [name, { from }] of Object.entries(prefilled)) this.part(`[data-from=${name}]`).textContent = `· ${from}`;
  }

  /** @param {{[key: string]: string}} said */
  credit(said) {
    const maker = "none" in said ? "none" : "ai" in said ? "ai" : "photo" in said ? "photo" : "by" in said || "source" in said ? "drawing" : "credit" in said ? "credit" : "";
    for (const radio of this.field("maker")) radio.checked = radio.value === maker;
    for (const input of this.form.querySelectorAll("[data-key]")) {
      const own = /** @type {HTMLInputElement} */ (input);
      own.value = own.closest("[data-maker]")?.getAttribute("data-maker") === maker ? said[own.dataset.key ?? ""] ?? "" : "";
    }
    this.more = maker ? Object.fromEntries(Object.entries(said).filter(([key]) => !this.part(`[data-maker=${maker}] [data-key=${key}]`))) : {};
    this.made();
  }

  made() {
    for (const group of this.form.querySelectorAll("[data-maker]")) {
      /** @type {HTMLElement} */ (group).hidden = /** @type {HTMLElement} */ (group).dataset.maker !== this.field("maker").value;
    }
  }

  decorated() {
    this.field("alt").disabled = this.field("decoration").checked;
  }

  /** @param {HTMLInputElement} input */
  async changed(input) {
    if (input.name === "maker") {
      this.more = {};
      this.made();
      this.part(`[data-maker=${this.field("maker").value}] input`).focus();
    }
    if (input.name === "at") this.grouped();
    if (input.name === "decoration") this.decorated();
    if (input.name === "replace" || input.name === "dark") await this.sent(input);
  }

  /** Have another file looked at. @param {HTMLInputElement} input */
  async sent(input) {
    const file = input.files?.[0];
    if (!file) return;
    this.say("");
    const status = this.part("[data-dark-found]");
    if (input.name === "dark") status.textContent = (this.dialog.dataset.sending ?? "").replace("{name}", file.name);
    const answer = await send(file);
    input.value = "";
    status.textContent = "";
    if (answer.kind !== "told") return this.refused(answer);
    if (input.name === "replace") return this.show(file, answer.body);
    this.dark = { file, picture: answer.body.picture };
    this.field("keep_dark").checked = false;
    status.textContent = [answer.body.name, answer.body.found[0]].join(" · ");
    this.night(this.dark.picture);
  }

  /** @param {import("../writing/requests.js").Answer} answer */
  refused(answer) {
    this.say(answer.kind === "lost" ? document.body.dataset.lost ?? "" : answer.kind === "told" ? "" : answer.why);
    if (answer.kind === "lost") this.page.lost();
  }

  /** @param {Reading} reading @param {string} at */
  fillPlaces(reading, at) {
    this.places = new Map(reading.places.flatMap(({ places }) => places.map((each) => [each.at, each])));
    const options = reading.places.map(({ group, places }) => {
      const made = places.map((each) => new Option(each.words, each.at));
      if (!group) return made;
      const box = document.createElement("optgroup");
      box.label = group;
      box.append(...made);
      return [box];
    });
    this.field("at").replaceChildren(...options.flat());
    this.field("at").value = this.places.has(at) ? at : [...this.places.keys()].at(-1) ?? "";
    this.grouped();
  }

  /** Say in which block the place is: the list shows it only while it is open. */
  grouped() {
    this.part("[data-group]").textContent = this.field("at").selectedOptions[0]?.closest("optgroup")?.label ?? "";
  }

  get said() {
    const maker = this.field("maker").value;
    const inputs = /** @type {HTMLInputElement[]} */ ([...this.form.querySelectorAll(`[data-maker="${maker}"] [data-key]`)]);
    const credit = Object.fromEntries(inputs.map((each) => [each.dataset.key, each.value.trim()]).filter(([, value]) => value));
    const decoration = this.field("decoration").checked;
    const line = (/** @type {string} */ name) => this.field(name).value.trim().replace(/\s+/g, " ");
    return { alt: decoration ? "" : line("alt"), decoration, caption: line("caption"), credit: { ...this.more, ...credit }, named: Boolean(Object.keys(credit).length) };
  }

  async submit() {
    if (this.busy) return;
    const { named, ...words } = this.said;
    if (!words.alt && !words.decoration) return this.lacks("missing", this.field("alt"));
    if (!named) return this.lacks("nobody", this.part("[data-maker]:not([hidden]) input") ?? this.part("#picture-photo"));
    this.busy = true;
    this.say("");
    let answer = await act(`/picture/${where()}`, this.act(words));
    if (answer.kind === "refused" && (await this.again())) answer = await act(`/picture/${where()}`, this.act(words));
    this.busy = false;
    if (answer.kind !== "told") return this.refused(answer);
    const { ended } = this;
    this.ended = undefined;
    this.dialog.close();
    ended?.(answer.body);
  }

  /** @param {object} words */
  act(words) {
    const dark = this.dark?.picture ?? "";
    if (!this.listed) return { act: "add", at: this.field("at").value, d: this.places.get(this.field("at").value)?.d ?? "", picture: this.told?.picture, dark, words };
    const { at, d, caption } = this.listed;
    return { act: "change", at, d, picture: this.told?.picture ?? "", dark, words, keep_dark: this.field("keep_dark").checked && !dark, same_caption: this.said.caption === caption };
  }

  /** Send again what waits no more; whether anything was. */
  async again() {
    let sent = false;
    for (const one of [this.told && this.file && { file: this.file, picture: this.told.picture }, this.dark]) {
      if (one && !(await waits(one.picture))) sent = (await send(one.file)).kind === "told";
    }
    return sent;
  }

  /** @param {string} what @param {HTMLElement} field */
  lacks(what, field) {
    this.say(this.dialog.dataset[what] ?? "");
    field.focus();
  }
}

/** @param {string} words */
function item(words) {
  const made = document.createElement("li");
  made.textContent = words;
  return made;
}
