// A shared report has no connection to the server: now and then, while somebody looks, it is read again and its figures
// change in place. Without scripts the page reloads itself.

const EVERY = 20_000;
const FIRST_RETRY = 5_000;

const main = () => document.querySelector("main[data-share]");

// Someone reads a value in a chart, marks text or types: the figures can wait.
const isBusy = () => document.hidden
  || main()?.querySelector(".is-reading, :focus-visible")
  || !(getSelection()?.isCollapsed ?? true);

async function read() {
  const answer = await fetch(location.href, { cache: "no-store", headers: { "X-Refresh": "1" } });
  if (answer.status >= 400 && answer.status < 500) {
    location.reload(); // Revoked, expired, or its password has changed: the server says which.
    return;
  }
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("main[data-share]");
  const now = main();
  if (!next || !now || isBusy()) return;
  const open = [...now.querySelectorAll("details")].map((one) => one.open);
  next.querySelectorAll("details").forEach((one, i) => { one.open = open[i] ?? false; });
  const [parts, news] = [[...now.children], [...next.children]];
  if (parts.length !== news.length) now.replaceChildren(...news);
  // The mail below a click map stays: loaded anew it would flicker.
  else parts.forEach((part, i) => { if (!part.querySelector("iframe")) part.replaceWith(news[i]); });
  document.title = page.title;
}

let wait = EVERY;
async function tick() {
  try {
    if (!isBusy()) await read();
    wait = EVERY;
  } catch {
    wait = Math.min(Math.max(wait, FIRST_RETRY) * 2, 10 * EVERY); // The server is away: what is shown stays.
  }
  setTimeout(tick, wait);
}

if (main()) {
  setTimeout(tick, wait);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) read().catch(() => {}); });
}
