// What a journey's drawing needs beyond Blazor: its size, dragging, and moving between boxes by arrow keys. Positions come
// from the server; only how large they are shown is known here.

const smallest = 0.25;
const largest = 1.5;
const sizes = new WeakMap(); // canvas → a number, "fit", or absent while nobody has chosen.

const parts = (canvas) => ({ view: canvas.querySelector("[data-canvas-view]"), drawing: canvas.querySelector(".canvas-drawing") });

function scaleOf(canvas) {
  const { view, drawing } = parts(canvas);
  const { width, height } = drawing.viewBox.baseVal;
  const across = view.clientWidth / width;
  const chosen = sizes.get(canvas);
  if (typeof chosen === "number") return chosen;
  // Nobody has chosen: as large as words are read well, narrower where the whole width then fits.
  const scale = chosen === "fit" ? Math.min(1, across, view.clientHeight / height) : Math.min(1, Math.max(across, 0.7));
  return Math.max(scale, smallest);
}

function show(canvas) {
  const { view, drawing } = parts(canvas);
  if (!drawing || view.clientWidth === 0) return;
  const scale = scaleOf(canvas);
  const { width, height } = drawing.viewBox.baseVal;
  drawing.style.width = `${width * scale}px`;
  drawing.style.height = `${height * scale}px`;
  canvas.querySelector("[data-canvas-scale]").textContent = `${Math.round(scale * 100)}%`;
}

// What is in the middle, or under the pointer, stays there.
function zoom(canvas, to, x, y) {
  const { view } = parts(canvas);
  const box = view.getBoundingClientRect();
  const [atX, atY] = [(x ?? box.left + box.width / 2) - box.left, (y ?? box.top + box.height / 2) - box.top];
  const before = scaleOf(canvas);
  sizes.set(canvas, typeof to === "number" ? Math.min(Math.max(to, smallest), largest) : to);
  show(canvas);
  const ratio = scaleOf(canvas) / before;
  view.scrollTo((view.scrollLeft + atX) * ratio - atX, (view.scrollTop + atY) * ratio - atY);
}

const steps = {
  in: (canvas) => zoom(canvas, scaleOf(canvas) * 1.2),
  out: (canvas) => zoom(canvas, scaleOf(canvas) / 1.2),
  fit: (canvas) => zoom(canvas, "fit"),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-canvas-zoom]");
  if (button) steps[button.dataset.canvasZoom](button.closest("[data-canvas]"));
});

document.addEventListener("wheel", (event) => {
  const canvas = event.ctrlKey && event.target.closest?.("[data-canvas-view]")?.closest("[data-canvas]");
  if (!canvas) return;
  event.preventDefault();
  zoom(canvas, scaleOf(canvas) * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
}, { passive: false });

// ---- Dragging the ground moves what is seen; fingers scroll by themselves.
let drag = null;
document.addEventListener("pointerdown", (event) => {
  const view = event.pointerType === "mouse" && event.button === 0 && event.target.closest?.("[data-canvas-view]");
  if (!view || event.target.closest("[data-box], [data-plus]")) return;
  // The scrollbar is not the ground.
  const box = view.getBoundingClientRect();
  if (event.clientX > box.left + view.clientWidth || event.clientY > box.top + view.clientHeight) return;
  drag = { view, x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
  view.classList.add("is-dragged");
  event.preventDefault();
});
document.addEventListener("pointermove", (event) => {
  if (drag) drag.view.scrollTo(drag.x - event.clientX, drag.y - event.clientY);
});
document.addEventListener("pointerup", () => {
  drag?.view.classList.remove("is-dragged");
  drag = null;
});

// ---- Keys. Enter and Space press, arrows move to what lies that way, + − 0 change the size.
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function middle(element) {
  const box = element.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}

function towards(canvas, from, [dx, dy]) {
  const [x, y] = middle(from);
  let best = null;
  for (const other of canvas.querySelectorAll("[data-box], [data-plus]")) {
    const [ox, oy] = middle(other);
    const along = (ox - x) * dx + (oy - y) * dy;
    const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (other !== from && along > 2 && (!best || along + across * 2 < best.far)) best = { other, far: along + across * 2 };
  }
  return best?.other;
}

document.addEventListener("keydown", (event) => {
  const on = event.target.closest?.("[data-box], [data-plus]");
  if (!on || event.ctrlKey || event.metaKey || event.altKey) return;
  const canvas = on.closest("[data-canvas]");
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    on.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  } else if (arrows[event.key]) {
    event.preventDefault();
    const to = towards(canvas, on, arrows[event.key]);
    to?.focus();
    to?.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else if (event.key === "+" || event.key === "=") steps.in(canvas);
  else if (event.key === "-") steps.out(canvas);
  else if (event.key === "0") steps.fit(canvas);
});

// ---- In the panel: arrows walk through a list of choices, Escape leads back to the drawing.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-menu]");
  if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const choices = [...menu.querySelectorAll("button:not(:disabled)")];
    const next = choices.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    choices[(next + choices.length) % choices.length]?.focus();
  }
  const panel = event.key === "Escape" && !document.querySelector("dialog[open]") && event.target.closest?.("[data-panel]");
  if (panel) panel.querySelector("[data-panel-close]")?.click();
});

// ---- Undo and redo, wherever nothing is being typed.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const name = event.key.toLowerCase();
  const which = name === "y" || (name === "z" && event.shiftKey) ? "redo" : name === "z" ? "undo" : null;
  const button = which && document.querySelector(`[data-${which}]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// ---- Drawings come, grow and go with the page.
const watched = new WeakSet();
const resized = new ResizeObserver((entries) => { for (const { target } of entries) if (target.isConnected) show(target.closest("[data-canvas]")); });
function find() {
  for (const canvas of document.querySelectorAll("[data-canvas]")) {
    const { view } = parts(canvas);
    if (!watched.has(view)) {
      watched.add(view);
      resized.observe(view);
    }
    show(canvas);
  }
}
new MutationObserver((changes) => {
  if (changes.some(({ type, addedNodes }) => type === "attributes" || [...addedNodes].some((node) => node.nodeType === 1 && (node.matches("[data-canvas]") || node.querySelector("[data-canvas]"))))) find();
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["viewBox"] });
find();

// ---- What the server calls. Of several ids, the first that can be seen: a drawing and its list hold the same boxes.
Object.assign(window.scoreTracking ??= {}, {
  focusOn: (...ids) => {
    const found = ids.map((id) => document.getElementById(id)).find((element) => element && element.getClientRects().length > 0);
    found?.focus();
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
  },
  focusIn: (id) => document.getElementById(id)?.querySelector("input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled), [data-menu] button, .button:not([data-panel-close])")?.focus(),
});
