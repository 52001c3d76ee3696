// Keeps the page true to the files: on each change the page is fetched again, the parts that differ are replaced, and a
// new letter takes the old one's place, and its scroll position, once it has loaded. Without this script the page still
// works, and is reloaded by hand. A press on a sentence makes it editable (writing/desk.js, fetched at the first one);
// meanwhile no other letter takes its place, and the one-letter keys are off.

const status = document.getElementById("status");
let turn = 0;
let desk; // once a sentence was opened
let opening = false; // a sentence is about to be open
let pressing = false; // a press has begun in the letter: it ends in the same letter
let held = false; // what came while a sentence was open is shown once it is left
let current; // the sentence that was open last, by its place

async function show(address) {
  const mine = ++turn;
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
    if (writing() && part.contains(desk?.open?.element ?? null)) held = true;
    else if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(fresh));
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  stage(next.getElementById("stage"));
  offer();
  status.textContent = document.body.dataset.updated.replace("{time}", hour());
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

function stage(next) {
  const here = document.getElementById("stage");
  if (!here || !next) return;
  if (writing()) return void (held = true);
  for (const name of ["width", "light", "part", "zone", "stale"]) {
    if (name in next.dataset) here.dataset[name] = next.dataset[name];
    else delete here.dataset[name];
  }
  const [old, fresh] = [here.querySelector("iframe:last-of-type"), next.querySelector("iframe")];
  if (!fresh || (old && old.getAttribute("src") === fresh.getAttribute("src"))) return;
  const frame = document.adoptNode(fresh);
  frame.shows = here.dataset.part;
  if (old) frame.classList.add("coming");
  frame.addEventListener("load", () => (writing() ? (frame.arrived = held = true) : take(frame)), { once: true });
  welcome(frame);
  here.append(frame);
}

// Show a letter that has come, where the one before it was read.
function take(frame) {
  const shown = document.querySelector("#stage iframe:not(.coming)");
  frame.contentWindow.scrollTo(0, shown && shown !== frame && shown.shows === frame.shows ? shown.contentWindow.scrollY : 0);
  frame.arrived = false;
  frame.classList.remove("coming");
  for (const other of document.querySelectorAll("#stage iframe")) {
    if (other === frame) break; // those behind it are newer, and still coming
    other.remove();
  }
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

// How sentences answer in the letter: the accent, thin enough to read on by day and by night.
const SENTENCES = `
[data-at] { cursor: text }
[data-from] { cursor: help }
@media (hover: hover) { [data-at]:hover { background-color: rgb(239 138 128 / .14) } }
.open-sentence, .open-sentence:hover {
  background-color: rgb(239 138 128 / .2); box-shadow: 0 0 0 3px rgb(239 138 128 / .2); outline: 0; border-radius: 1px;
  box-decoration-break: clone; -webkit-box-decoration-break: clone; white-space: pre-wrap; caret-color: currentColor;
}
.open-sentence:empty::before { content: "\\200b" }`;

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
  origin(event.target.closest("[data-from]"));
}

// What is computed says where it comes from, and leads to the sentence that it repeats.
function origin(computed) {
  const note = document.getElementById("origin");
  if (note) note.hidden = !computed;
  if (!note || !computed) return;
  const [words, button] = note.children;
  words.textContent = computed.dataset.from;
  button.hidden = !computed.dataset.go;
  button.onclick = () => {
    const sentence = editable().find((one) => one.dataset.at === computed.dataset.go);
    if (!sentence) return;
    note.hidden = true;
    sentence.scrollIntoView({ block: "center" });
    write(sentence);
  };
}

const writing = () => opening || pressing || Boolean(desk?.open);

function released() {
  pressing = false;
  setTimeout(left); // after the click that this makes
}

// Open a sentence; `at` is where it was pressed.
async function write(sentence, at) {
  if (opening) return;
  opening = true;
  origin(null);
  try {
    desk ??= await fetched();
    const frame = document.querySelector("#stage iframe:not(.coming)");
    const shown = new URL(frame.src);
    const address = shown.pathname.replace("/letter/", "/sentence/");
    current = sentence.dataset.at;
    const audience = shown.searchParams.get("audience") ?? "free";
    await desk.begin(sentence, { address, audience, lang: frame.contentDocument.documentElement.lang, press: at });
  } catch {
    lost();
  } finally {
    opening = false;
    if (!desk?.open) left();
  }
}

async function fetched() {
  const { Desk } = await import("./writing/desk.js");
  const say = (words) => {
    if (words) status.textContent = words;
  };
  return new Desk(document.getElementById("writing"), document.getElementById("versions"), {
    say,
    saved: (words) => (document.getElementById("saved").textContent = words),
    left,
    step,
    again: () => show(location.href),
    lost,
  });
}

// A sentence was left: what came meanwhile is shown.
function left() {
  if (writing() || !held) return;
  held = false;
  const last = [...document.querySelectorAll("#stage iframe")].filter((frame) => frame.arrived).at(-1);
  if (last) take(last);
  show(location.href);
}

// Open the sentence before or after the one at a place.
function step(from, by) {
  const all = editable();
  const at = all.findIndex((one) => one.dataset.at === from);
  const next = all[at + by];
  if (at >= 0 && next) write(next);
}

// Open the sentence that was open last, or else the first in sight.
function resume() {
  const inSight = () => sentences().find((one) => one.getClientRects().length && one.getBoundingClientRect().bottom > 0);
  const sentence = editable().find((one) => one.dataset.at === current) ?? inSight();
  if (sentence) write(sentence);
}

// Each sentence of the letter says its line in the file (data-line): a remark leads to the last one that begins at its
// line or before it.
function sentences() {
  return [...(document.querySelector("#stage iframe:not(.coming)")?.contentDocument?.querySelectorAll("[data-line]") ?? [])];
}

// Those that can be seen, each once: a headline may be printed in two places. The inbox's come first.
function editable() {
  const seen = new Set();
  return [...document.querySelectorAll("#inbox [data-at]"), ...sentences()].filter((one) => one.getClientRects().length && !seen.has(one.dataset.at) && seen.add(one.dataset.at));
}

function offer() {
  const none = sentences().length === 0;
  for (const each of document.querySelectorAll("button[data-go], .hint")) each.hidden = none;
  document.body.classList.toggle("writable", !none);
}

function go(line) {
  const before = sentences().filter((one) => Number(one.dataset.line) <= line);
  const nearest = Math.max(...before.map((one) => Number(one.dataset.line)));
  const sentence = before.find((one) => Number(one.dataset.line) === nearest) ?? sentences()[0];
  for (const one of sentences()) one.style.backgroundColor = "";
  sentence.style.backgroundColor = "rgb(239 138 128 / .35)"; // the accent, thin enough to read on by day and by night
  current = sentence.dataset.at;
  sentence.scrollIntoView({ block: "center" });
  document.getElementById("stage").scrollIntoView({ block: "nearest" });
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
  if (event.ctrlKey || event.metaKey || event.altKey || writing()) return;
  if (event.target.isContentEditable || event.target.closest?.("input, textarea, select, dialog")) return;
  if (event.key === "e" && editable().length) {
    event.preventDefault();
    return resume();
  }
  const others = document.getElementById("others");
  if (event.key === "r" && others) others.open = !others.open;
  const link = [...document.querySelectorAll("a[data-key]")].find((one) => one.dataset.key === event.key);
  if (link) look(link);
}

function lost() {
  status.textContent = document.body.dataset.lost;
  status.classList.add("lost");
}

document.addEventListener("keydown", keys);
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#origin")) origin(null);
  if (desk?.open && !desk.open.element.contains(event.target) && !event.target.closest("#writing, #versions")) desk.leave();
});
document.addEventListener("pointerup", released);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && desk?.leave());
document.addEventListener("click", (event) => {
  const row = event.target.closest("#inbox [data-at]");
  if (row) return write(row, { left: event.clientX, top: event.clientY });
  const goto = event.target.closest("button[data-go]");
  if (goto) return go(Number(goto.dataset.go));
  const link = event.target.closest("a[data-look]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  look(link);
});
window.addEventListener("popstate", () => show(location.href));
for (const frame of document.querySelectorAll("iframe")) {
  frame.shows = document.getElementById("stage").dataset.part;
  welcome(frame);
}

// The stream opens again by itself, also when the studio was started anew: what was missed meanwhile is fetched then.
const changes = new EventSource("/changes");
changes.addEventListener("open", () => show(location.href));
changes.addEventListener("change", () => show(location.href));
changes.addEventListener("error", lost);
