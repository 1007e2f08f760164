// Crosshair, tooltip, keys and brush for every chart on the page. Values are read from the chart's own table, so nothing is
// sent twice, and the server hears only of a range that was marked.

let active = null; // { chart, step, anchor } while someone reads a chart.

const steps = (chart) => Number(chart.dataset.steps);
const percent = (chart, step) => `${(step * 100) / steps(chart)}%`;

function stepAt(chart, clientX) {
  const box = chart.querySelector(".chart-plot").getBoundingClientRect();
  const step = Math.floor(((clientX - box.left) / box.width) * steps(chart));
  return Math.min(Math.max(step, 0), steps(chart) - 1);
}

function words(chart, step) {
  const heads = [...chart.querySelectorAll("thead th")];
  const cells = [...(chart.querySelectorAll("tbody tr")[step]?.children ?? [])];
  return {
    title: cells[0]?.textContent ?? "",
    rows: cells.slice(1).map((cell, i) => ({ name: heads[i + 1].textContent, swatch: heads[i + 1].dataset.swatch, value: cell.textContent })),
  };
}

function fill(tip, { title, rows }) {
  const element = (tag, css, text) => {
    const made = document.createElement(tag);
    made.className = css;
    made.textContent = text;
    return made;
  };
  tip.replaceChildren(element("div", "chart-tip-title", title), ...rows.map((row) => {
    const line = element("div", "chart-tip-row", "");
    line.append(element("span", `chart-key ${row.swatch}`, row.name), element("b", "", row.value));
    return line;
  }));
}

function read(chart, step, aloud) {
  if (active && active.chart !== chart) stop();
  active = { chart, step, anchor: active?.anchor ?? null };
  chart.classList.add("is-reading");
  const x = percent(chart, step + 0.5);
  const cross = chart.querySelector(".chart-cross");
  cross.setAttribute("x1", x);
  cross.setAttribute("x2", x);

  const found = words(chart, step);
  const tip = chart.querySelector(".chart-tip");
  fill(tip, found);
  tip.hidden = false;

  // Beside the crosshair, on the side with room, and inside the plot.
  const width = chart.querySelector(".chart-stage").clientWidth;
  const at = ((step + 0.5) / steps(chart)) * width;
  const left = at + 12 + tip.offsetWidth > width ? at - 12 - tip.offsetWidth : at + 12;
  tip.style.transform = `translateX(${Math.round(Math.min(Math.max(left, 0), Math.max(width - tip.offsetWidth, 0)))}px)`;
  if (aloud) {
    chart.querySelector("[data-chart-live]").textContent = `${found.title}: ${found.rows.map((row) => `${row.name} ${row.value}`).join(", ")}`;
  }
}

function stop() {
  if (!active) return;
  const { chart } = active;
  chart.classList.remove("is-reading");
  chart.querySelector(".chart-tip")?.setAttribute("hidden", "");
  mark(chart, null);
  active = null;
}

function mark(chart, range) {
  const brush = chart.querySelector(".chart-brush");
  brush?.setAttribute("x", range ? percent(chart, range[0]) : "0");
  brush?.setAttribute("width", range ? percent(chart, range[1] - range[0] + 1) : "0");
}

const ordered = (a, b) => [Math.min(a, b), Math.max(a, b)];

function choose(chart, [from, to]) {
  const input = chart.querySelector("[data-chart-range]");
  mark(chart, null);
  if (!input || from === to) return;
  input.value = `${from}-${to}`;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

const chartOf = (event) => {
  const chart = event.target.closest?.(".chart-stage")?.closest("[data-chart]");
  return chart && steps(chart) > 0 ? chart : null;
};

// ---- Mouse and touch.
document.addEventListener("pointermove", (event) => {
  if (active?.dragging) {
    const step = stepAt(active.chart, event.clientX);
    const { chart, anchor } = active;
    read(chart, step, false);
    Object.assign(active, { anchor, dragging: true });
    mark(chart, ordered(anchor, step));
    return;
  }
  const chart = chartOf(event);
  if (chart) read(chart, stepAt(chart, event.clientX), false);
  else if (active && !active.chart.contains(document.activeElement)) stop();
});

document.addEventListener("pointerdown", (event) => {
  const chart = chartOf(event);
  if (!chart) return stop();
  read(chart, stepAt(chart, event.clientX), false);
  if (event.button === 0 && event.pointerType === "mouse" && "range" in chart.dataset) {
    Object.assign(active, { anchor: active.step, dragging: true });
  }
});

document.addEventListener("pointerup", () => {
  if (!active?.dragging) return;
  const { chart, anchor, step } = active;
  Object.assign(active, { anchor: null, dragging: false });
  choose(chart, ordered(anchor, step));
});

// ---- Keys.
document.addEventListener("keydown", (event) => {
  const chart = event.target.matches?.(".chart-stage") ? chartOf(event) : null;
  if (!chart) return;
  const last = steps(chart) - 1;
  const now = active?.chart === chart ? active.step : event.key === "ArrowLeft" ? last + 1 : -1;
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, PageUp: now - 10, PageDown: now + 10, Home: 0, End: last }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const anchor = event.shiftKey && "range" in chart.dataset ? (active?.anchor ?? Math.max(now, 0)) : null;
    read(chart, Math.min(Math.max(to, 0), last), true);
    active.anchor = anchor;
    mark(chart, anchor === null ? null : ordered(anchor, active.step));
  } else if (event.key === "Enter" && active?.anchor != null) {
    const range = ordered(active.anchor, active.step);
    active.anchor = null;
    choose(chart, range);
  } else if (event.key === "Escape") {
    stop();
  }
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.(".chart-stage")) stop();
});

// ---- Live figures: what is being read follows the table it is read from.
new MutationObserver((changes) => {
  if (!active) return;
  if (!active.chart.isConnected) active = null;
  else if (changes.some((change) => active.chart.querySelector("tbody")?.contains(change.target))) {
    if (active.step >= steps(active.chart)) stop();
    else {
      const { dragging } = active;
      read(active.chart, active.step, false);
      active.dragging = dragging;
    }
  }
}).observe(document.body, { subtree: true, childList: true, characterData: true });
