// The message field completes: commands and what may follow them, @people, #channels.
// A combobox over its listbox: arrows move, Enter or Tab takes, Escape closes, a finger or the pointer takes too.
"use strict";

const NAMES = JSON.parse(document.getElementById("names").textContent);
const MOST = 12;
const SIGNS = { "@": NAMES.people, "#": NAMES.channels };

// What stands before the caret asks for: {found, from, keen}; keen takes the first by Enter. Null for nothing.
function wanted(field) {
  const typed = field.value.slice(0, field.selectionStart);
  const inThread = field.form.elements.thread;
  if (typed.startsWith("/") && !typed.includes(" ")) {
    const found = inThread ? [] : NAMES.commands.filter((each) => each.insert.startsWith(typed));
    return { found, from: 0, keen: !(found.length === 1 && found[0].insert === typed) };
  }
  const sign = /(?:^|\s)([@#])([^\s@#]*)$/u.exec(typed);
  if (sign) {
    const found = SIGNS[sign[1]].filter((each) => matches(each, sign[2].toLowerCase()));
    const inFull = found.some((each) => [each.insert, each.about].includes(sign[1] + sign[2]));
    return { found: found.slice(0, MOST), from: typed.length - sign[2].length - 1, keen: !inFull };
  }
  return typed.startsWith("/") && !inThread ? following(typed) : null;
}

function matches(entry, query) {
  return (entry.label ?? entry.insert).toLowerCase().split(/[\s._-]+|(?<=^[@#])/u).some((word) => word.startsWith(query))
    || entry.insert.slice(1).toLowerCase().startsWith(query);
}

// The words that may stand at this place of a command; a comma begins another of the same.
function following(typed) {
  const words = typed.split(/ +/);
  const places = NAMES.following[words[0]] ?? [];
  const query = words.at(-1).split(",").at(-1).toLowerCase();
  const place = places[Math.min(words.length - 2, places.length - 1)] ?? [];
  const found = place.filter((each) => each.toLowerCase().startsWith(query) && each.toLowerCase() !== query);
  const usage = NAMES.commands.find((each) => each.insert === words[0])?.hint;
  return { found: found.map((each) => ({ insert: each })), from: typed.length - query.length, keen: false, usage };
}

function listOf(field) {
  return field.form.querySelector(".commands");
}

function complete(field) {
  const asked = wanted(field);
  if (!asked?.found.length || document.activeElement !== field) { shut(field); return; }
  const list = listOf(field);
  const rows = asked.found.map((entry, place) => suggestion(field, entry, `${list.id}-${place}`, asked.from));
  if (asked.usage) rows.unshift(Object.assign(document.createElement("li"), { className: "usage", role: "presentation", textContent: asked.usage }));
  list.replaceChildren(...rows);
  list.hidden = false;
  list.scrollTop = 0;
  field.setAttribute("aria-expanded", "true");
  mark(field, asked.keen ? 0 : -1);
}

function suggestion(field, entry, id, from) {
  const row = Object.assign(document.createElement("li"), { id, role: "option" });
  row.append(Object.assign(document.createElement("b"), { textContent: entry.label ?? entry.insert }));
  for (const [tag, words] of [["code", entry.hint], ["span", entry.about]]) {
    if (words) row.append(" ", Object.assign(document.createElement(tag), { textContent: words }));
  }
  row.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  row.addEventListener("click", () => insert(field, entry.insert, from));
  return row;
}

function mark(field, place) {
  const rows = [...listOf(field).querySelectorAll("[role=option]")];
  rows.forEach((row, each) => row.setAttribute("aria-selected", String(each === place)));
  if (place < 0) { field.removeAttribute("aria-activedescendant"); return; }
  field.setAttribute("aria-activedescendant", rows[place].id);
  rows[place].scrollIntoView({ block: "nearest" });
}

function shut(field) {
  listOf(field).hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function insert(field, text, from) {
  const after = /[:,]$/.test(text) && !/^:.*:$/.test(text) ? "" : " ";
  field.setRangeText(text + after, from, field.selectionStart, "end");
  field.focus();
  grow(field);
  complete(field);
}

function composing(event, field) {
  const list = listOf(field);
  const rows = list.hidden ? [] : [...list.querySelectorAll("[role=option]")];
  const at = rows.findIndex((row) => row.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (rows.length && step) {
    event.preventDefault();
    mark(field, at < 0 && step < 0 ? rows.length - 1 : (at + step + rows.length) % rows.length);
  } else if (rows.length && !event.shiftKey && (event.key === "Tab" || (event.key === "Enter" && at >= 0))) {
    event.preventDefault();
    rows[Math.max(at, 0)].click();
  } else if (rows.length && event.key === "Escape") {
    event.preventDefault();
    shut(field);
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    field.form.requestSubmit();
  }
}

function composerOver(form) {
  const field = form.elements.text;
  const list = form.querySelector(".commands");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": list.id })) field.setAttribute(name, value);
  field.addEventListener("blur", () => shut(field));
  field.addEventListener("click", () => complete(field));
  field.addEventListener("input", () => { grow(field); complete(field); });
  field.addEventListener("keydown", (event) => { if (!event.isComposing) composing(event, field); });
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
