// What the frame needs beyond Blazor. Everything listens on the document, so it holds however often pages are redrawn.

const root = document.documentElement;

// ---- Theme: system → light → dark, kept in a cookie so that the server's first byte already knows it.
function nextTheme() {
  const next = { undefined: "light", light: "dark", dark: undefined }[root.dataset.theme];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  document.cookie = `theme=${next ?? ""}; path=/; max-age=${next ? 31536000 : 0}; samesite=lax`;
}

// ---- Menu on phones.
function openNav(open) {
  root.dataset.nav = open ? "open" : "closed";
  document.querySelector("[data-nav-toggle]")?.setAttribute("aria-expanded", String(open));
}

// A mail to be pasted into a mailbox travels as what it looks like; the plain text is for whoever takes nothing else. This way
// needs no https, which many servers at home do not have.
function formatted({ copy, copyHtml }) {
  const put = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/html", copyHtml);
    event.clipboardData.setData("text/plain", copy);
  };
  document.addEventListener("copy", put, { once: true });
  if (!document.execCommand("copy")) throw new Error("The browser keeps its clipboard.");
}

async function copy(button) {
  button.dataset.words ??= button.textContent;
  try {
    await (button.dataset.copyHtml === undefined ? navigator.clipboard.writeText(button.dataset.copy) : formatted(button.dataset));
    button.textContent = "Copied";
  } catch {
    // Without https there is no clipboard: select the text, so that Ctrl+C works.
    const text = button.parentElement.querySelector(".copy-text");
    if (text) getSelection().selectAllChildren(text);
    button.textContent = text ? "Press Ctrl+C" : "Not copied";
  }
  setTimeout(() => { button.textContent = button.dataset.words; }, 2000);
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest?.(selector);
  let found;
  if (on("[data-theme-toggle]")) nextTheme();
  else if (on("[data-nav-toggle]")) openNav(root.dataset.nav !== "open");
  else if (on("[data-keys]")) document.getElementById("keys").showModal();
  else if (on("[data-print]")) print();
  else if (on("[data-reload]")) { event.preventDefault(); location.reload(); }
  else if ((found = on("[data-copy]"))) copy(found);
  else if ((found = on("[data-dialog]"))) document.getElementById(found.dataset.dialog)?.showModal();
  else if ((found = on("[data-close]"))) found.closest("dialog")?.close();
  else if (event.target.tagName === "DIALOG") event.target.close(); // The backdrop belongs to the dialog itself.
  else if (on(".skip-link")) { event.preventDefault(); document.getElementById("main").focus(); }
  else if (on(".nav-link[href]")) openNav(false);
});

// ---- What the server calls: a page reached from within, and a form whose fields have come.
let focusedOn = ""; // The path on which something last took the focus.
document.addEventListener("focusin", () => { focusedOn = location.pathname; });

// Many titles come with what the page reads.
let arriving = "";
const comes = new MutationObserver(() => greet());
function greet() {
  const title = document.querySelector("h1");
  // Whoever has gone on to something here stays there.
  const wentOn = arriving !== location.pathname || (document.activeElement !== document.body && focusedOn === arriving);
  if (!title && !wentOn) return;
  comes.disconnect();
  if (wentOn) return;
  if (!title.hasAttribute("tabindex")) title.tabIndex = -1;
  title.focus({ preventScroll: true });
}

Object.assign(window.scoreTracking ??= {}, {
  arrive: () => {
    arriving = location.pathname;
    comes.observe(document.body, { subtree: true, childList: true });
    greet();
  },
  open: (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  },
});

// ---- Keys.
let pending = "";
const goTo = { o: "/", c: "/campaigns", j: "/journeys", m: "/messages" };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search) { event.preventDefault(); search.focus(); search.select(); }
  else if (event.key === "?") document.getElementById("keys").showModal();
  else if (pending === "g" && goTo[event.key]) document.querySelector(`.nav-link[href="${goTo[event.key]}"]`)?.click();
  else if (event.key === "Escape") openNav(false);
  pending = event.key;
});

// ---- Blazor scrolls to the top after every navigation. A switch, or a range marked in a chart, changes what is looked at
// and not the page, so the reader stays where they are.
const scrollTo = window.scrollTo.bind(window);
let staysUntil = 0;
const stay = () => { staysUntil = performance.now() + 2000; };
window.scrollTo = (...to) => {
  if (performance.now() > staysUntil) scrollTo(...to);
  staysUntil = 0;
};
document.addEventListener("click", (event) => { if (event.target.closest?.(".switch a, a[data-stay]")) stay(); }, true);
document.addEventListener("change", (event) => { if (event.target.matches?.("[data-chart-range]")) stay(); }, true);
document.addEventListener("submit", (event) => { if (event.target.matches?.("[data-stay]")) stay(); }, true);

// ---- What opens over the page closes with Escape, with a click beside it, and when focus has moved on.
const popovers = () => document.querySelectorAll("details[data-popover][open]");
const closeOthers = (target) => { for (const one of popovers()) if (!one.contains(target)) one.open = false; };
document.addEventListener("click", (event) => closeOthers(event.target));
document.addEventListener("focusin", (event) => closeOthers(event.target));
document.addEventListener("click", (event) => { if (event.target.closest?.(".bell a")) event.target.closest(".bell").open = false; });
const closePopover = (one) => { one.open = false; one.querySelector("summary").focus(); };
document.addEventListener("keydown", (event) => { if (event.key === "Escape") popovers().forEach(closePopover); });

// A form in one of them leads to another address where it was filled in well; then it has done its work.
document.addEventListener("submit", (event) => {
  const popover = event.target.closest?.("details[data-popover]");
  if (!popover) return;
  const [before, until] = [location.href, performance.now() + 2000];
  const look = () => {
    if (location.href !== before) closePopover(popover);
    else if (performance.now() < until) requestAnimationFrame(look);
  };
  look();
}, true);

// ---- A report's navigation marks the section that is being read: the last whose heading has passed the bar.
function markSection() {
  const links = [...document.querySelectorAll("[data-section-nav] a")];
  if (links.length === 0) return;
  const bar = links[0].parentElement;
  const line = Math.max(bar.getBoundingClientRect().bottom, 0) + 80;
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const atEnd = innerHeight + scrollY >= root.scrollHeight - 4;
  const at = atEnd ? headings.findLastIndex((heading) => heading) : headings.findLastIndex((heading) => heading && heading.getBoundingClientRect().top <= line);
  links.forEach((link, i) => {
    if ((i === at) === link.hasAttribute("aria-current")) return;
    if (i !== at) return link.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    bar.scrollTo({ left: link.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2 });
  });
}
let marking = 0;
document.addEventListener("scroll", () => { cancelAnimationFrame(marking); marking = requestAnimationFrame(markSection); }, { passive: true });

// ---- Explanations stand above their mark, inside the window; fixed, so that no scrolling or rounded box cuts them.
function placeHint(event) {
  const mark = event.target.closest?.(".hint-mark");
  if (!mark) return;
  const text = mark.nextElementSibling;
  const at = mark.getBoundingClientRect();
  const left = Math.min(Math.max(at.left - 12, 8), root.clientWidth - text.offsetWidth - 8);
  const above = at.top - text.offsetHeight - 6;
  text.style.transform = `translate(${Math.round(left)}px, ${Math.round(above > 8 ? above : at.bottom + 6)}px)`;
}
document.addEventListener("pointerover", placeHint);
document.addEventListener("focusin", placeHint);

// ---- A toast whose time is over is dismissed as if its × had been pressed.
document.addEventListener("animationend", (event) => {
  if (event.animationName === "toast") event.target.querySelector(".toast-close")?.click();
});

// ---- A combobox opened by a click marks what it holds, so that typing searches anew.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("input[role='combobox'][aria-expanded='false']")) event.target.select();
}, true);

// ---- File drop: only the look; the input itself takes the file.
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => event.target.closest?.(".drop")?.classList.toggle("is-over", over));
}

// ---- A server that restarted has forgotten this page. What the page shows is in its address, so it is loaded again.
const reconnect = document.getElementById("components-reconnect-modal");
if (reconnect) {
  new MutationObserver(() => {
    if (reconnect.classList.contains("components-reconnect-rejected")) location.reload();
  }).observe(reconnect, { attributeFilter: ["class"] });
}
