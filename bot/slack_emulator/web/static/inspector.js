// The inspector, live: new rows come in above, rows that are open stay open, filters apply while typing.
"use strict";

const KEPT = 200;
const rows = document.getElementById("rows");
const filter = document.getElementById("filter");
const said = document.getElementById("said");
let last = Number(rows.dataset.last);
let asking = Promise.resolve();
let typing = 0;

function address(since) {
  const asked = new URLSearchParams(new FormData(filter));
  if (since) asked.set("since", since);
  return `/inspector/rows?${asked}`;
}

async function parsed(where) {
  const answer = await fetch(where);
  if (!answer.ok) throw new Error(`the inspector answered ${answer.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return [...holder.content.children];
}

async function catchUp() {
  const arrived = await parsed(address(last));
  for (const row of arrived) {
    row.classList.add("new");
    last = Math.max(last, Number(row.dataset.number));
  }
  if (arrived.length) document.getElementById("nothing")?.remove();
  rows.prepend(...arrived);
  while (rows.children.length > KEPT && !rows.lastElementChild.contains(document.activeElement)) rows.lastElementChild.remove();
}

async function refilter() {
  const found = await parsed(address(0));
  for (const row of found) last = Math.max(last, Number(row.dataset.number));
  rows.replaceChildren(...found);
  said.textContent = rows.children.length ? `${rows.children.length} shown` : "Nothing fits this filter.";
  const asked = new URLSearchParams(new FormData(filter));
  history.replaceState(null, "", `/inspector?${asked}`);
}

function next(step) {
  asking = asking.then(step).catch((problem) => { said.textContent = String(problem.message); });
}

filter.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => next(refilter), 150);
});
filter.addEventListener("submit", (event) => {
  event.preventDefault();
  next(refilter);
});
rows.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  said.textContent = "Delivering again …";
  const answer = await fetch(event.target.action, { method: "POST", redirect: "manual" });
  said.textContent = answer.type === "opaqueredirect" ? "Delivered again." : "This envelope is not kept any more.";
  button.disabled = false;
  button.focus();
});
new EventSource("/inspector/news").addEventListener("news", (event) => {
  document.getElementById("waiting").textContent = JSON.parse(event.data)[1];
  next(catchUp);
});
