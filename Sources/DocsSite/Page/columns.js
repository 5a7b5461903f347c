// The columns of a node: names, types, tests, and where each comes from.

const howWords = { copy: "copied from", transform: "made of", aggregate: "aggregated from" };

function columnTable(node) {
  if (!node.columns.length) return null;
  const hasScd = node.columns.some((column) => column.scd);
  const hasTests = node.columns.some((column) => column.tests);
  const hasOrigin = node.columns.some((column) => column.from);
  const keys = new Set([...(node.dimension ? node.dimension.naturalKey || [] : []), ...(node.fact ? node.fact.grain || [] : [])]);
  const head = (words) => h("th", { scope: "col" }, words);
  return section("Columns", h("div", { class: "scroll" }, h("table", { class: "columns" },
    h("thead", {}, h("tr", {}, head("Name"), head("Type"), hasScd && head("Changes"), head("Description"),
      hasOrigin && head("Comes from"), hasTests && head("Tests"))),
    h("tbody", {}, node.columns.map((column) => h("tr", { id: "column-" + column.name },
      h("td", {}, column.name, keys.has(column.name) && h("span", { class: "key", title: node.fact ? "Part of the grain" : "Natural key" }, node.fact ? "GRAIN" : "KEY"),
        column.missing && h("span", { class: "missing" }, "not in the database")),
      h("td", { class: "type" }, column.type, column.notNull && h("span", { class: "never" }, " not null")),
      hasScd && h("td", { class: "muted nowrap" }, keys.has(column.name) || !column.scd ? "" : "Type " + column.scd),
      h("td", {}, column.description && markdown(column.description), (column.tags || []).map((tag) => h("span", { class: "chip" }, "#" + tag))),
      hasOrigin && h("td", { class: "origin" }, origin(node, column)),
      hasTests && h("td", {}, h("div", { class: "checks" }, (column.tests || []).map((index) => testMark(tests[index]))))))))),
    usesOf(node));
}

/** `copied from stg_orders.order_id`, each leading to the column, and a link into the graph. */
function origin(node, column) {
  const from = column.from || [];
  const readers = readersOf(node.index, column.name).length;
  const groups = Object.entries(howWords).map(([how, words]) => [words, from.filter((source) => source[2] === how)]).filter(([, list]) => list.length);
  return [
    groups.map(([words, list]) => h("div", {}, h("span", { class: "muted" }, words + " "), list.map(([index, name], i) => [i ? ", " : "", columnLink(index, name)]))),
    from.length || readers ? h("a", { class: "trace", href: lineageOf(node, column.name), "aria-label": "Lineage of " + column.name },
      readers ? "read by " + count(readers) : "in the graph") : null,
  ];
}

const columnLink = (index, name) => h("a", { class: "mono", href: routeOf(nodes[index]) + "?column=" + encodeURIComponent(name) }, nodes[index].name + "." + name);

/** Columns that decide which rows there are, but are not in them. */
function usesOf(node) {
  if (!node.uses || !node.uses.length) return null;
  return h("p", { class: "muted uses" }, "Filters, joins or orders by ", node.uses.map(([index, name], i) => [i ? ", " : "", columnLink(index, name)]));
}
