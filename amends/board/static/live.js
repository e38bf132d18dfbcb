// News as they come: a bar that says how many posts are new, and items that colleagues changed.
import { items, read, slug } from "./page.js";
import { swap } from "./answers.js";

const bar = document.getElementById("news");
const title = document.title;
let source = null;
let at = bar?.dataset.at ?? "";
let start = at;
let waiting = 0;

function ring() {
  if (!bar || !waiting) return;
  const many = waiting >= 1000 ? "1,000+" : String(waiting);
  const link = bar.querySelector("a");
  link.textContent = `${many} new ${waiting === 1 ? "post" : "posts"} – show`;
  link.href = `/i/${slug()}/queue?newer=${start.split(".")[0]}`;
  bar.hidden = false;
  document.title = `(${many}) ${title}`;
}

const busy = (item) =>
  item.getAttribute("aria-busy") === "true" || item.querySelector("details[open] form") || item.querySelector("[data-stale]");

async function mend(told) {
  const item = document.getElementById(`p${told.post}`);
  if (!item?.matches("article.item") || Number(item.dataset.version) >= told.version) return;
  if (busy(item)) {
    mark(item, told);
    return;
  }
  const answer = await fetch(`/i/${slug()}/p/${told.post}`, { headers: { "X-Part": "item" } });
  const fresh = answer.ok ? read(await answer.text()).getElementById(item.id) : null;
  if (!fresh || !item.isConnected) return;
  if (Number(item.dataset.version) >= Number(fresh.dataset.version)) return;
  if (busy(item)) mark(item, told);
  else swap(item, fresh);
}

// Somebody is writing in it: say so, and leave what they wrote alone.
function mark(item, told) {
  if (item.querySelector("[data-stale]")) return;
  const note = document.createElement("p");
  note.className = "stale";
  note.dataset.stale = "";
  note.setAttribute("role", "status");
  note.textContent = `${told.by} changed this just now.`;
  item.prepend(note);
}

function hear(event) {
  let told;
  try { told = JSON.parse(event.data); } catch { return; }
  at = event.lastEventId || at;
  start ||= at;
  waiting = Math.min(1000, waiting + told.new);
  ring();
  for (const one of told.items) mend(one).catch(() => {});
}

function listen() {
  if (source || !slug() || !window.EventSource || !(bar || items().length)) return;
  const since = at ? `?since=${encodeURIComponent(at)}` : "";
  source = new EventSource(`/i/${slug()}/live${since}`);
  source.addEventListener("news", hear);
}

// A browser opens six connections to one place: those who aren't looked at give theirs back.
function look() {
  if (document.visibilityState === "visible") { listen(); return; }
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", look);
addEventListener("pagehide", () => { source?.close(); source = null; });
addEventListener("pageshow", look);
look();
