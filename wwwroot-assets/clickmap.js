// Lays the marks of a click map over the mail below them. The mail stands in a frame of this origin in which nothing runs:
// only the browser knows where its links came to lie.

const seen = new WeakSet();

// What a link covers: its own lines and whatever stands in it, such as a picture taller than its line.
function boxOf(link) {
  if (link.localName === "area") return areaOf(link);
  const boxes = [link, ...link.querySelectorAll("*")].flatMap((element) => [...element.getClientRects()]).filter((box) => box.width > 2 && box.height > 2);
  if (boxes.length === 0) return null;
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  return { left, top, width: Math.max(...boxes.map((box) => box.right)) - left, height: Math.max(...boxes.map((box) => box.bottom)) - top };
}

// A part of an image map lies where its picture is.
function areaOf(area) {
  const map = area.closest("map");
  const image = map && area.ownerDocument.querySelector(`img[usemap="#${CSS.escape(map.name)}"]`)?.getBoundingClientRect();
  const at = (area.getAttribute("coords") ?? "").split(",").map(Number);
  if (!image || at.length < 3 || at.some(Number.isNaN)) return image && area.shape === "default" ? image : null;
  const [xs, ys] = at.length === 3
    ? [[at[0] - at[2], at[0] + at[2]], [at[1] - at[2], at[1] + at[2]]]
    : [at.filter((_, i) => i % 2 === 0), at.filter((_, i) => i % 2 === 1)];
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return { left: image.left + left, top: image.top + top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

const hits = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

// A chip stands above its link, which it would hide; where that is another link, beside or below it. What is large holds its own.
function seat(chip, box, taken, width) {
  const [wide, high] = [chip.offsetWidth, chip.offsetHeight];
  const at = (left, top) => ({ left, top, right: left + wide, bottom: top + high });
  const inside = at(box.left + 3, box.top + 3);
  const seats = [at(box.left - 4, box.top - high + 3), at(box.right + 2, box.top + (box.bottom - box.top - high) / 2), at(box.left - 4, box.bottom - 3)];
  const free = (one) => one.top >= 0 && one.left >= -4 && one.right <= width && !taken.some((other) => other !== box && hits(one, other));
  return box.bottom - box.top > 60 ? inside : seats.find(free) ?? inside;
}

function place(page) {
  const frame = page.querySelector("iframe");
  const mail = frame?.contentDocument;
  const width = page.parentElement.clientWidth;
  if (!mail?.body || mail.URL === "about:blank" || width === 0) return;

  // As wide as there is room; a mail that needs more is made smaller instead of cut.
  frame.style.width = `${width}px`;
  const needed = Math.max(width, mail.documentElement.scrollWidth);
  const scale = width / needed;
  frame.style.width = `${needed}px`;
  // Older mails fill whatever height they are given, so they are given none while measured.
  frame.style.height = "0";
  const height = Math.max(mail.body.scrollHeight, mail.body.getBoundingClientRect().bottom + mail.defaultView.scrollY);
  frame.style.height = `${Math.ceil(height)}px`;
  frame.style.transform = scale < 1 ? `scale(${scale})` : "";
  page.style.height = `${Math.ceil(height * scale)}px`;

  const placed = [];
  for (const mark of page.querySelectorAll("[data-map-mark]")) {
    const links = [...mail.querySelectorAll(`[href="#st-${mark.dataset.mapMark}"]`)];
    const found = links.map(boxOf).find((one) => one);

    // A button only Outlook draws, a link that is hidden at this width: in the list, and nowhere in this picture.
    mark.classList.toggle("is-placed", Boolean(found));
    if (!found) continue;
    const [left, top] = [Math.round(found.left * scale), Math.round(found.top * scale)];
    const box = { left, top, right: left + Math.round(found.width * scale), bottom: top + Math.round(found.height * scale) };
    mark.style.left = `${box.left}px`;
    mark.style.top = `${box.top}px`;
    mark.style.width = `${box.right - box.left}px`;
    mark.style.height = `${box.bottom - box.top}px`;
    placed.push({ chip: mark.querySelector(".click-chip"), box });
  }

  // The most clicked come first and get the best seats.
  const taken = placed.map(({ box }) => box);
  for (const { chip, box } of placed) {
    const at = seat(chip, box, taken, width);
    taken.push(at);
    chip.style.left = `${at.left - box.left}px`;
    chip.style.top = `${at.top - box.top}px`;
  }
}

function watch(page) {
  if (seen.has(page)) return;
  seen.add(page);
  let waiting = 0;
  const later = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(() => place(page)); };
  const observed = new ResizeObserver(later);
  observed.observe(page.parentElement);

  // Pictures arrive after the frame has loaded and move what is below them.
  const follow = (frame) => {
    const arrived = () => { if (frame.contentDocument?.body) observed.observe(frame.contentDocument.body); later(); };
    frame.addEventListener("load", arrived);
    if (frame.contentDocument?.readyState === "complete") arrived();
  };
  follow(page.querySelector("iframe"));
  new MutationObserver((changes) => {
    for (const added of changes.flatMap((change) => [...change.addedNodes])) if (added.localName === "iframe") follow(added);
    later();
  }).observe(page, { childList: true });
}

const look = () => document.querySelectorAll("[data-click-page]").forEach(watch);
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();

// ---- From the list to the mail, and back.
function light(map, position, scrolls) {
  for (const part of map.querySelectorAll("[data-map-mark], [data-map-to]")) {
    part.classList.toggle("is-lit", position !== null && (part.dataset.mapMark ?? part.dataset.mapTo) === position);
  }
  const mark = scrolls && map.querySelector(".click-mark.is-lit.is-placed");
  if (mark) {
    const stage = map.querySelector(".click-stage");
    stage.scrollTo({ top: mark.offsetTop - (stage.clientHeight - mark.offsetHeight) / 2, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    if (stage.getBoundingClientRect().bottom < 0 || stage.getBoundingClientRect().top > innerHeight) stage.scrollIntoView({ block: "nearest" });
  }
}

const partOf = (event) => event.target.closest?.("[data-map-mark], [data-map-to]");
document.addEventListener("pointerover", (event) => {
  const part = partOf(event);
  const map = event.target.closest?.("[data-click-map]");
  if (map) light(map, part ? (part.dataset.mapMark ?? part.dataset.mapTo) : null, false);
});
document.addEventListener("focusin", (event) => {
  const part = event.target.closest?.("[data-map-to]");
  if (part) light(part.closest("[data-click-map]"), part.dataset.mapTo, part.matches(":focus-visible"));
});
document.addEventListener("click", (event) => {
  const part = event.target.closest?.("[data-map-to]");
  if (part) light(part.closest("[data-click-map]"), part.dataset.mapTo, true);
});
