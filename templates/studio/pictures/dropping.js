// Pictures that are dropped onto the letter, or pasted into it: where they would go is shown by a line.
import { DOCUMENT, filesIn } from "./arrivals.js";

/** @typedef {{places(): Set<string> | undefined, began(): void, came(files: File[], at: string): void, change(at: string): void}} Page */

/** How the letter answers: a picture is pressed to be changed; the line stands where one would go. */
const STYLE = `
img[data-figure] { cursor: pointer }
@media (hover: hover) { img[data-figure]:hover { outline: 3px solid rgb(239 138 128 / .7); outline-offset: -3px } }
.picture-goes-here { position: absolute; z-index: 9; height: 4px; border-radius: 2px; background: #c8322b; pointer-events: none }
.picture-goes-here::before { content: ""; position: absolute; left: -4px; top: -4px; width: 12px; height: 12px; border-radius: 6px; background: #c8322b }`;

/** The place named by that of a sentence: below its element, else under the headline, else beside its block. @param {string} at @param {Set<string> | undefined} places */
export function placeFor(at, places) {
  const [loc, rest] = at.split("#");
  const [list, number] = loc.split("/");
  const line = rest?.split("/")[0];
  const block = list === "blocks" ? `blocks/${number}` : "";
  const body = `${block}/body`;
  const found = [...(line === undefined ? [] : [`${loc}#${line}`]), ...(block ? [`${block}/figure`, body] : [])];
  const beside = block ? `blocks#${Number(number) + 1}` : "blocks#0";
  if (!places) return found[0] ?? beside;
  return (line !== undefined ? [found[0]] : found).find((each) => places.has(each)) ?? beside;
}

/** @param {Document} letter @param {Page} page */
export function letterTakes(letter, page) {
  if (!letter.head || letter.URL === "about:blank" || letter.getElementById("studio-pictures")) return;
  const style = letter.createElement("style");
  style.id = "studio-pictures";
  style.textContent = STYLE;
  letter.head.append(style);
  const line = letter.createElement("div");
  line.className = "picture-goes-here";
  takes(letter, page, (event) => {
    const found = event && nearest(letter, event.clientY, page.places());
    if (!found) return void line.remove();
    line.style.cssText = `left:${found.left}px;width:${found.width}px;top:${found.top + (letter.defaultView?.scrollY ?? 0)}px`;
    if (!line.isConnected) letter.body.append(line);
    return found.at;
  });
  letter.addEventListener("click", (event) => {
    const picture = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("img[data-figure]"));
    if (!picture || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    page.change(picture.dataset.figure ?? "");
  }, true);
}

/**
 * Take what is dropped or pasted in a document. @param {Document} where @param {Page} page
 * @param {(event: DragEvent | null) => string | undefined | void} show shows the place under the pointer, and says it; with null, no more
 */
export function takes(where, page, show) {
  const held = (/** @type {DragEvent} */ event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const busy = () => Boolean(document.querySelector("dialog[open]"));
  where.addEventListener("dragenter", (event) => held(event) && page.began());
  where.addEventListener("dragover", (event) => {
    if (!held(event)) return;
    event.preventDefault(); // else the browser opens the file in the place of the page
    if (event.dataTransfer) event.dataTransfer.dropEffect = busy() ? "none" : "copy";
    if (!busy()) show(event);
  });
  where.addEventListener("dragleave", (event) => !event.relatedTarget && show(null));
  where.addEventListener("drop", (event) => {
    if (!held(event)) return;
    event.preventDefault();
    const at = busy() ? undefined : show(event);
    show(null);
    if (filesIn(event.dataTransfer).some(({ name }) => DOCUMENT.test(name))) return;
    event.stopPropagation();
    if (!busy()) page.came(filesIn(event.dataTransfer), at ?? "");
  }, true);
  where.addEventListener("paste", (event) => {
    const files = filesIn(event.clipboardData, true);
    if (!files.length || busy()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const open = /** @type {HTMLElement | null} */ (where.querySelector(".open-sentence"));
    page.came(files, open ? open.dataset.at ?? "" : "");
  }, true);
}

/** The sentence in the middle of what is seen of the letter: nothing better is said of where a picture goes. @param {Set<string>} places */
export function inSight(places) {
  const frame = /** @type {HTMLIFrameElement | null} */ (document.querySelector("#stage iframe:not(.coming)"));
  const letter = frame?.contentDocument;
  return (letter && nearest(letter, frame.clientHeight / 2, places)?.at) || "";
}

/** The sentence below which a picture at the height `y` would go, with the line to show there. @param {Document} letter @param {number} y @param {Set<string> | undefined} places */
function nearest(letter, y, places) {
  const sentences = /** @type {HTMLElement[]} */ ([...letter.querySelectorAll("[data-at]")]).filter((one) => one.getClientRects().length);
  const boxes = sentences.map((one) => ({ at: one.dataset.at ?? "", box: (one.closest("p, h1, h2, h3, li, td") ?? one).getBoundingClientRect() }));
  const above = boxes.filter(({ box }) => box.top + box.height / 2 < y);
  if (!boxes.length) return undefined;
  const found = above.at(-1);
  if (!found) { // above all of them
    const { left, width, top } = boxes[0].box;
    return { at: "blocks#0", left, width, top: top - 12 };
  }
  const place = placeFor(found.at, places);
  const own = boxes.filter(({ at }) => placeFor(at, places) === place);
  const bottom = Math.max(...own.map(({ box }) => box.bottom));
  const below = boxes.map(({ box }) => box.top).filter((top) => top >= bottom - 1).sort((one, other) => one - other)[0];
  const { left, width } = found.box;
  return { at: found.at, left, width, top: below === undefined ? bottom + 6 : bottom + Math.min(Math.max((below - bottom) / 2, 2), 14) - 2 };
}
