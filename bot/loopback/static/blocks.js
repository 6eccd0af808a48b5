// What blocks add to plain forms: tables that page and sort, text that is sent as it is typed.
"use strict";

function dataTable(table) {
  const rows = [...table.tBodies[0]?.rows ?? []];
  const turn = pager(table, rows);
  const heads = [...table.tHead?.rows[0].cells ?? []];
  heads.forEach((head, column) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sort-by" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.ariaSort !== "ascending";
      heads.forEach((each) => { each.ariaSort = null; });
      head.ariaSort = up ? "ascending" : "descending";
      rows.sort((one, other) => (up ? 1 : -1) * compare(one.cells[column], other.cells[column]));
      table.tBodies[0].append(...rows);
      turn();
    });
  });
}

function compare(one, other) {
  if (one.dataset.number && other.dataset.number) return one.dataset.number - other.dataset.number;
  return one.textContent.localeCompare(other.textContent);
}

function pager(table, rows) {
  const size = Number(table.dataset.rows);
  if (rows.length <= size) return () => {};
  let first = 0;
  const bar = document.createElement("div");
  const words = document.createElement("span");
  const [back, on] = ["‹ Previous", "Next ›"].map(say).map((label) => Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label }));
  const turn = (step) => {
    first = step ? Math.max(0, Math.min(first + step, rows.length - 1)) : 0;
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
  return () => turn(0);
}

let typing = 0;
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.dataset?.typed) return;
  clearTimeout(typing);
  typing = setTimeout(() => choose(field, field.dataset.typed, false), 250);
});
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !field.dataset?.enter) return;
  event.preventDefault();
  choose(field, field.dataset.enter, true);
});

const MARKS = { B: ["*", "Bold"], I: ["_", "Italic"], S: ["~", "Struck through"], "</>": ["`", "Code"] };
function richBar(area) {
  const bar = document.createElement("div");
  bar.className = "rich-bar";
  for (const [sign, [mark, name]] of Object.entries(MARKS)) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign, title: say(name) });
    button.setAttribute("aria-label", say(name));
    button.addEventListener("click", () => {
      const [from, to] = [area.selectionStart, area.selectionEnd];
      area.setRangeText(mark + area.value.slice(from, to) + mark, from, to, "end");
      if (from === to) area.selectionEnd -= 1;
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    bar.append(button);
  }
  area.before(bar);
}
