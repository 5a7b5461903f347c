// The frame around the pages: routes, sections, light and dark.

const main = document.getElementById("main");

// Light and dark: what the system says, unless the reader has chosen.

let chosenTheme = null;
try { chosenTheme = localStorage.getItem("whc-theme"); } catch { /* A page from a file may not store anything. */ }
const systemDark = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const theme = chosenTheme || (systemDark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  document.documentElement.style.colorScheme = theme;
  if (graph) graph.readColours();
  window.dispatchEvent(new Event("theme"));
}

document.getElementById("theme").addEventListener("click", () => {
  chosenTheme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem("whc-theme", chosenTheme); } catch { /* Then it holds until the page is closed. */ }
  applyTheme();
});
systemDark.addEventListener("change", applyTheme);
applyTheme();

// Paper is white.
window.addEventListener("beforeprint", () => { document.documentElement.dataset.theme = "light"; });
window.addEventListener("afterprint", applyTheme);

// Routes

const nodeTypes = new Set(["model", "source", "seed", "snapshot", "analysis", "exposure", "metric", "semantic_model", "saved_query"]);

/** What an address means: `#!/model/model.shop.dim_customer?column=name`. */
function routeIn(hash) {
  const [path, query] = hash.replace(/^#!?\/?/, "").split("#")[0].split("?");
  const [name, ...rest] = path.split("/");
  let argument = rest.join("/");
  try { argument = decodeURIComponent(argument); } catch { /* A stray % means itself. */ }
  const settings = new URLSearchParams(query || "");
  return older({ path, name: name || "overview", argument, settings });
}

/** Addresses of dbt's own page: its graph stands in `g_v`, what the graph shows in `g_i`. */
function older(route) {
  if (route.name === "operation") return { ...route, name: "macro" };
  // dbt's overview of one package.
  if (route.name === "overview" && route.settings.get("g_v") === "1") {
    const [, up, name, down] = (route.settings.get("g_i") || "").match(/^(?:(\d*)\+)?([^+\s]*)(?:\+(\d*))?$/) || [];
    const node = name && nodes.find((node) => node.name === name || node.id === name || node.name === name.replace(/^source:/, ""));
    const settings = new URLSearchParams();
    if (node) {
      settings.set("focus", node.id);
      if (up !== "") settings.set("up", up ?? "0");
      if (down !== "") settings.set("down", down ?? "0");
    }
    return { path: "lineage", name: "lineage", argument: "", settings };
  }
  return route;
}

function show(event) {
  const { path, name, argument, settings } = routeIn(location.hash);
  if (graph) { graph.stop(); graph = null; }
  let section = name;
  let current = null;
  if (name === "lineage" || name === "graph") {
    lineagePage(settings);
    section = "lineage";
  } else {
    let content;
    if (nodeTypes.has(name)) {
      current = byId.get(argument) || null;
      content = pages.node(argument);
    } else if (Object.hasOwn(pages, name) && name !== "node" && name !== "unknown") content = pages[name](argument);
    else content = pages.unknown(path);
    main.replaceChildren(content);
    window.scrollTo(0, 0);
    if (current && settings.get("column")) showColumn(settings.get("column"));
  }
  if (event) announce(document.title);
  markInTree(current);
  document.querySelectorAll("#sections a").forEach((entry) => {
    if (entry.dataset.section === section) entry.setAttribute("aria-current", "page");
    else entry.removeAttribute("aria-current");
  });
  setMenu(false);
}

/** Marks the column that an address names. */
function showColumn(name) {
  const row = document.getElementById("column-" + name);
  if (!row) return;
  row.classList.add("chosen");
  row.scrollIntoView({ block: "center" });
}

document.getElementById("brand").textContent = data.project.name;
append(document.getElementById("sections"), [
  ["overview", "Overview"], ["lineage", "Lineage"], data.matrix ? ["matrix", "Bus matrix"] : null, tests.length ? ["tests", "Tests"] : null,
  nodes.some((node) => node.result && node.result.start !== undefined) ? ["timeline", "Time line"] : null, data.changes ? ["changes", "Changes"] : null,
].filter(Boolean).map(([section, name]) => h("a", { href: "#!/" + section, "data-section": section }, name)));

function setMenu(isOpen) {
  sidebar.classList.toggle("open", isOpen);
  document.getElementById("menu").setAttribute("aria-expanded", String(isOpen));
}

document.getElementById("menu").addEventListener("click", () => setMenu(!sidebar.classList.contains("open")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  setMenu(false);
  if (graph && graph.focus !== null) graph.letGo();
});
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });

setUpSearch((entry) => {
  // In the graph a found node is shown there; elsewhere its page opens.
  const index = entry.thing.index;
  if (!graph || index === undefined) location.hash = entry.route.slice(1);
  else if (seeksTarget && graph.focus !== null && index !== graph.focus) graph.setTarget(index);
  else graph.setFocus(index, true);
});
window.addEventListener("hashchange", show);
show();
showTree(byId.get(routeIn(location.hash).argument) || null);

// What the first search needs is made ready while nothing else is to be done.
(window.requestIdleCallback || setTimeout)(() => searchIndex());

/** For tests and for the curious: the data, where a node stands on the screen, and what is chosen. */
window.whc = { data, search };
window.lineage = {
  locate(id, column) {
    const frame = graph.canvas.getBoundingClientRect();
    const index = byId.get(id).index;
    const [x, y] = column ? graph.locateColumn(index, column) : graph.locate(index);
    return [x + frame.left, y + frame.top];
  },
  focused: () => graph && graph.focus !== null ? nodes[graph.focus].id : null,
  shown: () => graph.list.filter((index) => graph.shown[index]).map((index) => nodes[index].id),
  rows: (id) => graph.rows.get(byId.get(id).index) || [],
  steps: () => (graph.steps || []).map((step) => [nodes[step.from].id, step.fromColumn, nodes[step.to].id, step.toColumn, step.how]),
};
