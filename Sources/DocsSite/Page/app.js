// The frame around the pages: routes, the tree at the side, the lineage page, light and dark.

const main = document.getElementById("main");
const sidebar = document.getElementById("sidebar");
let graph = null;

// Light and dark: what the system says, unless the reader has chosen.

function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* A page from a file may not store anything. */ }
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const chosen = remembered("whc-theme") || (systemDark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = chosen;
  document.documentElement.style.colorScheme = chosen;
  if (graph) graph.readColours();
}

document.getElementById("theme").addEventListener("click", () => {
  remember("whc-theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  if (!remembered("whc-theme")) document.documentElement.dataset.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  else applyTheme();
  if (graph) graph.readColours();
});
systemDark.addEventListener("change", applyTheme);
applyTheme();

// The tree at the side

function treeOf(view) {
  const root = { folders: new Map(), nodes: [] };
  for (const node of nodes) {
    if (node.hidden) continue;
    let path;
    if (view === "kinds") path = [kindPlural(node.kind)];
    else if (view === "schemas") path = node.relation ? node.relation.replace(/"/g, "").split(".").slice(0, -1) : ["not in the database"];
    else path = [node.package, ...(node.path || "").split("/").slice(0, -1)];
    let place = root;
    for (const part of path) {
      if (!place.folders.has(part)) place.folders.set(part, { folders: new Map(), nodes: [] });
      place = place.folders.get(part);
    }
    place.nodes.push(node);
  }
  return root;
}

const sizeOf = (place) => place.nodes.length + [...place.folders.values()].reduce((sum, folder) => sum + sizeOf(folder), 0);
const holds = (place, node) => place.nodes.includes(node) || [...place.folders.values()].some((folder) => holds(folder, node));

function branch(place, depth, current) {
  const names = [...place.folders.keys()];
  if (depth > 0 || names[0] !== data.project.name) names.sort();
  return [
    ...names.map((name) => {
      const folder = place.folders.get(name);
      const list = h("ul", {});
      const open = (current && holds(folder, current)) || (depth < 2 && sizeOf(folder) < 60) || depth === 0;
      const fillList = () => { if (!list.childElementCount) append(list, branch(folder, depth + 1, current)); };
      if (open) fillList();
      return h("li", {}, h("details", { open, ontoggle: fillList }, h("summary", {}, name, h("span", { class: "count" }, count(sizeOf(folder)))), list));
    }),
    ...[...place.nodes].sort((one, two) => one.name < two.name ? -1 : 1).map((node) => {
      const { tone, sign } = look(health(node));
      return h("li", {}, h("a", { href: routeOf(node), title: node.name, "data-id": node.id, "aria-current": node === current ? "page" : null },
        dot(node.kind), h("span", {}, node.name), tone === "bad" || tone === "warn" ? h("span", { class: "flag " + tone, title: health(node) }, sign) : null));
    }),
  ];
}

let treeView = "folders";

function showTree(current) {
  const views = { folders: "Folders", kinds: "Kinds", schemas: "Schemas" };
  const kept = sidebar.scrollTop;
  sidebar.replaceChildren(
    h("div", { class: "views", role: "group", "aria-label": "Order of the list" }, Object.entries(views).map(([view, name]) =>
      h("button", { type: "button", "aria-pressed": String(view === treeView), onclick: () => { treeView = view; showTree(current); } }, name))),
    h("ul", { class: "tree" }, branch(treeOf(treeView), 0, current)));
  sidebar.scrollTop = kept;
  const mark = sidebar.querySelector("[aria-current]");
  if (mark) bringIntoTree(mark);
}

/** Scrolls the tree alone; scrollIntoView would move the page behind it too. */
function bringIntoTree(entry) {
  const frame = entry.getBoundingClientRect(), around = sidebar.getBoundingClientRect();
  if (frame.top >= around.top && frame.bottom <= around.bottom) return;
  sidebar.scrollTop += frame.top - around.top - (around.height - frame.height) / 2;
}

/** Marks the page's node in the tree that is there; a tree that does not show it is made anew. */
function markInTree(current) {
  const old = sidebar.querySelector("[aria-current]");
  if (old) old.removeAttribute("aria-current");
  if (!current) return;
  const entry = sidebar.querySelector('[data-id="' + CSS.escape(current.id) + '"]');
  if (!entry || entry.closest("details:not([open])")) showTree(current);
  else {
    entry.setAttribute("aria-current", "page");
    bringIntoTree(entry);
  }
}

// The lineage page

function lineagePage(settings) {
  document.title = "Lineage · " + data.project.name;
  const canvas = h("canvas", { tabindex: "0", role: "application",
    "aria-label": "Lineage graph of " + things(nodes.length, "node") + ". Arrow keys go to parents, children and neighbours, Enter opens a node, plus and minus zoom, 0 shows everything, Escape lets go." });
  const panel = h("aside", { class: "panel", hidden: true, "aria-label": "Chosen node" });
  const kinds = kindOrder.filter((kind) => nodes.some((node) => node.kind === kind));
  const tags = [...new Set(nodes.flatMap((node) => node.tags))].sort();
  const folders = [...new Set(nodes.flatMap((node) => (node.path || "").split("/").slice(1, -1)))].sort();
  const select = (label, options, change) => {
    const element = h("select", { "aria-label": label }, options.map(([value, name]) => h("option", { value }, name)));
    element.addEventListener("change", () => change(element.value));
    return element;
  };
  const legend = h("div", { class: "legend", role: "group", "aria-label": "Kinds; press to hide" });
  const stage = h("div", { class: "stage", id: "lineage" }, canvas,
    h("div", { class: "tools" },
      select("Colour by", [["kind", "Colour by kind"], ["result", "Colour by last result"]], (value) => { graph.colour = value; graph.draw(); showLegend(); }),
      tags.length ? h("span", { class: "wide" }, select("Only with a tag", [["", "Every tag"], ...tags.map((tag) => [tag, "#" + tag])], (value) => { graph.tag = value; graph.refilter(); graph.fit(true); })) : null,
      folders.length > 1 ? h("span", { class: "wide" }, select("Only in a folder", [["", "Every folder"], ...folders.map((folder) => [folder, folder + "/"])], (value) => { graph.folder = value; graph.refilter(); graph.fit(true); })) : null),
    panel, legend,
    h("div", { class: "zoom" },
      h("button", { type: "button", "aria-label": "Zoom in", onclick: () => graph.zoom(1.3, undefined, undefined, true) }, "+"),
      h("button", { type: "button", "aria-label": "Zoom out", onclick: () => graph.zoom(1 / 1.3, undefined, undefined, true) }, "−"),
      h("button", { type: "button", "aria-label": "Show everything", onclick: () => graph.fit(true) }, svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" })))),
    nodes.length ? null : h("div", { class: "empty" }, "This project has no models yet"));

  function showLegend() {
    if (graph.colour === "kind") {
      legend.replaceChildren(...kinds.map((kind) => {
        const button = h("button", { type: "button", "aria-pressed": String(!graph.hiddenKinds.has(kind)) }, dot(kind), kindNames[kind]);
        button.addEventListener("click", () => {
          if (!graph.hiddenKinds.delete(kind)) graph.hiddenKinds.add(kind);
          button.setAttribute("aria-pressed", String(!graph.hiddenKinds.has(kind)));
          graph.refilter();
        });
        return button;
      }));
    } else {
      legend.replaceChildren(...[["success", "Succeeded"], ["warn", "Warned"], ["error", "Failed"], ["skipped", "Skipped"]].map(([status, name]) => h("button", { type: "button", disabled: true }, statusMark(status, name))));
    }
  }

  function showPanel() {
    const index = graph.focus;
    panel.hidden = index === null;
    stage.dataset.focus = index === null ? "" : nodes[index].id;
    const wanted = index === null ? "#!/lineage" : lineageOf(nodes[index]);
    if (location.hash !== wanted) history.replaceState(null, "", wanted);
    if (index === null) return;
    const node = nodes[index];
    const slider = (label, key, neighbours) => {
      const most = Math.max(...reach(index, neighbours, Infinity).values());
      if (!most) return null;
      const value = Math.min(graph[key], most);
      const words = (number) => number >= most ? "all" : String(number);
      const shown = h("span", {}, label + " " + words(value));
      const input = h("input", { type: "range", min: 0, max: most, value, "aria-label": label + " steps" });
      input.addEventListener("input", () => {
        graph[key] = Number(input.value) >= most ? Infinity : Number(input.value);
        shown.textContent = label + " " + words(Number(input.value));
        graph.refilter();
      });
      return h("label", {}, shown, input);
    };
    panel.replaceChildren(
      h("button", { class: "icon close", type: "button", "aria-label": "Let go of the node", onclick: () => graph.setFocus(null, false) }, svg("svg", { viewBox: "0 0 20 20" }, svg("path", { d: "M5 5l10 10M15 5L5 15" }))),
      kindMark(node), h("h2", {}, node.name),
      health(node) ? h("div", {}, statusMark(health(node), node.result ? resultWords(node.result) : health(node))) : "",
      node.description ? h("div", { class: "prose" }, h("p", {}, firstSentence(node.description))) : "",
      h("div", { class: "depth" }, slider("Upstream", "up", "parents"), slider("Downstream", "down", "children")),
      h("div", { class: "acts" }, h("a", { class: "button", href: routeOf(node) }, "Open page"), h("button", { class: "button", type: "button", onclick: () => graph.fit(true) }, "Fit"),
        h("button", { class: "button", type: "button", "aria-pressed": String(graph.alone), onclick: () => { graph.alone = !graph.alone; graph.refilter(); graph.fit(true); showPanel(); } }, "Only these")));
  }

  main.replaceChildren(stage);
  graph = new LineageGraph(canvas, showPanel);
  showLegend();
  const focus = byId.get(settings.get("focus"));
  if (settings.get("up")) graph.up = Number(settings.get("up"));
  if (settings.get("down")) graph.down = Number(settings.get("down"));
  if (focus) { graph.setFocus(focus.index, false); graph.fit(false); }
}

// Routes

const nodeTypes = new Set(["model", "source", "seed", "snapshot", "analysis", "exposure", "metric", "semantic_model", "saved_query"]);

function show() {
  const [path, query] = location.hash.replace(/^#!?\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const argument = decodeURIComponent(rest.join("/"));
  if (graph) { graph.stop(); graph = null; }
  let section = name || "overview";
  let current = null;
  if (name === "lineage" || name === "graph") {
    lineagePage(new URLSearchParams(query || ""));
    section = "lineage";
  } else {
    let content;
    if (nodeTypes.has(name)) { current = byId.get(argument) || null; content = pages.node(argument); }
    else if (Object.hasOwn(pages, section) && section !== "node" && section !== "unknown") content = pages[section](argument);
    else content = pages.unknown(path);
    main.replaceChildren(content);
    window.scrollTo(0, 0);
  }
  markInTree(current);
  document.querySelectorAll("#sections a").forEach((entry) => {
    if (entry.dataset.section === section) entry.setAttribute("aria-current", "page");
    else entry.removeAttribute("aria-current");
  });
  sidebar.classList.remove("open");
  document.getElementById("menu").setAttribute("aria-expanded", "false");
}

document.getElementById("brand").textContent = data.project.name;
append(document.getElementById("sections"), [
  ["overview", "Overview"], ["lineage", "Lineage"], data.matrix ? ["matrix", "Bus matrix"] : null, tests.length ? ["tests", "Tests"] : null,
].filter(Boolean).map(([section, name]) => h("a", { href: "#!/" + section, "data-section": section }, name)));

document.getElementById("menu").addEventListener("click", (event) => {
  const open = sidebar.classList.toggle("open");
  event.currentTarget.setAttribute("aria-expanded", String(open));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  sidebar.classList.remove("open");
  if (graph && graph.focus !== null) graph.setFocus(null, false);
});
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });

setUpSearch((route) => {
  // In the graph a found node is shown there; elsewhere its page opens.
  const node = graph && byId.get(decodeURIComponent(route.split("/").slice(2).join("/")));
  if (node) graph.setFocus(node.index, true);
  else location.hash = route.slice(1);
});
showTree(null);
window.addEventListener("hashchange", show);
show();

/** For tests that press with a mouse: where a node stands on the screen, and what is chosen. */
window.lineage = {
  locate(id) {
    const frame = graph.canvas.getBoundingClientRect();
    const [x, y] = graph.locate(byId.get(id).index);
    return [x + frame.left, y + frame.top];
  },
  focused: () => graph && graph.focus !== null ? nodes[graph.focus].id : null,
};
