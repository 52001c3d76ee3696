// The letters that take the place of those that an act changed: they are drawn before the page with its remarks is fetched,
// which takes longer.

/** @type {Promise<unknown>} */
let drawing = Promise.resolve();

/** What is done once the letters are drawn; after a second, whatever comes of them. */
export const drawn = () => drawing;

/**
 * @param {Record<string, string> | undefined} states of each audience whose letter changed, what it is now
 * @param {(here: Element, next: Element) => void} stage puts what the second stage shows into the first
 */
export function redraw(states = {}, stage) {
  const loading = [...document.querySelectorAll(".stage")].flatMap((here) => {
    const src = here.querySelector("iframe:last-of-type")?.getAttribute("src");
    const state = src && states[new URL(src, location.href).searchParams.get("audience") ?? "free"];
    if (!state) return [];
    const next = /** @type {Element} */ (here.cloneNode(true));
    const [frame, ...others] = next.querySelectorAll("iframe");
    for (const other of others) other.remove();
    frame?.classList.remove("coming");
    frame?.setAttribute("src", src.replace(/state=[0-9a-f]+/, `state=${state}`));
    stage(here, next);
    return [new Promise((resolve) => frame?.addEventListener("load", resolve, { once: true }))];
  });
  if (loading.length) drawing = Promise.race([Promise.all(loading), new Promise((resolve) => setTimeout(resolve, 1000))]);
}
