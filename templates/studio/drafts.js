// A document dropped on the letter, or a long text pasted: the server says what each paragraph would become, and one act
// takes it in. Pictures, and short pastes into an open sentence, are not looked at here.
import { DOCUMENT } from "./pictures/arrivals.js";
import { act } from "./writing/requests.js";

/** @typedef {{from: "file" | "html" | "text", name?: string, content: string}} Draft */

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("draft"));
const [PARAGRAPHS, LETTERS] = [3, 400]; // of a paste into an open sentence, from which on it is a draft
const FEW = 40; // letters of a paste beside any sentence, below which it is a slip of the hand
/** @type {Draft | undefined} */
let draft;
let turn = 0; // of several drafts, the last one is shown

/** @param {string} selector @returns {HTMLElement} */
const part = (selector) => /** @type {HTMLElement} */ (dialog.querySelector(selector));
/** @param {string} name @returns {HTMLButtonElement} */
const button = (name) => /** @type {HTMLButtonElement} */ (part(`[data-act=${name}]`));
const address = () => location.pathname.replace("/issue/", "/draft/");

/** Show the empty dialog, to choose a file in or to paste into. */
function open() {
  draft = undefined;
  show({});
  if (!dialog.open) dialog.showModal();
}

/** Ask what `given` would become. @param {Draft} given */
async function read(given) {
  const mine = ++turn;
  leave();
  open();
  part(".told").textContent = dialog.dataset.reading ?? "";
  const answer = await act(address(), { act: "read", ...given });
  if (mine !== turn || !dialog.open) return;
  if (answer.kind !== "told") return refused(answer);
  draft = given;
  show(answer.body);
  button("take").focus({ preventScroll: true }); // what it is about stays in sight
}

/** @param {import("./writing/requests.js").Answer} answer */
function refused(answer) {
  show({});
  part(".why").textContent = answer.kind === "refused" ? answer.why : document.body.dataset.lost ?? "";
}

/** @param {any} told */
function show({ paragraphs = [], words, to_place: toPlace = [], left_out: leftOut = [] }) {
  part(".why").textContent = "";
  part(".told").textContent = words ? (dialog.dataset.words ?? "").replace("{read}", words.read).replace("{written}", words.written) : "";
  part(".choose").hidden = Boolean(words);
  part(".account").hidden = !words;
  button("take").hidden = !words;
  part("tbody").replaceChildren(...paragraphs.map(row));
  listed(".to-place", toPlace.map((/** @type {any} */ { line, words: said }) => `${(dialog.dataset.line ?? "").replace("{line}", line)} · ${said}`));
  listed(".left-out", leftOut);
}

/** @param {{became: string, words: string}} paragraph */
function row({ became, words }) {
  const line = document.createElement("tr");
  const [head, cell] = [document.createElement("th"), document.createElement("td")];
  head.scope = "row";
  head.textContent = became;
  cell.textContent = words;
  line.append(head, cell);
  return line;
}

/** @param {string} selector @param {string[]} texts */
function listed(selector, texts) {
  part(selector).hidden = !texts.length;
  const items = texts.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  part(`${selector} ul`).replaceChildren(...items);
}

async function take() {
  if (!draft) return;
  button("take").disabled = true;
  const answer = await act(address(), { act: "take", ...draft });
  button("take").disabled = false;
  if (answer.kind !== "told") return refused(answer);
  dialog.close();
  const words = (dialog.dataset.saved ?? "").replace("{time}", answer.body.saved);
  document.dispatchEvent(new CustomEvent("filigrane:saved", { detail: { words, undo: answer.body.undo } }));
}

/** An open sentence is left, as by a press elsewhere. */
function leave() {
  document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
}

/** @param {File} file */
async function readFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  await read({ from: "file", name: file.name, content: btoa(text) });
}

/** @param {DragEvent} event */
function over(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

/** @param {DragEvent} event */
function drop(event) {
  const file = [...(event.dataTransfer?.files ?? [])].find((each) => DOCUMENT.test(each.name));
  if (!file) return;
  event.preventDefault();
  event.stopPropagation();
  readFile(file);
}

/** @param {ClipboardEvent} event */
function paste(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest?.("input, textarea")) return;
  const [html, text] = ["text/html", "text/plain"].map((type) => event.clipboardData?.getData(type) ?? "");
  const file = [...(event.clipboardData?.files ?? [])].find((each) => DOCUMENT.test(each.name));
  if (!file && !html.trim() && !text.trim()) return;
  const paragraphs = Math.max((html.match(/<(?:p|li|h[1-6])\b/gi) ?? []).length, text.split(/\n\s*\n/).filter((each) => each.trim()).length);
  const few = target.isContentEditable ? paragraphs < PARAGRAPHS || text.length < LETTERS : !dialog.open && text.length < FEW;
  if (few && !file) return;
  event.preventDefault();
  event.stopPropagation();
  if (file) readFile(file);
  else read(html.trim() ? { from: "html", content: html } : { from: "text", content: text });
}

/** @param {Document | null | undefined} page */
function watch(page) {
  page?.addEventListener("dragover", over);
  page?.addEventListener("drop", drop);
  page?.addEventListener("paste", paste, true);
}

if (dialog) {
  watch(document);
  const letters = () => /** @type {NodeListOf<HTMLIFrameElement>} */ (document.querySelectorAll(".stage iframe"));
  for (const frame of letters()) if (frame.contentDocument?.readyState === "complete") watch(frame.contentDocument);
  document.addEventListener("load", ({ target }) => target instanceof HTMLIFrameElement && watch(target.contentDocument), true);
  const opening = document.getElementById("to-draft");
  opening?.removeAttribute("hidden");
  opening?.addEventListener("click", () => (leave(), open()));
  button("take").addEventListener("click", take);
  button("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => turn++);
  part("input").addEventListener("change", (event) => {
    const chosen = /** @type {HTMLInputElement} */ (event.target);
    if (chosen.files?.[0]) readFile(chosen.files[0]);
    chosen.value = "";
  });
}
