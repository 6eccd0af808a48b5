// What blocks add to plain forms: tables that page, text that is sent by Enter.
"use strict";

function pager(table) {
  const rows = [...table.tBodies[0]?.rows ?? []];
  const size = Number(table.dataset.rows);
  if (rows.length <= size) return;
  let first = 0;
  const bar = document.createElement("div");
  const words = document.createElement("span");
  const [back, on] = ["‹ Previous", "Next ›"].map(say).map((label) => Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label }));
  const turn = (step) => {
    first = Math.max(0, Math.min(first + step, rows.length - 1));
    rows.forEach((row, place) => { row.hidden = place < first || place >= first + size; });
    words.textContent = `${first + 1}–${Math.min(first + size, rows.length)} ${say("of")} ${rows.length}`;
    back.disabled = first === 0;
    on.disabled = first + size >= rows.length;
  };
  back.addEventListener("click", () => turn(-size));
  on.addEventListener("click", () => turn(size));
  bar.className = "pager";
  bar.append(back, words, on);
  table.after(bar);
  turn(0);
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !field.dataset?.enter) return;
  event.preventDefault();
  choose(field, field.dataset.enter, true);
});
