// Keeps the page true to the files: on each change the page is fetched again, the parts that differ are replaced, and a
// new letter takes the old one's place, and its scroll position, once it has loaded. Without this script the page still
// works, and is reloaded by hand. A press on a sentence makes it editable (writing/desk.js, fetched at the first one);
// meanwhile no other letter takes its place, and the one-letter keys are off.

import { SENTENCES } from "./letter_style.js";
import { explain, printed } from "./origins.js";
import { watchPictures } from "./pictures/pictures.js";
import { drawn, redraw } from "./redraw.js";
import { correction, lead, nextRemark, placeOf } from "./remarks.js";
import { Turns } from "./turns.js";

const status = document.getElementById("status");
let turn = 0;
let desk; // once a sentence was opened
let opening; // the sentence that is about to be open
let pressing = false; // a press has begun in the letter: it ends in the same letter
let held = false; // what came while a sentence was open is shown once it is left
let current; // the sentence that was open last, by its place
let active; // the frame in which it was open
let next; // the place of a sentence to open once it is drawn
const turns = new Turns({ leave: async () => !desk || (await desk.leave()), say, again: () => show(location.href), lost });
let structure; // the lists of elements and of blocks, once one was opened

async function show(address) {
  const mine = ++turn;
  await drawn(); // what an act changed is seen before the rest of the page is asked for
  if (mine !== turn) return;
  let text;
  try {
    const response = await fetch(address, { cache: "no-store" });
    text = await response.text();
  } catch {
    return lost();
  }
  if (mine !== turn) return;
  const next = new DOMParser().parseFromString(text, "text/html");
  if (!next.querySelector("[data-live]")) return location.reload();
  const focused = document.activeElement && document.activeElement.id;
  for (const open of document.querySelectorAll("details[open]")) next.getElementById(open.id)?.setAttribute("open", "");
  document.title = next.title;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = next.getElementById(part.id);
    if (writing() && part.contains(desk?.open?.element ?? opening ?? null)) held = true;
    else if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(fresh));
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  stages(next);
  offer();
  if (!writing()) status.textContent = document.body.dataset.updated.replace("{time}", hour()); // else the line stays said
  status.classList.remove("lost");
}

// The time, in the newsroom's zone as every hour of the page; in the browser's where it does not know that zone.
function hour() {
  const [zone, language] = [document.querySelector("[data-zone]")?.dataset.zone, document.documentElement.lang];
  try {
    return new Date().toLocaleTimeString(language, { timeZone: zone });
  } catch {
    return new Date().toLocaleTimeString(language);
  }
}

// The letters that are shown, of the two that stand beside each other.
const shown = () => [...document.querySelectorAll(".stage iframe:not(.coming)")];
const first = () => document.querySelector("#stage iframe:not(.coming)");

function stages(next) {
  if (writing()) return void (held = true);
  for (const id of ["stage", "beside"]) {
    const [here, there] = [document.getElementById(id), next.getElementById(id)];
    if (here && there) stage(here, there);
  }
}

function stage(here, next) {
  for (const name of ["screen", "light", "part", "zone", "stale"]) {
    if (name in next.dataset) here.dataset[name] = next.dataset[name];
    else delete here.dataset[name];
  }
  here.hidden = next.hidden;
  here.querySelector(".caption").replaceWith(document.adoptNode(next.querySelector(".caption")));
  const [old, fresh] = [here.querySelector("iframe:last-of-type"), next.querySelector("iframe")];
  if (!fresh) return void here.querySelectorAll("iframe").forEach((each) => each.remove());
  if (old && old.getAttribute("src") === fresh.getAttribute("src")) return old.classList.contains("coming") ? undefined : goOn();
  const frame = document.adoptNode(fresh);
  frame.shows = here.dataset.part;
  if (old && !here.offsetParent) old.remove(); // not in sight, so that nothing is loaded before it is
  else if (old) frame.classList.add("coming");
  frame.addEventListener("load", () => (writing() ? (frame.arrived = held = true) : take(frame)), { once: true });
  welcome(frame);
  here.append(frame);
}

// Show a letter that has come, where the one before it was read.
function take(frame) {
  const here = frame.parentElement;
  const before = here?.querySelector("iframe:not(.coming)");
  frame.contentWindow.scrollTo(0, before && before !== frame && before.shows === frame.shows ? before.contentWindow.scrollY : 0);
  frame.arrived = false;
  frame.classList.remove("coming");
  for (const other of here?.querySelectorAll("iframe") ?? []) {
    if (other === frame) break; // those behind it are newer, and still coming
    other.remove();
  }
  goOn();
}

// Open the sentence that was added, once it is drawn.
function goOn() {
  const sentence = next && editable().find((one) => one.dataset.at === next);
  if (!sentence && document.querySelector(".stage iframe.coming")) return;
  next = undefined;
  if (sentence) write(sentence);
}

// The letter cannot run scripts, but its keys and links are ours: the keys work there too, a sentence opens where it is
// pressed, and a link elsewhere, or with Ctrl, opens in another window.
function welcome(frame) {
  const attach = () => {
    const letter = frame.contentDocument;
    letter?.addEventListener("keydown", keys);
    letter?.addEventListener("click", press);
    letter?.addEventListener("pointerdown", () => (pressing = true));
    for (const end of ["pointerup", "pointercancel"]) letter?.addEventListener(end, released);
    if (letter?.head && letter.URL !== "about:blank" && !letter.getElementById("studio")) {
      const style = letter.createElement("style");
      style.id = "studio";
      style.textContent = SENTENCES;
      letter.head.append(style);
    }
    offer();
  };
  frame.addEventListener("load", attach);
  attach();
}

function press(event) {
  const sentence = event.target.closest("[data-at]");
  const link = event.target.closest("a[href]");
  const elsewhere = link && !link.getAttribute("href").startsWith("#");
  if (sentence && !(event.ctrlKey || event.metaKey)) {
    if (link) event.preventDefault();
    return void write(sentence, { left: event.clientX, top: event.clientY });
  }
  if (elsewhere) {
    event.preventDefault();
    if (/^https?:$/.test(link.protocol)) window.open(link.href, "_blank", "noopener,noreferrer");
  }
  desk?.leave();
  origin(event.target.closest("[data-from]") ?? printed(event.target));
}

// What is computed says where it comes from, and leads to the sentence that it repeats.
function origin(computed) {
  explain(computed, (at) => {
    const sentence = editable().find((one) => one.dataset.at === at);
    sentence?.scrollIntoView({ block: "center" });
    if (sentence) write(sentence);
    return Boolean(sentence);
  });
}

const writing = () => Boolean(opening) || pressing || Boolean(desk?.open);

function released() {
  pressing = false;
  setTimeout(left); // after the click that this makes
}

// Open a sentence; `at` is where it was pressed.
async function write(sentence, at) {
  if (opening) return;
  opening = sentence;
  origin(null);
  try {
    desk ??= await fetched();
    const frame = sentence.ownerDocument.defaultView.frameElement ?? first();
    const letter = new URL(frame.src);
    const address = letter.pathname.replace("/letter/", "/sentence/");
    current = sentence.dataset.at;
    active = frame;
    const audience = letter.searchParams.get("audience") ?? "free";
    await desk.begin(sentence, { address, audience, lang: frame.contentDocument.documentElement.lang, press: at });
  } catch {
    lost();
  } finally {
    opening = undefined;
    if (!desk?.open) left();
  }
}

async function fetched() {
  const { Desk } = await import("./writing/desk.js");
  return new Desk(document.getElementById("writing"), document.getElementById("versions"), {
    say,
    saved: (words, id, states) => (turns.saved(words, id), !writing() && redraw(states, stage), show(location.href)),
    add: async (sentence) => {
      const { elements } = await lists();
      say(await elements.open(sentence));
    },
    left: () => setTimeout(left), // once what was saved is drawn
    step,
    again: () => show(location.href),
    lost,
  });
}

async function lists() {
  if (structure) return structure;
  const { Blocks, Elements } = await import("./writing/structure.js");
  const [blocks, elements] = ["blocks", "elements"].map((id) => document.getElementById(id));
  structure = { blocks: new Blocks(blocks, { said, lost }), elements: new Elements(elements, { said, lost }) };
  return structure;
}

// Say an act that was done, and show what it made.
function said({ saved, undo, at }, words) {
  next = at || undefined;
  turns.saved(`${words} · ${document.getElementById("writing").dataset.saved.replace("{time}", saved)}`, undo);
  show(location.href);
}

async function openBlocks() {
  if (desk && !(await desk.leave())) return;
  const why = await (await lists()).blocks.open();
  if (why) status.textContent = why;
}

// A sentence was left: what came meanwhile is shown.
function left() {
  if (writing() || !held) return;
  held = false;
  for (const here of document.querySelectorAll(".stage")) {
    const last = [...here.querySelectorAll("iframe")].filter((frame) => frame.arrived).at(-1);
    if (last) take(last);
  }
  show(location.href);
}

// Open the sentence before or after another.
function step(from, by) {
  const all = editable();
  const at = all.findIndex((one) => one === from || (one.dataset.at === from.dataset.at && one.dataset.d === from.dataset.d));
  const next = all[at + by];
  if (at >= 0 && next) write(next);
}

// Open the sentence that was open last, or else the first in sight.
function resume() {
  const inSight = () => sentences().find((one) => one.getClientRects().length && one.getBoundingClientRect().bottom > 0);
  const sentence = editable().find((one) => one.dataset.at === current) ?? inSight();
  if (sentence) write(sentence);
}

// Each sentence of a letter says its line in the file (data-line). Those of the letter in which was written last.
function sentences() {
  return of(shown().includes(active) && active.offsetParent ? active : first());
}

function of(frame) {
  return [...(frame?.contentDocument?.querySelectorAll("[data-line]") ?? [])];
}

// Those that can be seen, each once: a headline may be printed in two places. The inbox's come first.
function editable() {
  const seen = new Set();
  return [...document.querySelectorAll("#inbox [data-at]"), ...sentences()].filter((one) => one.getClientRects().length && !seen.has(known(one)) && seen.add(known(one)));
}

// While a text has changed and is not drawn again yet, two sentences may say the same place.
function known({ dataset: { at, d } }) {
  return `${at} ${d}`;
}

function offer() {
  const none = sentences().length === 0;
  for (const each of document.querySelectorAll(".remark .acts, .hint")) each.hidden = none && !each.querySelector("[data-correct]");
  for (const each of document.querySelectorAll("button[data-go]")) each.hidden = none;
  for (const each of document.querySelectorAll(".copy")) each.hidden = false;
  document.getElementById("to-blocks")?.removeAttribute("hidden");
  document.body.classList.toggle("writable", !none);
}

// Lead to what a remark is about: the sentence opens, with the caret at the word; where the line has no sentence of its
// own (a picture, a key), the nearest before it is shown. Every letter in sight goes there.
function go({ go: line, start, word }) {
  const lines = [Number(line), Number(start)];
  const row = [...document.querySelectorAll("#inbox [data-at]")].find((one) => lines.includes(Number(one.dataset.line)));
  if (row) return void write(row, placeOf(row, word));
  const found = shown().filter((frame) => frame.offsetParent).map((frame) => lead(of(frame), lines)).filter(Boolean);
  if (!found.length) return;
  const { sentence, exact } = found[0];
  current = sentence.dataset.at;
  active = sentence.ownerDocument.defaultView.frameElement;
  document.getElementById("stage").scrollIntoView({ block: "nearest" });
  if (exact) return void write(sentence, placeOf(sentence, word));
  status.textContent = (document.getElementById("writing").dataset.line ?? "").replace("{line}", line);
}

// Put a remark's corrected line into the file.
async function correct(button) {
  const remark = button.closest(".remark");
  if (desk && !(await desk.leave())) return;
  button.disabled = true;
  const address = location.pathname.replace("/issue/", "/correction/");
  const answer = await correction(address, { code: button.dataset.correct, d: button.dataset.d, line: Number(remark.querySelector("[data-go]").dataset.go) });
  button.disabled = false;
  if (answer === undefined) return lost();
  remark.querySelector(".refused").textContent = answer.why ?? "";
  if (!answer.saved) return;
  turns.saved(document.getElementById("writing").dataset.saved.replace("{time}", answer.saved), answer.undo);
  await show(location.href);
  (document.querySelector(".remark button") ?? document.getElementById("remarks")).focus({ preventScroll: true });
}

// The text of a part of the message, to the clipboard.
async function copy(button) {
  const words = button.closest(".stage").querySelector("iframe:not(.coming)").contentDocument.querySelector("pre").textContent;
  await navigator.clipboard.writeText(words);
  status.textContent = document.body.dataset.copied;
}

// One choice at a time: the address may be newer than the links, when keys are typed faster than pages come.
async function look(link) {
  if (desk && !(await desk.leave())) return;
  const name = link.id.split("-")[0];
  const [address, value] = [new URL(location.href), new URL(link.href).searchParams.get(name)];
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  if (address.href === location.href) return;
  history.pushState(null, "", address);
  show(address);
}

function keys(event) {
  const turning = (event.ctrlKey || event.metaKey) && !event.altKey && !writing() && !event.target.closest?.("input, textarea, dialog");
  if (turning && /^[zy]$/i.test(event.key)) {
    event.preventDefault();
    return turns.turn(event.shiftKey || /y/i.test(event.key) ? "redo" : "undo");
  }
  if (event.ctrlKey || event.metaKey || event.altKey || writing()) return;
  if (event.target.isContentEditable || event.target.closest?.("input, textarea, select, dialog")) return;
  if (event.key === "e" && editable().length) return event.preventDefault(), resume();
  if (event.key === "r") return nextRemark();
  if (event.key === "l" && document.getElementById("to-blocks")) return event.preventDefault(), openBlocks();
  const link = [...document.querySelectorAll("a[data-key]")].find((one) => one.dataset.key === event.key);
  if (link) look(link);
}

function say(words) {
  if (words) status.textContent = words;
}

function lost() {
  status.textContent = document.body.dataset.lost;
  status.classList.add("lost");
}

document.addEventListener("keydown", keys);
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#origin")) origin(null);
  if (desk?.open && !desk.open.element.contains(event.target) && !event.target.closest("#writing, #versions, #elements")) desk.leave();
});
document.addEventListener("pointerup", released);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && desk?.leave());
document.addEventListener("click", (event) => {
  const row = event.target.closest("#inbox [data-at]");
  if (row) return write(row, { left: event.clientX, top: event.clientY });
  const button = event.target.closest("button");
  if (button?.id === "undo" || button?.id === "redo") return turns.turn(button.id);
  if (button?.id === "to-blocks") return openBlocks();
  if (button?.dataset.go) return go(button.dataset);
  if (button?.dataset.correct) return correct(button);
  if (button?.classList.contains("copy")) return copy(button);
  const link = event.target.closest("a[data-look]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  look(link);
});
document.addEventListener("filigrane:saved", ({ detail }) => (turns.saved(detail.words, detail.undo), show(location.href)));
window.addEventListener("popstate", () => show(location.href));
for (const frame of document.querySelectorAll("iframe")) {
  frame.shows = document.getElementById("stage").dataset.part;
  welcome(frame);
}

watchPictures({ leave: async () => !desk || (await desk.leave()), said, say, lost });

// The stream opens again by itself, also when the studio was started anew: what was missed meanwhile is fetched then.
const changes = new EventSource("/changes");
changes.addEventListener("open", () => show(location.href));
changes.addEventListener("change", () => (desk?.leaving ? (held = true) : show(location.href)));
changes.addEventListener("error", lost);
