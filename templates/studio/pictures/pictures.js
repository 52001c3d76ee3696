// The pictures of the issue: files that are dropped, pasted or chosen, one after another; and those that are there.
import { read } from "../writing/requests.js";
import { send, where } from "./arrivals.js";
import { PictureDialog } from "./dialog.js";
import { inSight, letterTakes, placeFor, takes } from "./dropping.js";

/**
 * @typedef {import("./dialog.js").Reading} Reading
 * @typedef {{leave(): Promise<boolean>, said(answer: {saved: string, undo: string}, words: string): void, say(words: string): void, lost(): void}} Page
 */

/** @param {Page} page */
export function watchPictures(page) {
  const list = /** @type {HTMLDialogElement | null} */ (document.getElementById("pictures"));
  if (list) new Pictures(list, page).watch();
}

class Pictures {
  /** @param {HTMLDialogElement} list @param {Page} page */
  constructor(list, page) {
    this.list = list;
    this.page = page;
    this.dialog = new PictureDialog(/** @type {HTMLDialogElement} */ (document.getElementById("picture")), page);
    this.files = /** @type {HTMLInputElement} */ (document.getElementById("picture-files"));
    /** @type {Reading | undefined} */
    this.reading = undefined;
    this.at = ""; // where a file that is chosen goes
  }

  watch() {
    const taken = {
      places: () => this.reading && new Set(this.reading.places.flatMap(({ places }) => places.map(({ at }) => at))),
      began: () => { this.read(); },
      came: (/** @type {File[]} */ files, /** @type {string} */ at) => { this.take(files, at); },
      change: (/** @type {string} */ at) => { this.change(at); },
    };
    takes(document, taken, () => "");
    const attach = () => {
      for (const frame of document.querySelectorAll("iframe")) {
        const welcome = () => {
          const letter = frame.contentDocument;
          if (!letter) return;
          letterTakes(letter, taken);
          letter.addEventListener("keydown", (event) => this.key(event));
        };
        if (!(frame.dataset.pictures ?? "")) frame.addEventListener("load", welcome);
        if (!frame.dataset.pictures) welcome();
        frame.dataset.pictures = "taken";
      }
    };
    attach();
    new MutationObserver(attach).observe(/** @type {Node} */ (document.querySelector(".views")), { childList: true, subtree: true });
    document.addEventListener("keydown", (event) => this.key(event));
    const button = document.getElementById("to-pictures");
    button?.removeAttribute("hidden");
    button?.addEventListener("click", () => this.open());
    document.addEventListener("picture", (event) => this.choose(/** @type {CustomEvent} */ (event).detail));
    this.files.addEventListener("change", () => {
      const files = [...(this.files.files ?? [])];
      this.files.value = "";
      this.take(files, this.at);
    });
    this.list.addEventListener("click", (event) => {
      const { act, at } = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"))?.dataset ?? {};
      if (act === "close") this.list.close();
      if (act === "change") this.change(at ?? "");
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key !== "f" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.isContentEditable || target.closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    this.open();
  }

  /** Read where pictures may go, and those that are there. @returns {Promise<string>} why it cannot be, or nothing */
  async read() {
    const told = await read(`/picture/${where()}`, {});
    if (told.kind === "lost") this.page.lost();
    if (told.kind !== "told") return told.kind === "lost" ? document.body.dataset.lost ?? "" : told.why;
    this.reading = told.body;
    return "";
  }

  /** Open the list. @param {string=} why is said in it */
  async open(why) {
    if (!(await this.page.leave())) return;
    const trouble = await this.read();
    this.at = "";
    this.say(why ?? trouble);
    const rows = (this.reading?.pictures ?? []).map((each) => this.row(each));
    /** @type {HTMLElement} */ (this.list.querySelector(".listed")).replaceChildren(...rows);
    /** @type {HTMLElement} */ (this.list.querySelector(".none")).hidden = rows.length > 0 || !this.reading;
    if (!this.list.open) this.list.showModal();
    this.list.scrollTop = 0;
    this.files.focus({ preventScroll: true });
  }

  /** @param {string} why */
  say(why) {
    /** @type {HTMLElement} */ (this.list.querySelector(".why")).textContent = why;
  }

  /** @param {import("./dialog.js").Listed} listed */
  row(listed) {
    const made = /** @type {DocumentFragment} */ (/** @type {HTMLTemplateElement} */ (this.list.querySelector("template")).content.cloneNode(true));
    const put = (/** @type {string} */ name, /** @type {string} */ words) => { /** @type {HTMLElement} */ (made.querySelector(name)).textContent = words; };
    put("[data-file]", listed.src);
    put("[data-words]", listed.alt === "none" ? "" : listed.alt);
    const [image, button] = [/** @type {HTMLImageElement} */ (made.querySelector("img")), /** @type {HTMLButtonElement} */ (made.querySelector("button"))];
    const shown = this.shownIn(listed.at);
    if (shown) image.src = shown;
    image.classList.toggle("unseen", !shown);
    button.dataset.at = listed.at;
    button.setAttribute("aria-label", `${button.textContent} ${listed.src}`);
    return made;
  }

  /** The address at which the letter shows a picture; nothing where no letter in sight has it. @param {string} at */
  shownIn(at) {
    const letters = [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument);
    const found = letters.map((letter) => letter?.querySelector(`img[data-figure="${CSS.escape(at)}"]`)).find(Boolean);
    return /** @type {HTMLImageElement | undefined} */ (found ?? undefined)?.src ?? "";
  }

  /** Choose a file for the place of an element, or of a block; this must follow a press at once. @param {{at: string}} place */
  choose({ at }) {
    this.at = at;
    this.files.click();
  }

  /** Ask for the words of each file. @param {File[]} files @param {string} at a place, or a sentence's */
  async take(files, at) {
    if (!files.length || !(await this.page.leave())) return;
    if (this.list.open) this.list.close();
    const { dataset } = this.dialog.dialog;
    /** @type {string[]} */
    const refused = [];
    let place = at;
    for (const [number, file] of files.entries()) {
      this.page.say((dataset.sending ?? "").replace("{name}", file.name));
      const answer = await send(file);
      const why = answer.kind === "told" ? await this.read() : "";
      if (answer.kind !== "told" || why || !this.reading) {
        refused.push(why || (answer.kind === "refused" ? answer.why : document.body.dataset.lost ?? ""));
        continue;
      }
      this.page.say(" ");
      const places = new Set(this.reading.places.flatMap((each) => each.places.map((one) => one.at)));
      const count = files.length > 1 ? `(${(dataset.count ?? "").replace("{n}", String(number + 1)).replace("{all}", String(files.length))})` : "";
      const known = places.has(place) ? place : placeFor(place || inSight(places), places);
      const done = await this.dialog.add(file, answer.body, this.reading, { at: known, count });
      if (!done) break;
      place = done.next ?? "";
      this.page.said(done, ((done.kept ? dataset.again : dataset.added) ?? "").replace("{file}", done.file));
    }
    if (refused.length) this.open(refused.join("\n"));
  }

  /** Change what is said of the picture at a place. @param {string} at */
  async change(at) {
    if (!(await this.page.leave())) return;
    const why = await this.read();
    const listed = this.reading?.pictures.find((each) => each.at === at);
    if (this.list.open) this.list.close();
    if (why || !listed) return this.page.say(why || (document.getElementById("writing")?.dataset.older ?? ""));
    const done = await this.dialog.change(listed, this.shownIn(at));
    if (done) this.page.said(done, this.dialog.dialog.dataset.changed ?? "");
  }
}
