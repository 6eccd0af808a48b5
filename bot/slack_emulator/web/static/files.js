// Files in forms: picked for a message, dropped on it or pasted into it; each can be left out again.
"use strict";

function formBody(data) {
  return [...data.values()].some((value) => value instanceof File) ? data : new URLSearchParams(data);
}

function pickedIn(form) {
  return [...form.elements.file?.files ?? []];
}

function pick(form, files) {
  const held = new DataTransfer();
  files.forEach((file) => held.items.add(file));
  form.elements.file.files = held.files;
  showPicked(form);
}

function showPicked(form) {
  const list = form.querySelector("[data-picked]");
  const files = pickedIn(form);
  list.hidden = !files.length;
  list.replaceChildren(...files.map((file) => {
    const row = Object.assign(document.createElement("li"), { className: "chip", textContent: file.name });
    const away = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    away.setAttribute("aria-label", `${say("Leave out")} ${file.name}`);
    away.addEventListener("click", () => pick(form, pickedIn(form).filter((each) => each !== file)));
    row.append(away);
    return row;
  }));
}

function given(event, files) {
  const form = event.target.closest?.("[data-composer]");
  if (!form || !files?.length || form.elements.file.disabled) return;
  event.preventDefault();
  pick(form, [...pickedIn(form), ...files]);
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-composer] input[type=file]")) showPicked(event.target.form);
  // Picked for a modal: it is sent at once and comes back as a line with a tick.
  if (event.target.matches?.("input[type=file][data-do]")) setTimeout(() => { event.target.value = ""; });
});
document.addEventListener("paste", (event) => given(event, event.clipboardData?.files));
document.addEventListener("drop", (event) => given(event, event.dataTransfer?.files));
document.addEventListener("dragover", (event) => {
  if (event.target.closest?.("[data-composer]") && event.dataTransfer?.types.includes("Files")) event.preventDefault();
});
