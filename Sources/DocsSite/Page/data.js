// The data that the page was written with, its nodes joined both ways, and the small tools of all pages.

const data = JSON.parse(await unpack(document.getElementById("data").textContent));
const nodes = data.nodes;
const tests = data.tests;
const byId = new Map();
nodes.forEach((node, index) => {
  node.index = index;
  node.parents = node.parents || [];
  node.tests = node.tests || [];
  node.columns = node.columns || [];
  node.tags = node.tags || [];
  node.children = [];
  byId.set(node.id, node);
});
nodes.forEach((node) => node.parents.forEach((parent) => nodes[parent].children.push(node.index)));
/** The id of a generic test is its name with a hash behind it. */
tests.forEach((test) => { test.name ??= test.id.split(".").slice(2).join(".").replace(/\.[0-9a-f]{10}$/, ""); });
const testById = new Map(tests.map((test) => [test.id, test]));
const macroById = new Map(data.macros.map((macro) => [macro.id, macro]));

const kindNames = {
  source: "Source", seed: "Seed", staging: "Staging", model: "Model", dimension: "Dimension", fact: "Fact",
  mart: "Mart", snapshot: "Snapshot", analysis: "Analysis", exposure: "Exposure", metric: "Metric",
};
const kindOrder = Object.keys(kindNames);
const plurals = { analysis: "Analyses", staging: "Staging" };
const kindPlural = (kind) => plurals[kind] || kindNames[kind] + "s";

/** Each page by the first word of its address; the files that follow fill it in. */
const pages = {};

/** How a status looks: its class and its sign, so that colour is never alone. */
function look(status) {
  switch (status) {
    case "success": case "pass": return { tone: "good", sign: "✓" };
    case "warn": case "partial success": return { tone: "warn", sign: "!" };
    case "error": case "fail": case "runtime error": return { tone: "bad", sign: "✕" };
    case "skipped": return { tone: "idle", sign: "–" };
    case "no-op": return { tone: "none", sign: "·" };
    default: return { tone: "none", sign: "" };
  }
}

const ranks = { bad: 4, warn: 3, idle: 2, good: 1, none: 0 };

/** A node's own result or the worst of its tests, whichever is worse. */
function health(node) {
  let worst = node.result ? node.result.status : "";
  for (const index of node.tests) {
    const status = tests[index].result ? tests[index].result.status : "";
    if (ranks[look(status).tone] > ranks[look(worst).tone]) worst = status;
  }
  return worst;
}

/** An element with its properties and children; text is always text, never markup. */
function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

function svg(tag, properties, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false || child === "") continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child);
  }
}

const routeOf = (node) => "#!/" + node.type + "/" + encodeURIComponent(node.id).replace(/%20/g, "+");
const lineageOf = (node, column) => "#!/lineage?focus=" + encodeURIComponent(node.id) + (column ? "&column=" + encodeURIComponent(column) : "");

const kindMark = (node) =>
  h("span", { class: "kind", style: "--hue: var(--" + node.kind + ")" }, kindNames[node.kind]);
const dot = (kind) => h("span", { class: "dot", style: "--hue: var(--" + kind + ")", "aria-hidden": "true" });

function statusMark(status, text) {
  const { tone, sign } = look(status);
  return h("span", { class: "status " + tone }, h("i", { "aria-hidden": "true" }, sign), text || status);
}

const nodeLink = (node) => h("a", { href: routeOf(node) }, node.name);

const count = (number) => number.toLocaleString("en");
const things = (number, one, many) => count(number) + " " + (number === 1 ? one : many || one + "s");

function duration(seconds) {
  if (seconds < 0.0095) return "< 10 ms";
  if (seconds < 0.995) return Math.round(seconds * 1000) + " ms";
  if (seconds < 59.95) return seconds.toFixed(seconds < 9.95 ? 2 : 1) + " s";
  return Math.floor(seconds / 60) + " min " + Math.round(seconds % 60) + " s";
}

/** Hours and days, for ages. */
function longTime(seconds) {
  const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const [size, word] = units.find(([size]) => seconds >= 2 * size) || [1, "second"];
  return things(Math.round(seconds / size), word);
}

function moment(seconds) {
  if (!seconds) return "at an unknown time";
  return new Date(seconds * 1000).toLocaleString("en-GB", {
    day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
}

function announce(text) {
  document.getElementById("announce").textContent = text;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page from a file may not use the clipboard; a selection may be copied.
    const area = h("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  announce("Copied");
}

function copyButton(text, className) {
  const button = h("button", { class: className || "copy", type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await copyText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1400);
  });
  return button;
}
