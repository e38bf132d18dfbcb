// Keys: move, open, press what an item offers, and go elsewhere. Each can be switched off in the help.
import { current, goTo, itemOf, items, slug } from "./page.js";

const OFF = "keys-off";
const WAIT = 1500;
const PLACES = { q: "/queue", i: "", d: "/digest" };
let going = 0;

const help = document.getElementById("keys");
const choice = document.getElementById("keys-on");

function off() {
  try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
}

function writes(node) {
  if (node.isContentEditable || node.matches?.("textarea, select")) return true;
  return Boolean(node.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));
}

function move(step) {
  const all = items();
  if (!all.length) return;
  const at = all.indexOf(itemOf(document.activeElement));
  if (at >= 0) {
    goTo(all[Math.min(all.length - 1, Math.max(0, at + step))]);
    return;
  }
  const top = document.querySelector(".top")?.offsetHeight ?? 0;
  goTo(all.find((item) => item.getBoundingClientRect().bottom > top + 20) ?? all[0]);
}

// What carries the key: in the item somebody is at, else on the page around the items.
function carrier(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]:not(:disabled)`;
  const item = current();
  const inside = item?.querySelector(wanted);
  if (inside) return inside;
  const changed = key === "u" ? document.querySelector("article.item[data-last]")?.querySelector(wanted) : null;
  if (changed) return changed;
  return [...document.querySelectorAll(wanted)].find((node) => !itemOf(node)) ?? null;
}

function press(node) {
  if (node.matches("summary")) {
    const box = node.parentElement;
    box.open = !box.open;
    const first = box.querySelector("textarea, select, input:not([type=hidden])") ?? box.querySelector("button, a");
    (box.open && first ? first : node).focus();
  } else if (node.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
    node.focus();
    node.select?.();
  } else {
    node.click();
  }
}

function leave() {
  const node = document.activeElement;
  const item = itemOf(node);
  if (item && node !== item) {
    const box = node.closest("details[open]");
    if (box) box.open = false;
    item.focus();
  } else {
    node?.blur?.();
  }
}

function away(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) link.click();
  else if (slug() && key in PLACES) location.assign(`/i/${slug()}${PLACES[key]}`);
}

// Returns whether the key meant something here.
function pressed(key) {
  if (Date.now() - going < WAIT) {
    going = 0;
    away(key);
    return true;
  }
  const item = current();
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "g") going = Date.now();
  else if (key === "?") help?.showModal();
  else if (key === "/") {
    const field = document.querySelector("input[type=search]");
    if (!field) return false;
    field.closest("details:not([open])")?.setAttribute("open", "");
    field.focus();
    field.select();
  } else if (key === "x" && item) item.querySelector("input[type=checkbox]")?.click();
  else {
    const node = carrier(key);
    if (!node) return false;
    press(node);
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") { leave(); return; }
  if (off() || writes(event.target)) return;
  if (event.key === "Enter") {
    if (!event.target.matches?.("article.item")) return;
    event.target.querySelector("a[data-key=p]")?.click();
  } else if (event.repeat && !"jk".includes(event.key)) {
    // A key held down must not decide on one item after the other.
  } else if (event.key.length !== 1 || !pressed(event.key)) return;
  event.preventDefault();
});

if (choice) {
  choice.checked = !off();
  choice.addEventListener("change", () => {
    try { localStorage.setItem(OFF, choice.checked ? "0" : "1"); } catch { choice.checked = true; }
  });
}
for (const button of document.querySelectorAll("[data-opens]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens)?.showModal());
}
