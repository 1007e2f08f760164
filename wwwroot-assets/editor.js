// Long texts: one message of a live page holds 32 kB, a newsletter up to 5 MB. So the server is only told that a text
// changed, and fetches it as a stream.

const waiting = new WeakMap();

function tell(area) {
  if (!waiting.has(area)) return;
  clearTimeout(waiting.get(area));
  waiting.delete(area);
  area.parentElement?.querySelector("[data-long-text-changed]")?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const area = event.target;
  if (!area.matches?.("[data-long-text]")) return;
  clearTimeout(waiting.get(area));
  waiting.set(area, setTimeout(() => tell(area), 400));
});

// Whoever leaves the field may be about to save.
document.addEventListener("focusout", (event) => tell(event.target));

// The dot marks the end: an empty stream would never arrive.
const read = (area, max) => new Blob([new Blob([area.value]).slice(0, max), "."]);

// ---- A file dropped on a text, or chosen for it, becomes the text.
async function fill(area, file) {
  const bytes = await file.arrayBuffer();
  const start = new Uint8Array(bytes.slice(0, 2));
  let text;
  try {
    const wide = start[0] === 0xff && start[1] === 0xfe ? "utf-16le" : start[0] === 0xfe && start[1] === 0xff ? "utf-16be" : "utf-8";
    text = new TextDecoder(wide, { fatal: true }).decode(bytes);
  } catch {
    // Older tools save in the encoding of Western Windows.
    text = new TextDecoder("windows-1252").decode(bytes);
  }
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  tell(area);
}

document.addEventListener("change", (event) => {
  const input = event.target;
  const area = input.matches?.("[data-read-into]") && document.getElementById(input.dataset.readInto);
  if (area && input.files[0]) fill(area, input.files[0]).finally(() => { input.value = ""; });
});

document.addEventListener("dragover", (event) => {
  if (event.target.matches?.("[data-long-text]") && event.dataTransfer.types.includes("Files")) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const area = event.target;
  if (!area.matches?.("[data-long-text]") || area.disabled || !event.dataTransfer.files[0]) return;
  event.preventDefault();
  fill(area, event.dataTransfer.files[0]);
});

// ---- What the server calls.
// Whoever went on to a field since the form was sent keeps it: what is wrong is told beside the fields as well.
let wentOn = false;
for (const type of ["focusin", "input"]) document.addEventListener(type, (event) => { wentOn ||= event.target.matches?.("input, textarea, select") === true; });
for (const type of ["click", "submit"]) document.addEventListener(type, (event) => { if (type === "submit" || event.target.closest?.("button")) wentOn = false; }, true);

Object.assign(window.scoreTracking ??= {}, {
  read,
  ask: (question) => confirm(question),
  show: (element) => {
    if (wentOn) return;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
  },
});
