// The lineage page: the graph with its filters, its legend and the panel of the chosen node. What is chosen stands in
// the address, so that every view can be sent to somebody.

let graph = null;
/** Set while the search looks for the other end of a way. */
let seeksTarget = false;

const toneNames = [["success", "Succeeded", "good"], ["warn", "Warned", "warn"], ["error", "Failed", "bad"], ["skipped", "Skipped", "idle"], ["no-op", "Not run", "none"]];

function lineagePage(settings) {
  document.title = "Lineage · " + data.project.name;
  const canvas = h("canvas", { tabindex: "0", role: "application",
    "aria-label": "Lineage graph of " + things(nodes.length, "node") + ". Arrow keys go to parents, children and neighbours, c goes through columns, Enter opens a node, plus and minus zoom, 0 shows everything, Escape lets go." });
  const panel = h("aside", { class: "panel", hidden: true, "aria-label": "Chosen node" });
  const kinds = kindOrder.filter((kind) => nodes.some((node) => node.kind === kind));
  const tags = [...new Set(nodes.flatMap((node) => node.tags))].sort();
  const folders = [...new Set(nodes.flatMap((node) => (node.path || "").split("/").slice(1, -1)))].sort();
  const select = (label, options, chosen, change) => {
    const element = h("select", { "aria-label": label }, options.map(([value, name]) => h("option", { value, selected: value === chosen }, name)));
    element.addEventListener("change", () => { change(element.value); keepAddress(); });
    return element;
  };
  const legend = h("div", { class: "legend", role: "group", "aria-label": "Legend; press to hide" });
  const filter = (key) => (value) => { graph[key] = value; graph.refilter(); graph.fit(true); };
  const stage = h("div", { class: "stage", id: "lineage" }, canvas,
    h("div", { class: "tools", role: "group", "aria-label": "Filters" },
      select("Colour by", [["kind", "Colour by kind"], ["result", "Colour by last result"]], settings.get("colour"),
        (value) => { graph.colour = value; graph.refilter(); showLegend(); }),
      tags.length ? select("Only with a tag", [["", "Every tag"], ...tags.map((tag) => [tag, "#" + tag])], settings.get("tag"), filter("tag")) : null,
      folders.length > 1 ? select("Only in a folder", [["", "Every folder"], ...folders.map((folder) => [folder, folder + "/"])], settings.get("folder"), filter("folder")) : null),
    panel, legend,
    h("div", { class: "zoom" },
      h("button", { type: "button", "aria-label": "Zoom in", onclick: () => graph.zoom(1.3, undefined, undefined, true) }, "+"),
      h("button", { type: "button", "aria-label": "Zoom out", onclick: () => graph.zoom(1 / 1.3, undefined, undefined, true) }, "−"),
      h("button", { type: "button", "aria-label": "Show everything", onclick: () => graph.fit(true) },
        svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" })))),
    nodes.length ? null : h("div", { class: "empty" }, "This project has no models yet"));

  function showLegend() {
    const toggle = (set, key, ...content) => {
      const button = h("button", { type: "button", "aria-pressed": String(!set.has(key)) }, content);
      button.addEventListener("click", () => {
        if (!set.delete(key)) set.add(key);
        button.setAttribute("aria-pressed", String(!set.has(key)));
        graph.refilter();
        keepAddress();
      });
      return button;
    };
    const entries = graph.colour === "kind"
      ? kinds.map((kind) => toggle(graph.hiddenKinds, kind, dot(kind), kindNames[kind]))
      : toneNames.filter(([, , tone]) => graph.tones.some((entry) => entry.tone === tone))
        .map(([status, name, tone]) => toggle(graph.hiddenTones, tone, statusMark(status, name)));
    const steps = graph.steps
      ? [["copy", "copied"], ["transform", "transformed"], ["aggregate", "aggregated"], ["use", "only filters or joins"]]
        .filter(([how]) => graph.steps.some((step) => step.how === how))
        .map(([how, words]) => h("span", { class: "how " + how }, h("i", { "aria-hidden": "true" }), words))
      : [];
    legend.replaceChildren(...entries, ...steps);
  }

  function keepAddress() {
    const query = new URLSearchParams();
    const say = (key, value) => { if (value !== null && value !== "" && value !== Infinity && value !== undefined) query.set(key, value); };
    if (graph.focus !== null) say("focus", nodes[graph.focus].id);
    say("column", graph.column);
    if (graph.target !== null) say("to", nodes[graph.target].id);
    say("up", graph.up);
    say("down", graph.down);
    say("tag", graph.tag);
    say("folder", graph.folder);
    if (graph.colour !== "kind") say("colour", graph.colour);
    say("without", [...graph.hiddenKinds, ...graph.hiddenTones].join(","));
    if (graph.columns) say("columns", "1");
    const text = String(query).replace(/%3A/g, ":").replace(/%2C/g, ",");
    const wanted = "#!/lineage" + (text ? "?" + text : "");
    if (location.hash !== wanted) history.replaceState(null, "", wanted);
  }

  function slider(label, key, neighbours) {
    const most = Math.max(...reach(graph.focus, neighbours, Infinity).values());
    if (!most) return null;
    const value = Math.min(graph[key], most);
    const words = (number) => number >= most ? "all" : String(number);
    const shown = h("span", {}, label + " " + words(value));
    const input = h("input", { type: "range", min: 0, max: most, value, "aria-label": label + " steps" });
    input.addEventListener("input", () => {
      graph[key] = Number(input.value) >= most ? Infinity : Number(input.value);
      shown.textContent = label + " " + words(Number(input.value));
      graph.refilter();
      keepAddress();
    });
    return h("label", {}, shown, input);
  }

  function columnButtons(node) {
    if (!node.columns.length) return null;
    return h("div", { class: "picks", role: "group", "aria-label": "Columns of " + node.name }, node.columns.map((column) =>
      h("button", { type: "button", "aria-pressed": String(column.name === graph.column),
        onclick: () => graph.setColumn(node.index, column.name === graph.column ? null : column.name, true) }, column.name)));
  }

  function showPanel() {
    const index = graph.focus;
    panel.hidden = index === null;
    stage.dataset.focus = index === null ? "" : nodes[index].id;
    keepAddress();
    showLegend();
    if (index === null) return;
    const node = nodes[index];
    const act = (words, action, pressed) => h("button", { class: "button", type: "button", "aria-pressed": pressed === undefined ? null : String(pressed), onclick: action }, words);
    panel.replaceChildren(
      h("button", { class: "icon close", type: "button", "aria-label": "Let go of the node", onclick: () => graph.setFocus(null, false) },
        svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: "M5 5l10 10M15 5L5 15" }))),
      kindMark(node), h("h2", {}, node.name),
      health(node) ? h("div", {}, statusMark(health(node), node.result ? resultWords(node.result) : health(node))) : "",
      graph.column !== null ? h("p", { class: "chosen" }, "Column ", h("span", { class: "mono" }, graph.column)) : "",
      graph.target !== null ? h("p", { class: "chosen" }, graph.related.size > 2 || nodes[graph.target].parents.includes(index) || node.parents.includes(graph.target)
        ? "Ways between it and " : "No way leads between it and ", h("strong", {}, nodes[graph.target].name)) : "",
      node.description && graph.column === null ? h("div", { class: "prose" }, h("p", {}, firstSentence(node.description))) : "",
      graph.column === null && graph.target === null ? h("div", { class: "depth" }, slider("Upstream", "up", "parents"), slider("Downstream", "down", "children")) : "",
      columnButtons(node),
      h("div", { class: "acts" }, h("a", { class: "button", href: routeOf(node) }, "Open page"), act("Fit", () => graph.fit(true)),
        act("Only these", () => { graph.alone = !graph.alone; graph.refilter(); graph.fit(true); showPanel(); }, graph.alone),
        node.columns.length ? act("Columns", () => { graph.columns = !graph.columns; graph.refilter(); graph.fit(true); showPanel(); }, graph.columns) : "",
        graph.target !== null ? act("All of its lineage", () => graph.setTarget(null))
          : act("Way to …", () => seekTarget(node))));
  }

  main.replaceChildren(stage);
  graph = new LineageGraph(canvas, showPanel);
  for (const key of ["up", "down"]) if (settings.get(key)) graph[key] = Number(settings.get(key));
  for (const key of ["tag", "folder", "colour"]) if (settings.get(key)) graph[key] = settings.get(key);
  graph.columns = settings.has("columns");
  for (const word of (settings.get("without") || "").split(",").filter(Boolean)) (kindNames[word] ? graph.hiddenKinds : graph.hiddenTones).add(word);
  const focus = byId.get(settings.get("focus")), target = byId.get(settings.get("to"));
  const column = focus && columnOf(focus.index, settings.get("column"));
  if (column) graph.setColumn(focus.index, column.name, false);
  else if (focus) graph.setFocus(focus.index, false);
  else graph.refilter();
  if (focus && target && target !== focus) graph.setTarget(target.index);
  graph.fit(false);
  showLegend();
}

/** The search finds the other end. */
function seekTarget(node) {
  seeksTarget = true;
  const input = document.getElementById("search");
  input.placeholder = "Way from " + node.name + " to …";
  input.focus();
  input.addEventListener("blur", () => setTimeout(() => { seeksTarget = false; input.placeholder = "Search everything"; }, 200), { once: true });
}
