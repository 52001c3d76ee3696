// Keeps the newsroom's sheet true: to the files by the studio's stream of changes, and to the ledger by asking how far
// the mailings are, each 2 seconds while one is under way and each 10 otherwise, only while the page is in sight. Without
// this script the page still says all of it, and is reloaded by hand.

const MOVING = 2000, STILL = 10000;
const status = document.getElementById("status");
let stamp; // of the ledger's states, as the sheet shows them
let turn = 0;
let timer;

async function show() {
  const mine = ++turn;
  let text;
  try {
    text = await (await fetch("/newsroom", { cache: "no-store" })).text();
  } catch {
    return lost();
  }
  if (mine !== turn) return;
  const next = new DOMParser().parseFromString(text, "text/html");
  const fresh = next.getElementById("sheet");
  if (!fresh) return location.reload();
  const sheet = document.getElementById("sheet");
  const at = document.activeElement?.closest?.("#sheet a")?.getAttribute("href");
  if (fresh.innerHTML !== sheet.innerHTML) {
    sheet.replaceWith(document.adoptNode(fresh));
    if (at) document.querySelector(`#sheet a[href="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
  }
  said();
}

// How far each mailing is; another state is another sheet.
async function ask() {
  clearTimeout(timer);
  if (document.visibilityState === "hidden") return;
  const sheet = document.getElementById("sheet");
  try {
    const response = await fetch("/newsroom/mailings", { cache: "no-store" });
    if (response.status === 200) await told(await response.json());
    else if (!("unknown" in sheet.dataset)) await show();
  } catch {
    lost();
  }
  timer = setTimeout(ask, "moving" in document.getElementById("sheet").dataset ? MOVING : STILL);
}

async function told(known) {
  if (stamp !== known.stamp) {
    const first = stamp === undefined;
    stamp = known.stamp;
    if (!first || "unknown" in document.getElementById("sheet").dataset) await show();
  }
  for (const [id, mailing] of Object.entries(known.mailings)) {
    const line = document.querySelector(`[data-mailing="${id}"]`);
    if (!line?.querySelector("progress")) continue;
    line.querySelector("progress").max = mailing.total || 1;
    line.querySelector("progress").value = mailing.served;
    line.querySelector(".numbers").textContent = mailing.numbers;
    line.querySelector(".outcomes").textContent = mailing.said;
  }
  said();
}

function said() {
  const zone = document.getElementById("sheet").dataset.zone;
  const hour = new Date().toLocaleTimeString(document.documentElement.lang, { timeZone: zone });
  status.textContent = document.body.dataset.updated.replace("{time}", hour);
  status.classList.remove("lost");
}

function lost() {
  status.textContent = document.body.dataset.lost;
  status.classList.add("lost");
}

document.addEventListener("visibilitychange", ask);
const changes = new EventSource("/changes");
changes.addEventListener("change", show);
changes.addEventListener("error", lost);
changes.addEventListener("open", ask);
