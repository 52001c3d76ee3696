// The buttons of the pages of versions. Without this script the pages are read, and nothing is brought back.
const status = document.getElementById("status");

for (const button of document.querySelectorAll("button[data-act]")) {
  button.hidden = false;
  button.addEventListener("click", () => act(button));
}

/** @param {HTMLElement} button */
async function act({ dataset: { act, id, seen } }) {
  const [, , publication, name] = location.pathname.split("/");
  try {
    const body = JSON.stringify({ act, id, seen });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`/history/${publication}/${name}`, { method: "POST", body, headers });
    const answer = await response.json();
    if (response.ok) location.assign(act === "dismiss" ? location.href : `/issue/${publication}/${name}`);
    else status.textContent = answer.why;
  } catch {
    status.textContent = document.body.dataset.lost;
  }
}
