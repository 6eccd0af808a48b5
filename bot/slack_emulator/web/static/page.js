// What the page adds to plain forms: news without reloading, forms sent in the background, menus, dialogs.
"use strict";

const REGIONS = ["sidebar", "head", "note", "home", "messages", "thread-root", "thread-messages", "modals"];
const shown = new Map();
let sending = 0;

function formBody(data) {
  return [...data.values()].some((value) => value instanceof File) ? data : new URLSearchParams(data);
}

function remember(root) {
  root.querySelectorAll("[data-list] > [data-key]").forEach((item) => shown.set(item.parentNode.id + item.dataset.key, item.outerHTML));
}

// The end of a list; of a last message that is taller than the window, its beginning.
function toEnd(list) {
  const last = list.lastElementChild;
  list.scrollTop = last && last.offsetHeight > list.clientHeight ? last.offsetTop - list.offsetTop : list.scrollHeight;
}

function patchList(old, fresh, own) {
  const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 80;
  const last = old.lastElementChild?.dataset.key;
  const have = new Map([...old.children].map((item) => [item.dataset.key, item]));
  let before = null;
  for (const item of [...fresh.children]) {
    const html = item.outerHTML;
    const key = fresh.id + item.dataset.key;
    let there = have.get(item.dataset.key);
    have.delete(item.dataset.key);
    if (!there || shown.get(key) !== html) {
      if (there) swap(there, item);
      else {
        if (before) before.after(item); else old.prepend(item);
        enhance(item);
      }
      shown.set(key, html);
      there = item;
    }
    before = there;
  }
  const lost = [...have.values()].some((item) => item.contains(document.activeElement));
  have.forEach((item) => item.remove());
  if (lost) toComposer();
  if (old.lastElementChild?.dataset.key !== last && (own || atEnd)) toEnd(old);
  else if (atEnd) old.scrollTop = old.scrollHeight;
}

// Put a new message in the place of the old one. Who has pressed a button that is gone stands at the message.
function swap(there, item) {
  const inside = there.contains(document.activeElement);
  there.replaceWith(item);
  enhance(item);
  if (!inside) return;
  item.tabIndex = -1;
  item.focus({ preventScroll: true });
}

function carryOver(old, fresh) {
  for (const field of old.querySelectorAll("input[data-dirty], textarea[data-dirty]")) {
    const same = [...fresh.querySelectorAll("input, textarea")].find((each) => each.name === field.name && each.type === field.type);
    if (same && field.name) { same.value = field.value; same.dataset.dirty = ""; }
  }
}

function patchKeyed(old, fresh, own) {
  if (old.dataset.key === fresh.dataset.key) return;
  const focus = document.activeElement?.id;
  if (!own) carryOver(old, fresh);
  const scroll = old.querySelector("[data-top] .scroll")?.scrollTop || 0;
  old.replaceWith(fresh);
  enhance(fresh);
  const top = fresh.querySelector("[data-top] .scroll");
  if (top) top.scrollTop = scroll;
  const again = focus && document.getElementById(focus);
  if (again && fresh.contains(again)) again.focus();
}

function apply(text, own) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const filling = document.querySelector("dialog[data-top]");
  for (const id of REGIONS) {
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (!old || !now) continue;
    if (now.dataset.list !== undefined) patchList(old, now, own);
    else if (now.dataset.key !== undefined) patchKeyed(old, now, own);
    else if (old.innerHTML !== now.innerHTML && (id !== "note" || own)) old.innerHTML = now.innerHTML;
  }
  document.title = fresh.title;
  if (filling && document.activeElement === document.body) toComposer();
}

// Where one goes on after a form is closed, and where one begins.
function toComposer() {
  const form = document.querySelector("#thread-root form[data-composer]") ?? document.getElementById("composer");
  if (!document.querySelector("dialog[data-top]")) form?.elements.text.focus({ preventScroll: true });
}

async function refresh() {
  if (sending) return;
  const page = document.body.dataset.page;
  const answer = await fetch(`${page}${page.includes("?") ? "&" : "?"}quiet=1`);
  const text = await answer.text();
  if (answer.status === 404) location.assign("/"); // somebody started over, and this place is gone
  else if (answer.ok && !sending) apply(text, false);
}

async function send(form, button, own = true) {
  const data = new FormData(form, button);
  form.classList.add("busy");
  sending += 1;
  try {
    const answer = await fetch(form.action, { method: "POST", body: formBody(data) });
    const text = await answer.text();
    sending -= 1;
    if (answer.ok) apply(text, own); else note(text);
  } catch (error) {
    sending -= 1;
    note(`${say("Can't reach the server:")} ${error.message}`);
  } finally {
    form.classList.remove("busy");
  }
}

function note(text) {
  const line = Object.assign(document.createElement("p"), { className: "note", textContent: text });
  document.getElementById("note").replaceChildren(line);
}

function asked(source) {
  const { confirmTitle, confirmText, confirmYes, confirmNo } = source.dataset;
  if (!confirmTitle) return Promise.resolve(true);
  const box = document.createElement("dialog");
  const title = Object.assign(document.createElement("h2"), { textContent: confirmTitle, id: "ask-title" });
  const text = Object.assign(document.createElement("p"), { textContent: confirmText });
  const row = document.createElement("footer");
  const [no, yes] = [confirmNo, confirmYes].map((label) => Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label }));
  yes.classList.add("primary", source.dataset.confirmStyle || "primary");
  box.className = "modal ask";
  box.setAttribute("aria-labelledby", title.id);
  row.append(no, yes);
  box.append(title, text, row);
  document.body.append(box);
  box.showModal();
  return new Promise((resolve) => {
    const end = (answer) => { box.remove(); resolve(answer); };
    yes.addEventListener("click", () => end(true));
    no.addEventListener("click", () => end(false));
    box.addEventListener("cancel", () => end(false));
  });
}

function doing(name) {
  return Object.assign(document.createElement("button"), { type: "submit", name: "do", value: name, hidden: true });
}

async function choose(field, name = field.dataset.do, own = true) {
  if (!(await asked(field))) { refresh(); return; }
  const form = field.form;
  const button = doing(name);
  form.append(button);
  await send(form, button, own);
  button.remove();
}

document.addEventListener("submit", async (event) => {
  const [form, button] = [event.target, event.submitter];
  if (form.dataset.away !== undefined) sending += 1; // another page comes, no news for this one
  if (form.method !== "post" || form.dataset.away !== undefined || form.action.endsWith("/inspector")) return;
  event.preventDefault();
  if (button && !(await asked(button))) return;
  form.querySelectorAll("details[open]").forEach((menu) => { menu.open = false; });
  if (form.dataset.composer === undefined) { await send(form, button); return; }
  const field = form.elements.text;
  if (!field.value.trim()) return;
  const sent = send(form, button);
  field.value = "";
  grow(field);
  shut(field);
  await sent;
  if (!document.querySelector("dialog[data-top]")) field.focus();
});

document.addEventListener("change", ({ target }) => {
  if (target.dataset?.do) choose(target);
  // A file picked for a modal is sent at once and comes back as a line with a tick.
  if (target.matches?.("input[type=file][data-do]")) setTimeout(() => { target.value = ""; });
});
document.addEventListener("input", (event) => {
  if (event.target.name?.startsWith("v!")) event.target.dataset.dirty = "";
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

function openModal(dialog) {
  dialog.removeAttribute("open");
  dialog.showModal();
  const field = dialog.querySelector("[aria-invalid]")
    || dialog.querySelector(".input :is(input:not([type=hidden]), select:not([hidden]), textarea)");
  field?.focus();
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    dialog.querySelector("footer [value=close]").click();
  });
}

function enhance(root) {
  root.querySelectorAll("select[data-combo]").forEach(comboOver);
  root.querySelectorAll("dialog[data-top]").forEach(openModal);
  root.querySelectorAll("form[data-composer]").forEach(composerOver);
  root.querySelectorAll("[data-end]").forEach(toEnd);
}

remember(document);
enhance(document);
toComposer();
let waiting = 0;
function told() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 40);
}
const news = new EventSource(document.body.dataset.news);
news.addEventListener("news", told);
news.addEventListener("open", told); // what came between the page and this line, or while it was down
