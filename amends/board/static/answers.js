// Forms inside an item are sent from here, and the item that comes back takes the old one's place.
import { goTo, itemOf, items, read, say } from "./page.js";

const LATE = 15000;

function field(root) {
  const node = document.activeElement;
  if (!root.contains(node) || node === root) return null;
  const key = node.closest("[data-key]")?.dataset.key;
  return key ? `[data-key="${CSS.escape(key)}"]` : null;
}

// Put an item in the place of another. Whoever was at the old one is at the new one.
export function swap(old, fresh) {
  const was = old.contains(document.activeElement);
  const inner = was ? field(old) : null;
  const picked = old.querySelector("input[type=checkbox]")?.checked;
  const item = document.importNode(fresh, true);
  old.replaceWith(item);
  const box = item.querySelector("input[type=checkbox]");
  if (box && picked) box.checked = true;
  if (was) {
    if (inner) item.querySelector(`${inner}:not(:disabled)`)?.focus({ preventScroll: true });
    if (!item.contains(document.activeElement)) item.focus({ preventScroll: true });
  }
  return item;
}

const among = (page, id) => page.getElementById(id) ?? page.querySelector("article.item");

// After a decision the work goes on with the next item.
const decides = (form) => new URL(form.action).pathname.endsWith("/decide");

// What somebody wrote is worth more than the place it stood in: nothing of it goes with the old item.
function keep(words, item) {
  if (!words) return;
  let field = item.querySelector("textarea");
  if (!field) {
    const label = document.createElement("label");
    label.textContent = "What you wrote, not sent ";
    field = document.createElement("textarea");
    field.readOnly = true;
    label.append(field);
    item.append(label);
  }
  field.value = words;
  field.closest("details")?.setAttribute("open", "");
}

async function send(form, item, submitter) {
  const next = items()[items().indexOf(item) + 1];
  item.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form, submitter));
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { "X-Part": "item" }, signal: AbortSignal.timeout(LATE),
    });
    if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/login")) {
      location.reload();
      return;
    }
    const page = read(await answer.text());
    const fresh = among(page, item.id);
    if (!fresh) {
      if (answer.ok && answer.redirected) { location.assign(answer.url); return; }
      say(page.querySelector("h1")?.textContent.trim() || `That was not done (${answer.status}).`);
      return;
    }
    const words = answer.ok ? "" : form.querySelector("textarea")?.value.trim();
    const shown = swap(item, fresh);
    keep(words, shown);
    for (const one of document.querySelectorAll("article.item[data-last]")) delete one.dataset.last;
    shown.dataset.last = "";
    const notice = shown.querySelector(".notice")?.textContent.trim();
    if (!answer.ok) say(notice || "Somebody was faster. This is how it stands now.");
    else if (next && decides(form)) goTo(next);
    else if (!document.activeElement || document.activeElement === document.body) goTo(shown);
  } catch {
    say("Not sent: the board doesn’t answer. What you wrote is still here; try again.");
  } finally {
    item.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const item = itemOf(form);
  if (!item || form.method !== "post" || form.dataset.plain !== undefined || event.defaultPrevented) return;
  // A post's own page shows its history too, so it is read anew as a whole.
  if (form.enctype === "multipart/form-data" || /\/p\/\d+$/.test(location.pathname)) return;
  event.preventDefault();
  if (item.getAttribute("aria-busy") !== "true") send(form, item, event.submitter);
});
