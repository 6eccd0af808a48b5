// Menus with typeahead: drawn over a <select>, which stays the form's field and works alone without this.
"use strict";

// The page's own words in the reader's language.
const WORDS = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const say = (text) => WORDS[text] ?? text;

function comboOver(select) {
  const box = document.createElement("div");
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const many = select.multiple;
  let found = [], active = -1, asked = 0, timer = 0, shown = "";
  box.className = "combo";
  list.className = "options";
  list.id = `o-${select.id}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  input.id = select.id;
  select.removeAttribute("id");
  input.autocomplete = "off";
  for (const [key, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(key, value);
  for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  list.setAttribute("aria-label", say("Suggestions"));
  select.hidden = true;
  select.after(box);
  box.append(input, list);

  const chosen = () => [...select.options].filter((option) => option.selected && option.value);
  const most = Number(select.dataset.most) || Infinity;

  function draw() {
    box.querySelectorAll(".chip").forEach((chip) => chip.remove());
    for (const option of chosen()) {
      const chip = document.createElement("span");
      const off = document.createElement("button");
      chip.className = "chip";
      off.type = "button";
      off.textContent = "×";
      off.setAttribute("aria-label", `${say("Remove")} ${option.text}`);
      off.addEventListener("click", () => { option.selected = false; told(); input.focus(); });
      chip.append(option.text, off);
      box.insertBefore(chip, input);
    }
    input.placeholder = chosen().length ? "" : select.dataset.placeholder;
  }

  function told() {
    draw();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function take(entry) {
    let option = [...select.options].find((each) => each.value === entry.value);
    if (!option) select.add(option = new Option(entry.text.text, entry.value));
    if (!many) for (const other of select.options) other.selected = false;
    if (many && chosen().length >= most) return;
    option.selected = true;
    input.value = "";
    close();
    told();
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  // What is listed already stays as it is: an option that is being pressed must not be put anew under the pointer.
  function show(hint) {
    const wanted = JSON.stringify([found, hint]);
    if (wanted !== shown) fill(hint);
    shown = wanted;
    [...list.querySelectorAll("[role=option]")].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", `${list.id}-${active}`);
      document.getElementById(`${list.id}-${active}`).scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function fill(hint) {
    list.replaceChildren(...found.map((entry, place) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${place}`;
      item.setAttribute("role", "option");
      item.textContent = entry.text.text;
      if (entry.description) item.append(Object.assign(document.createElement("small"), { textContent: entry.description.text }));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(entry); });
      return item;
    }));
    if (hint) list.append(Object.assign(document.createElement("li"), { className: "hint", textContent: hint }));
  }

  function local(query) {
    const taken = new Set(chosen().map((option) => option.value));
    return [...select.options]
      .filter((option) => option.value && !taken.has(option.value) && option.text.toLowerCase().includes(query.toLowerCase()))
      .map((option) => ({ value: option.value, text: { text: option.text } }));
  }

  async function look() {
    const query = input.value;
    const turn = ++asked;
    active = -1;
    if (!select.dataset.remote) found = local(query);
    else if (query.length < Number(select.dataset.min)) { found = []; show(say("Type at least {n} characters").replace("{n}", select.dataset.min)); return; }
    else {
      const answer = await fetch(`${select.dataset.remote}&q=${encodeURIComponent(query)}`);
      const options = answer.ok ? await answer.json() : [];
      if (turn !== asked) return;
      const taken = new Set(chosen().map((option) => option.value));
      found = options.filter((option) => !taken.has(option.value));
    }
    active = found.length && query ? 0 : -1;
    if (document.activeElement === input) show(found.length ? "" : say("No results"));
  }

  input.addEventListener("click", look);
  input.addEventListener("blur", close);
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, select.dataset.remote ? 150 : 0); });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden) { event.preventDefault(); look(); }
    else if (step && found.length) { active = (active + step + found.length) % found.length; show(""); event.preventDefault(); }
    else if (event.key === "Enter") { event.preventDefault(); if (!list.hidden && active >= 0) take(found[active]); }
    else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "Backspace" && !input.value && chosen().length) { chosen().at(-1).selected = false; told(); }
  });
  box.addEventListener("click", (event) => { if (event.target === box) { input.focus(); look(); } });
  draw();
}
