// Runs: the time line of the last one with its critical path, and what became of a node in those before.

/** Everything that ran, with its place in time. */
function ranThings() {
  const all = [];
  const entry = (thing, isTest, waitsFor) => {
    const { result } = thing;
    if (!result || result.start === undefined || result.status === "skipped" || result.status === "no-op") return;
    all.push({ thing, isTest, start: result.start, end: result.start + result.time, thread: result.thread, waitsFor, tone: look(result.status).tone });
  };
  for (const node of nodes) {
    // In a build the tests of what is read come first, too.
    entry(node, false, () => node.parents.flatMap((parent) => [nodes[parent], ...nodes[parent].tests.map((index) => tests[index])]));
  }
  for (const test of tests) entry(test, true, () => (test.parents || test.nodes || []).map((index) => nodes[index]));
  return all;
}

/**
 * From what ended last back to the beginning: before each step stands that of its inputs which ended last. Time between
 * the two was spent waiting for a connection, `holder` had it until then.
 */
function criticalPath(all) {
  const byThing = new Map(all.map((entry) => [entry.thing, entry]));
  const latest = (list) => list.reduce((last, entry) => !last || entry.end > last.end ? entry : last, null);
  const path = [];
  const seen = new Set();
  for (let step = latest(all); step && !seen.has(step);) {
    seen.add(step);
    const here = step;
    const isBefore = (entry) => entry && entry !== here && entry.end <= here.start + 0.002;
    const input = latest(step.waitsFor().map((thing) => byThing.get(thing)).filter(isBefore));
    const holder = latest(all.filter((entry) => entry.thread === here.thread && isBefore(entry)));
    const idle = here.start - (input ? input.end : 0);
    path.push({ ...step, input, idle, holder: idle > 0.01 && holder && here.start - holder.end < idle ? holder : null });
    step = input;
  }
  return path.reverse();
}

pages.timeline = () => {
  const all = ranThings();
  const { run } = data.project;
  if (!all.length) return page("Time line", h("h1", {}, "Time line"), h("p", { class: "under muted" }, "Nothing of the last run is known: this page was written without a run_results.json."));
  const path = criticalPath(all);
  const begin = Math.min(...all.map((entry) => entry.start)), end = all.reduce((last, entry) => Math.max(last, entry.end), 0);
  const busy = all.reduce((sum, entry) => sum + entry.end - entry.start, 0);
  const onPath = path.reduce((sum, entry) => sum + entry.end - entry.start, 0);
  const threads = new Set(all.map((entry) => entry.thread)).size;
  return page("Time line", h("h1", {}, "Time line"),
    h("p", { class: "under muted" }, run ? "whc " + run.command + " on " + moment(run.started) : ""),
    h("dl", { class: "pairs" },
      pair("From first to last", duration(end - begin)),
      pair("On the critical path", duration(onPath) + " of work, " + Math.round(100 * onPath / (end - begin || 1)) + " % of the time"),
      pair("In all", duration(busy) + " of work on " + things(threads, "connection") + ", " + Math.round(100 * busy / (threads * (end - begin) || 1)) + " % busy")),
    section("Who ran when", timeChart(all, path, begin, end, threads)),
    section("The critical path", h("p", { class: "muted" }, "The last step and what it waited for, step by step: to be quicker as a whole, a build has to be quicker here."),
      longTable(["Step", "Kind", "Began", "Took", "Share", "Waited for"].map((name, i) => h("th", { scope: "col", class: i > 1 && i < 5 ? "number" : null }, name)), path, (entry) => h("tr", {},
        h("td", {}, thingLink(entry)), h("td", {}, entry.isTest ? h("span", { class: "muted" }, "Test") : kindMark(entry.thing)),
        h("td", { class: "number" }, duration(entry.start - begin)), h("td", { class: "number" }, duration(entry.end - entry.start)),
        h("td", { class: "number" }, Math.round(100 * (entry.end - entry.start) / (end - begin || 1)) + " %"),
        h("td", {}, entry.input ? thingLink(entry.input) : h("span", { class: "muted" }, "nothing"),
          entry.holder ? h("div", { class: "muted" }, "then " + duration(entry.idle) + " for a connection, held by ", thingLink(entry.holder)) : "")))));
};

const thingLink = (entry) => entry.isTest
  ? h("a", { href: testRoute(entry.thing) }, entry.thing.label, " ", h("span", { class: "muted" }, (entry.thing.nodes || []).map((index) => nodes[index].name).join(", ")))
  : nodeLink(entry.thing);

/** A lane for each connection on a canvas; the wheel zooms, dragging moves, a press opens a page. */
function timeChart(all, path, begin, end, threads) {
  const lane = 26, top = 26, height = top + threads * lane + 8;
  const canvas = h("canvas", { class: "chart", tabindex: "0", role: "img", style: "height: " + height + "px",
    "aria-label": "Time line of " + things(all.length, "step") + " on " + things(threads, "connection") + "; the table below says who waited for whom. Plus and minus zoom, arrow keys move, 0 shows everything." });
  const hint = h("p", { class: "muted chart-hint", "aria-live": "off" }, "The outlined steps are the critical path. The wheel zooms, dragging moves.");
  const lanes = new Map([...new Set(all.map((entry) => entry.thread))].sort((one, two) => one - two).map((thread, row) => [thread, row]));
  const critical = new Set(path.map((entry) => entry.thing));
  const sorted = [...all].sort((one, two) => critical.has(one.thing) - critical.has(two.thing));
  let from = begin, to = end;
  const x = (time) => (time - from) / (to - from || 1) * canvas.clientWidth;

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth;
    if (!width) return;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue("--" + name).trim();
    context.scale(ratio, ratio);
    context.font = "12px " + colour("sans");
    context.textBaseline = "middle";
    context.fillStyle = colour("muted");
    const step = niceStep((to - from) / Math.max(2, width / 110));
    for (let time = Math.ceil((from - begin) / step) * step; time <= to - begin; time += step) {
      const at = x(begin + time);
      context.fillText(time === 0 ? "0" : duration(time).replace("< ", ""), at + 4, 10);
      context.fillRect(at, 4, 1, 12);
    }
    for (const entry of sorted) {
      const left = x(entry.start), right = x(entry.end);
      if (right < 0 || left > width) continue;
      const y = top + lanes.get(entry.thread) * lane, wide = Math.max(1, right - left - 0.5);
      context.fillStyle = entry.tone === "bad" || entry.tone === "warn" ? colour(entry.tone) : entry.isTest ? colour("line-strong") : colour(entry.thing.kind);
      context.globalAlpha = entry.isTest ? 0.9 : 0.55;
      context.fillRect(left, y, wide, lane - 6);
      context.globalAlpha = 1;
      if (critical.has(entry.thing)) {
        context.strokeStyle = colour("text");
        context.lineWidth = 2;
        // What is too narrow for a frame is underlined.
        if (wide > 5) context.strokeRect(left + 1, y, wide - 1, lane - 6);
        else context.fillStyle = colour("text"), context.fillRect(left, y + lane - 6, Math.max(2, wide), 3);
      }
      const room = right - Math.max(0, left) - 10;
      if (room > 40) {
        context.save();
        context.beginPath();
        context.rect(Math.max(0, left), y, room + 6, lane);
        context.clip();
        context.fillStyle = colour("text");
        context.fillText(entry.isTest ? entry.thing.label : entry.thing.name, Math.max(0, left) + 5, y + lane / 2 - 2.5);
        context.restore();
      }
    }
  }

  function show(first, last) {
    const least = Math.min(0.005, end - begin || 1);
    const span = Math.min(end - begin || 1, Math.max(least, last - first));
    from = Math.max(begin, Math.min(first, end - span));
    to = from + span;
    draw();
  }
  const zoom = (factor, middle) => show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  const timeAt = (event) => from + (event.clientX - canvas.getBoundingClientRect().left) / canvas.clientWidth * (to - from);
  const entryAt = (event) => {
    const time = timeAt(event), slack = (to - from) / canvas.clientWidth * 2;
    const row = Math.floor((event.clientY - canvas.getBoundingClientRect().top - top) / lane);
    return sorted.findLast((entry) => lanes.get(entry.thread) === row && entry.start - slack <= time && time <= entry.end + slack);
  };
  let held = null;
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(event.deltaY * 0.0016), timeAt(event)); }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => { held = { x: event.clientX, from, to, moved: false }; });
  canvas.addEventListener("pointermove", (event) => {
    if (held && (held.moved || Math.abs(event.clientX - held.x) > 3)) {
      held.moved = true;
      const by = (held.x - event.clientX) / canvas.clientWidth * (held.to - held.from);
      show(held.from + by, held.to + by);
      return;
    }
    const entry = entryAt(event);
    canvas.classList.toggle("over", Boolean(entry));
    if (entry) hint.textContent = (entry.isTest ? entry.thing.name : entry.thing.name + ", " + kindNames[entry.thing.kind].toLowerCase()) + ": began after " + duration(entry.start - begin) + ", took " + duration(entry.end - entry.start) + ", " + entry.thing.result.status;
  });
  canvas.addEventListener("pointerup", (event) => {
    const entry = held && !held.moved && entryAt(event);
    held = null;
    if (entry) location.hash = entry.isTest ? testRoute(entry.thing) : routeOf(entry.thing);
  });
  canvas.addEventListener("pointerleave", () => { held = null; });
  canvas.addEventListener("keydown", (event) => {
    const move = (to - from) * 0.2;
    if (event.key === "+" || event.key === "=") zoom(0.7, (from + to) / 2);
    else if (event.key === "-") zoom(1.4, (from + to) / 2);
    else if (event.key === "0") show(begin, end);
    else if (event.key === "ArrowLeft") show(from - move, to - move);
    else if (event.key === "ArrowRight") show(from + move, to + move);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(canvas);
  window.addEventListener("theme", () => { if (canvas.isConnected) draw(); });
  return [canvas, hint];
}

/** 1, 2 or 5 times a power of ten, at least so much. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least || 1));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) || 10);
}

let pastOutcomes = null;

/** What became of a node in the runs that are kept, the newest first. */
function runsOf(node) {
  if (!pastOutcomes) {
    pastOutcomes = new Map();
    for (const run of data.runs || []) {
      for (const [index, status, time, rows] of run.outcomes) {
        if (!pastOutcomes.has(index)) pastOutcomes.set(index, []);
        pastOutcomes.get(index).unshift({ run, status, time, rows });
      }
    }
  }
  return pastOutcomes.get(node.index) || [];
}

function runHistory(node) {
  const runs = runsOf(node);
  if (runs.length < 2) return null;
  const longest = Math.max(...runs.map((run) => run.time), 0.001);
  return section("Runs", h("div", { class: "scroll" }, h("table", { class: "runs" },
    h("thead", {}, h("tr", {}, ["Run", "Result", "Rows", "Change", "Time"].map((name, i) => h("th", { scope: "col", class: i === 2 || i === 3 ? "number" : null }, name)))),
    h("tbody", {}, runs.map(({ run, status, time, rows }, i) => {
      const before = runs.slice(i + 1).find((other) => other.rows !== undefined);
      const change = rows !== undefined && before ? rows - before.rows : null;
      return h("tr", {}, h("td", { class: "nowrap" }, moment(run.started), h("span", { class: "muted" }, " " + run.command)), h("td", {}, statusMark(status)),
        h("td", { class: "number" }, rows === undefined ? "" : count(rows)),
        h("td", { class: "number" }, change === null ? "" : change === 0 ? h("span", { class: "muted" }, "same") : (change > 0 ? "+" : "−") + count(Math.abs(change))),
        h("td", { class: "took" }, h("i", { "aria-hidden": "true", style: "width: " + Math.max(1, Math.round(90 * time / longest)) + "px" }), status === "skipped" ? "" : duration(time)));
    })))));
}
