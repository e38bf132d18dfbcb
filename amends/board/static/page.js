// What the other scripts know of the page: its items, and where to say something.
export const items = () => [...document.querySelectorAll("article.item")];

export const itemOf = (node) => node?.closest?.("article.item") ?? null;

// The item somebody is at: the one with the focus, or the only one there is.
export function current() {
  const all = items();
  return itemOf(document.activeElement) ?? (all.length === 1 ? all[0] : null);
}

export function say(sentence) {
  const place = document.getElementById("said");
  if (!place) return;
  place.textContent = "";
  // A reader of the screen speaks up only when the words change after the place was there.
  requestAnimationFrame(() => { place.textContent = sentence; });
  clearTimeout(say.until);
  say.until = setTimeout(() => { place.textContent = ""; }, 8000);
}

export const slug = () => location.pathname.match(/^\/i\/([^/]+)/)?.[1] ?? null;

// An answer from our server read as a page; nothing in it runs.
export const read = (html) => new DOMParser().parseFromString(html, "text/html");

export function goTo(item) {
  if (!item) return;
  item.focus({ preventScroll: true });
  const box = item.getBoundingClientRect();
  const top = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
  if (box.top < Math.max(top, 0) || box.bottom > innerHeight) {
    item.scrollIntoView({ block: box.height > innerHeight - top ? "start" : "nearest", behavior: "instant" });
  }
}
