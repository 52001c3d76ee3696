// Keeps the page true to the files: on each change the page is fetched again, the parts that differ are replaced, and a
// new letter takes the old one's place, and its scroll position, once it has loaded. Without this script the page still
// works, and is reloaded by hand.
"use strict";

const status = document.getElementById("status");
let turn = 0;

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
    if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(fresh));
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  stage(next.getElementById("stage"));
  offer();
  status.textContent = document.body.dataset.updated.replace("{time}", new Date().toLocaleTimeString(document.documentElement.lang));
  status.classList.remove("lost");
}

function stage(next) {
  const here = document.getElementById("stage");
  if (!here || !next) return;
  const samePart = here.dataset.part === next.dataset.part;
  for (const name of ["width", "light", "part", "stale"]) {
    if (name in next.dataset) here.dataset[name] = next.dataset[name];
    else delete here.dataset[name];
  }
  const [old, fresh] = [here.querySelector("iframe:last-of-type"), next.querySelector("iframe")];
  if (!fresh || (old && old.getAttribute("src") === fresh.getAttribute("src"))) return;
  const frame = document.adoptNode(fresh);
  frame.y = old && samePart ? (old.classList.contains("coming") ? old.y : old.contentWindow.scrollY) : 0;
  if (old) frame.classList.add("coming");
  frame.addEventListener("load", () => {
    frame.contentWindow.scrollTo(0, frame.y);
    frame.classList.remove("coming");
    for (const other of here.querySelectorAll("iframe")) {
      if (other === frame) break; // those behind it are newer, and still coming
      other.remove();
    }
  }, { once: true });
  welcome(frame);
  here.append(frame);
}

// The letter cannot run scripts, but its keys and links are ours: the keys work there too, and a link opens elsewhere.
function welcome(frame) {
  const attach = () => {
    frame.contentDocument?.addEventListener("keydown", keys);
    frame.contentDocument?.addEventListener("click", leave);
    frame.contentDocument?.addEventListener("click", place);
    offer();
  };
  frame.addEventListener("load", attach);
  attach();
}

function leave(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (/^https?:$/.test(link.protocol)) window.open(link.href, "_blank", "noopener,noreferrer");
}

// Each sentence of the letter says its line in the file (data-line): a press on it tells that line, and a remark leads to
// the last sentence that begins at its line or before it.
function sentences() {
  return [...(document.querySelector("#stage iframe:not(.coming)")?.contentDocument?.querySelectorAll("[data-line]") ?? [])];
}

function offer() {
  const none = sentences().length === 0;
  for (const button of document.querySelectorAll("button[data-go]")) button.hidden = none;
}

function place(event) {
  const sentence = event.target.closest("[data-line]");
  if (sentence) status.textContent = document.body.dataset.line.replace("{line}", sentence.dataset.line);
}

function go(line) {
  const before = sentences().filter((one) => Number(one.dataset.line) <= line);
  const nearest = Math.max(...before.map((one) => Number(one.dataset.line)));
  const sentence = before.find((one) => Number(one.dataset.line) === nearest) ?? sentences()[0];
  for (const one of sentences()) one.style.backgroundColor = "";
  sentence.style.backgroundColor = "rgb(239 138 128 / .35)"; // the accent, thin enough to read on by day and by night
  sentence.scrollIntoView({ block: "center" });
  document.getElementById("stage").scrollIntoView({ block: "nearest" });
}

// One choice at a time: the address may be newer than the links, when keys are typed faster than pages come.
function look(link) {
  const name = link.id.split("-")[0];
  const [address, value] = [new URL(location.href), new URL(link.href).searchParams.get(name)];
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  if (address.href === location.href) return;
  history.pushState(null, "", address);
  show(address);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
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
document.addEventListener("click", (event) => {
  const goto = event.target.closest("button[data-go]");
  if (goto) return go(Number(goto.dataset.go));
  const link = event.target.closest("a[data-look]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  look(link);
});
window.addEventListener("popstate", () => show(location.href));
for (const frame of document.querySelectorAll("iframe")) welcome(frame);

// The stream opens again by itself, also when the studio was started anew: what was missed meanwhile is fetched then.
const changes = new EventSource("/changes");
changes.addEventListener("open", () => show(location.href));
changes.addEventListener("change", () => show(location.href));
changes.addEventListener("error", lost);
