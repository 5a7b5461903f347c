// What each page says. A page is a function from its argument to elements.

Object.assign(pages, {
  overview() {
    const built = nodes.filter((node) => ["model", "seed", "snapshot"].includes(node.type));
    const kinds = kindOrder.map((kind) => [kind, nodes.filter((node) => node.kind === kind).length]).filter(([, number]) => number);
    const columns = nodes.reduce((sum, node) => sum + node.columns.length, 0);
    const described = built.filter((node) => node.description).length;
    return page("Overview",
      h("div", { class: "title" }, h("h1", {}, data.project.name)),
      h("div", { class: "under muted" }, things(nodes.filter((node) => node.type === "model").length, "model") + ", " + things(tests.length, "test") + ", " + things(columns, "column")
        + (built.length ? ", " + Math.round(100 * described / built.length) + " % described" : "")),
      data.project.overview && markdown(data.project.overview),
      h("div", { class: "tiles" }, kinds.map(([kind, number]) => h("a", { class: "tile", href: "#!/kind/" + kind },
        h("b", {}, count(number)), h("span", { class: "kind", style: "--hue: var(--" + kind + ")" }, number === 1 ? kindNames[kind] : kindPlural(kind)))),
        tests.length ? h("a", { class: "tile", href: "#!/tests" }, h("b", {}, count(tests.length)), h("span", {}, tests.length === 1 ? "Test" : "Tests")) : null),
      data.changes && changes.size ? h("p", {}, h("a", { class: "button", href: "#!/changes" }, things(changes.size, "change") + " since " + data.changes.name)) : null,
      lastRun(),
      data.matrix && h("div", {}, h("h2", {}, "Bus matrix"), matrixTable()),
      slowest());
  },

  kind(kind) {
    const inside = nodes.filter((node) => node.kind === kind);
    return page(kindPlural(kind), h("h1", {}, kindPlural(kind)), h("div", { class: "under" }), nodeTable(inside));
  },

  tag(tag) {
    return page("Tag " + tag, h("h1", {}, "Tag ", h("span", { class: "mono" }, tag)), h("div", { class: "under" }),
      nodeTable(nodes.filter((node) => node.tags.includes(tag))));
  },

  tests(chosen) {
    const tally = tallyOf(tests);
    const shown = chosen ? tests.filter((test) => toneOf(test) === chosen) : tests;
    const names = { bad: "Failed", warn: "Warned", good: "Passed", idle: "Skipped", none: "Not run" };
    const ordered = [...shown].sort((one, two) => ranks[toneOf(two)] - ranks[toneOf(one)]);
    return page("Tests", h("h1", {}, "Tests"),
      h("div", { class: "filters", role: "group", "aria-label": "Filter by result" },
        h("a", { class: "button", href: "#!/tests", "aria-pressed": String(!chosen), role: "button" }, "All " + count(tests.length)),
        Object.keys(names).filter((tone) => tally[tone]).map((tone) =>
          h("a", { class: "button", href: "#!/tests/" + tone, "aria-pressed": String(chosen === tone), role: "button" }, names[tone] + " " + count(tally[tone])))),
      longTable(["Test", "On", "Column", "Severity", "Last result"].map((name) => h("th", { scope: "col" }, name)), ordered, (test) => h("tr", {},
        h("td", {}, h("a", { href: testRoute(test) }, test.label)),
        h("td", {}, nodeLinks(test.nodes)),
        h("td", { class: "mono" }, test.column),
        h("td", { class: "muted" }, test.severity || "error"),
        h("td", {}, resultOf(test)))));
  },

  matrix() {
    return page("Bus matrix", h("h1", {}, "Bus matrix"),
      h("p", { class: "under muted" }, "Which fact is looked at along which dimension. A dimension that several facts share is conformed: they can be compared along it."),
      data.matrix ? matrixTable() : h("p", {}, "No facts are declared."));
  },

  macro(id) {
    const macro = macroById.get(id);
    if (!macro) return pages.unknown(id);
    return page(macro.name, crumbs(["Macros", macro.path]), h("h1", {}, macro.name), h("div", { class: "under" }),
      macro.description && markdown(macro.description), h("h2", {}, "Source"), later(textOf(macro.raw), codeBlock));
  },

  test(id) {
    const test = testById.get(id);
    if (!test) return pages.unknown(id);
    return page(test.name, crumbs(["Tests", test.path]), h("h1", {}, test.label),
      h("div", { class: "under" }, resultOf(test), h("span", { class: "chip" }, "severity " + (test.severity || "error")), (test.tags || []).map(tagChip)),
      message(test.result),
      test.description && markdown(test.description),
      h("dl", { class: "pairs" },
        pair("Looks at", nodeLinks(test.nodes)),
        test.column && pair("Column", h("span", { class: "mono" }, test.column)),
        test.where && pair("Where", h("span", { class: "mono" }, test.where)),
        pair("Name", h("span", { class: "mono" }, test.name)),
        test.result && pair("Took", duration(test.result.time))),
      codeTabs(test));
  },

  node(id) {
    const node = byId.get(id);
    if (!node) return pages.unknown(id);
    const status = node.result && node.result.status;
    return page(node.name,
      crumbs([node.package, ...(node.path || "").split("/")]),
      h("div", { class: "title" }, h("h1", {}, node.name), kindMark(node)),
      h("div", { class: "under" },
        node.materialized && h("span", { class: "chip" }, node.materialized.replace(/_/g, " ")),
        node.exposureType && h("span", { class: "chip" }, node.exposureType),
        status && statusMark(status, resultWords(node.result)),
        node.relation && h("span", { class: "relation" }, node.relation.replace(/"/g, ""), copyButton(node.relation)),
        node.tags.map(tagChip), changeNote(node)),
      message(node.result),
      node.description ? h("div", { class: "lead" }, markdown(node.description)) : h("p", { class: "muted" }, "No description yet."),
      neighbourhood(node),
      starSection(node),
      starDiagram(node),
      timelines(node),
      columnTable(node),
      otherTests(node),
      freshnessOf(node),
      runHistory(node),
      exposureList(node),
      codeTabs(node),
      node.parents.length || node.children.length ? h("div", { class: "two" }, linkList("Depends on", node.parents), linkList("Used by", node.children)) : null,
      details(node));
  },

  unknown(id) {
    return page("Not found", h("h1", {}, "Not found"), h("p", { class: "under muted" }, "Nothing here is called " + id + ". It may have been renamed since the link was made."),
      h("a", { class: "button", href: "#!/overview" }, "To the overview"));
  },
});

function page(title, ...content) {
  document.title = title + " · " + data.project.name;
  return h("article", { class: "page" }, content,
    h("footer", { class: "foot" }, "Written " + moment(data.project.generated) + " by whc " + data.project.version + " · " + data.project.adapter));
}

// Pieces

const crumbs = (parts) => h("div", { class: "crumbs" }, parts.filter(Boolean).map((part) => h("span", {}, part)));
const pair = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
const tagChip = (tag) => h("a", { class: "chip", href: "#!/tag/" + encodeURIComponent(tag) }, "#" + tag);
const testRoute = (test) => "#!/test/" + encodeURIComponent(test.id);
const toneOf = (thing) => look(thing.result ? thing.result.status : "").tone;
const section = (title, ...content) => h("section", {}, h("h2", {}, title), content);

function tallyOf(list) {
  const tally = {};
  for (const thing of list) tally[toneOf(thing)] = (tally[toneOf(thing)] || 0) + 1;
  return tally;
}

function resultOf(test) {
  if (!test.result) return h("span", { class: "muted" }, "not run");
  const failures = test.result.failures;
  const words = (test.result.status === "fail" || test.result.status === "warn") && failures ? test.result.status + ", " + things(failures, "row") : test.result.status;
  return statusMark(test.result.status, words);
}

function resultWords(result) {
  const words = [result.status];
  if (result.rows !== undefined) words.push(things(result.rows, "row"));
  if (result.status !== "skipped") words.push(duration(result.time));
  return words.join(" · ");
}

function message(result) {
  if (!result || !result.message) return null;
  const { tone } = look(result.status);
  if (tone !== "bad" && tone !== "warn" && result.status !== "skipped") return null;
  return h("div", { class: "message " + (tone === "bad" ? "" : tone) }, result.message);
}

function lastRun() {
  const ran = nodes.filter((node) => node.result);
  const tested = tests.filter((test) => test.result);
  const all = [...ran, ...tested];
  if (!all.length) return null;
  const tally = tallyOf(all);
  const words = { good: "succeeded", warn: "warned", bad: "failed", idle: "skipped", none: "with nothing to do" };
  const signs = { good: "success", warn: "warn", bad: "error", idle: "skipped", none: "no-op" };
  const run = data.project.run;
  const troubled = all.filter((thing) => ["bad", "warn"].includes(toneOf(thing))).slice(0, 12);
  return section("Last run",
    h("div", { class: "card" },
      h("div", {}, run ? [h("strong", {}, "whc " + run.command), h("span", { class: "muted" }, " on " + moment(run.started) + ", " + duration(run.elapsed))]
        : h("span", { class: "muted" }, things(ran.length, "node") + " and " + things(tested.length, "test")),
        ran.some((node) => node.result.start !== undefined) ? [" ", h("a", { href: "#!/timeline" }, "Time line")] : ""),
      h("div", { class: "bar", "aria-hidden": "true" }, Object.keys(words).filter((tone) => tally[tone]).map((tone) => h("i", { class: tone, style: "flex: " + tally[tone] }))),
      h("div", { class: "tally" }, Object.keys(words).filter((tone) => tally[tone]).map((tone) => statusMark(signs[tone], count(tally[tone]) + " " + words[tone])))),
    troubled.length ? h("table", {}, h("tbody", {}, troubled.map((thing) => h("tr", {},
      h("td", {}, thing.label ? h("a", { href: testRoute(thing) }, thing.label) : nodeLink(thing)),
      h("td", {}, thing.label ? nodeLinks(thing.nodes) : kindMark(thing)),
      h("td", {}, thing.label ? resultOf(thing) : statusMark(thing.result.status)))))) : null);
}

function slowest() {
  const timed = nodes.filter((node) => node.result && node.result.time > 0).sort((one, two) => two.result.time - one.result.time).slice(0, 8);
  if (timed.length < 3) return null;
  return section("Slowest nodes", h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Node"), h("th", { scope: "col" }, "Kind"), h("th", { scope: "col", class: "number" }, "Rows"), h("th", { scope: "col", class: "number" }, "Time"))),
    h("tbody", {}, timed.map((node) => h("tr", {}, h("td", {}, nodeLink(node)), h("td", {}, kindMark(node)),
      h("td", { class: "number" }, node.result.rows === undefined ? "" : count(node.result.rows)), h("td", { class: "number" }, duration(node.result.time))))))));
}

function nodeTable(list) {
  const head = ["Name", "Description", "Kind", "Columns", "Tests", "Last result"].map((name, i) => h("th", { scope: "col", class: i === 3 || i === 4 ? "number" : null }, name));
  return longTable(head, list, (node) => h("tr", {},
    h("td", {}, nodeLink(node)), h("td", { class: "muted" }, firstSentence(node.description)), h("td", {}, kindMark(node)),
    h("td", { class: "number" }, count(node.columns.length)), h("td", { class: "number" }, count(node.tests.length)),
    h("td", {}, health(node) ? statusMark(health(node)) : h("span", { class: "muted" }, "not run"))));
}

/** A table that shows its first rows at once, and more when they are asked for. */
function longTable(head, list, rowOf) {
  const body = h("tbody", {});
  const more = h("button", { class: "button more", type: "button" });
  function add(many) {
    const shown = body.childElementCount;
    append(body, list.slice(shown, shown + many).map(rowOf));
    const left = list.length - body.childElementCount;
    more.hidden = left <= 0;
    more.textContent = "Show " + (left > 1000 ? "1,000 of " + count(left) : count(left)) + " more";
  }
  more.addEventListener("click", () => add(1000));
  add(200);
  return h("div", {}, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, head)), body)), more);
}

function linkList(title, indices) {
  return h("section", {}, h("h2", {}, title, " ", h("span", { class: "muted" }, indices.length ? count(indices.length) : "")),
    indices.length ? h("ul", { class: "links" }, indices.map((index) => h("li", {}, dot(nodes[index].kind), nodeLink(nodes[index]))))
      : h("p", { class: "muted" }, title === "Used by" ? "Nothing in this project." : "Nothing."));
}

/** Parents, the node, children: one step of the lineage as a small picture. */
function neighbourhood(node) {
  if (!node.parents.length && !node.children.length) return null;
  const most = 7;
  const side = (list) => list.length > most ? [...list.slice(0, most - 1), null] : list;
  const left = side(node.parents), right = side(node.children);
  const rows = Math.max(left.length, right.length, 1);
  const width = 930, pitch = 40, box = 250, height = rows * pitch + 12, middle = height / 2;
  const picture = svg("svg", { viewBox: "0 0 " + width + " " + height, role: "img", "aria-label": "What " + node.name + " depends on and what uses it" });
  const column = (list, x, rest, toRight) => list.map((index, row) => {
    const y = middle + (row - (list.length - 1) / 2) * pitch;
    const [from, to] = toRight ? [[(width + box) / 2, middle], [x, y]] : [[x + box, y], [(width - box) / 2, middle]];
    const bend = (from[0] + to[0]) / 2;
    picture.append(svg("path", { class: "line", d: `M${from[0]} ${from[1]}C${bend} ${from[1]} ${bend} ${to[1]} ${to[0]} ${to[1]}` }));
    return index === null
      ? svg("text", { class: "rest", x: x + 16, y: y + 4 }, "and " + rest + " more")
      : smallBox(nodes[index], x, y, box, routeOf(nodes[index]));
  });
  append(picture, [column(left, 4, node.parents.length - most + 1, false), column(right, width - box - 4, node.children.length - most + 1, true)]);
  const own = smallBox(node, (width - box) / 2, middle, box, lineageOf(node));
  own.classList.add("self");
  picture.append(own);
  return h("section", {}, h("div", { class: "tabs" }, h("h2", {}, "Lineage"), h("a", { class: "button", href: lineageOf(node) }, "Open in the graph")),
    h("div", { class: "mini scroll" }, picture));
}

function smallBox(node, x, y, width, target) {
  const name = node.name.length > 34 ? node.name.slice(0, 20) + "…" + node.name.slice(-13) : node.name;
  return svg("a", { href: target, "aria-label": node.name },
    svg("title", {}, node.name),
    svg("rect", { class: "box", x, y: y - 15, width, height: 30, rx: 7 }),
    svg("rect", { x: x + 9, y: y - 5, width: 10, height: 10, rx: 2.5, fill: "var(--" + node.kind + ")" }),
    svg("text", { x: x + 27, y: y + 4.5 }, name));
}

const scdNames = {
  0: "0 · keep the first value", 1: "1 · overwrite", 2: "2 · new version", 3: "3 · previous value beside", 6: "6 · version and current value", 7: "7 · dual keys",
};

function starSection(node) {
  const { dimension, fact } = node;
  if (dimension) {
    return section(dimension.calendar ? "Date dimension" : "Dimension", h("div", { class: "card" }, h("dl", { class: "pairs" },
      dimension.naturalKey && pair("Natural key", mono(dimension.naturalKey)),
      pair("Surrogate key", [mono([dimension.surrogateKey]), dimension.keyMethod === "hash" ? h("span", { class: "muted" }, " hash") : ""]),
      dimension.scd && pair("Changes", "Type " + (scdNames[dimension.scd] || dimension.scd)),
      dimension.effectiveAt && pair("Effective at", mono([dimension.effectiveAt])),
      dimension.validity && pair("A version is valid", [h("span", { class: "muted" }, "from "), mono([dimension.validity[0]]), h("span", { class: "muted" }, " up to "), mono([dimension.validity[1]])]),
      dimension.input && pair("Input", dimension.input === "changes" ? "changes, in any order" : "the full current extract"),
      dimension.deletes && dimension.deletes !== "ignore" && pair("Deleted keys", dimension.deletes.replace(/_/g, " ")),
      dimension.members && dimension.members.length && pair("Members", dimension.members.map((member, i) => [i ? ", " : "", h("span", { class: "mono" }, String(member.key)), " " + member.label])),
      pair("Facts", usersOf(node)))), changeTable(node));
  }
  if (!fact) return null;
  return section("Fact",
    h("div", { class: "card" }, h("dl", { class: "pairs" },
      pair("Kind", fact.kind), pair("Grain", fact.grain ? [h("span", { class: "muted" }, "one row for each "), mono(fact.grain)] : "not declared"),
      fact.degenerate && pair("Degenerate", mono(fact.degenerate)),
      fact.eventTime && pair("Event time", [mono([fact.eventTime]), h("span", { class: "muted" }, fact.lookback ? ", looks back " + fact.lookback : "")]),
      fact.period && pair("Period", [fact.period, fact.gaps && h("span", { class: "muted" }, ", gaps: " + fact.gaps)]),
      fact.milestones && pair("Milestones", fact.milestones.join(" → ")), fact.lags && pair("Lags", mono(fact.lags)))),
    fact.dimensions.length ? [h("h3", {}, "Dimensions"), h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, ["Dimension", "Role", "Foreign key", "Found by", "As of", "When missing"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, fact.dimensions.map((edge) => h("tr", {},
        h("td", {}, edge.node === undefined ? edge.name : nodeLink(nodes[edge.node])), h("td", {}, edge.role),
        h("td", { class: "mono" }, edge.foreignKey), h("td", { class: "mono" }, (edge.key || []).join(", ")), h("td", { class: "mono" }, edge.asOf), h("td", { class: "muted" }, edge.missing))))))] : null,
    fact.measures.length ? [h("h3", {}, "Measures"), h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, ["Measure", "Adds up", "Unit"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, fact.measures.map((measure) => h("tr", {}, h("td", { class: "mono" }, measure.name),
        h("td", {}, { additive: "over every dimension", semi: "not over " + (measure.over || []).join(", "), non: "over none" }[measure.additivity] || measure.additivity), h("td", {}, measure.unit))))))] : null);
}

const nodeLinks = (indices) => (indices || []).map((index, i) => [i ? ", " : "", nodeLink(nodes[index])]);
const mono = (names) => names.map((name, i) => [i ? h("span", { class: "muted" }, ", ") : "", h("span", { class: "mono" }, name)]);

function usersOf(dimension) {
  const users = nodes.filter((node) => node.fact && node.fact.dimensions.some((edge) => edge.node === dimension.index));
  return users.length ? users.map((node, i) => [i ? ", " : "", nodeLink(node)]) : h("span", { class: "muted" }, "no fact uses it");
}

function testMark(test) {
  const status = test.result ? test.result.status : "";
  const rows = (status === "fail" || status === "warn") && test.result.failures ? " · " + things(test.result.failures, "row") : "";
  return h("a", { href: testRoute(test), title: test.name }, statusMark(status || "not run", test.label + rows));
}

function otherTests(node) {
  const inColumns = new Set(node.columns.flatMap((column) => column.tests || []));
  const rest = node.tests.filter((index) => !inColumns.has(index));
  return rest.length ? section(inColumns.size ? "Other tests" : "Tests", h("div", { class: "checks" }, rest.map((index) => testMark(tests[index])))) : null;
}

function codeTabs(thing) {
  const parts = [["Compiled", thing.compiled], ["Source", thing.raw]].filter(([, text]) => text !== undefined);
  if (!parts.length) return null;
  const place = h("div", {});
  const buttons = parts.map(([name], index) => h("button", { class: "button", type: "button", "aria-pressed": "false", onclick: () => show(index) }, name));
  function show(index) {
    buttons.forEach((button, position) => button.setAttribute("aria-pressed", String(position === index)));
    place.replaceChildren(later(textOf(parts[index][1]), codeBlock));
  }
  show(0);
  return h("section", {}, h("div", { class: "tabs", role: "group", "aria-label": "SQL" }, h("h2", {}, "SQL"), parts.length > 1 ? buttons : null), place);
}

/** What becomes of a text that has to be opened first. */
function later(promise, make) {
  const place = h("div", { class: "later", "aria-busy": "true" });
  promise.then((text) => {
    place.replaceChildren(make(text));
    place.removeAttribute("aria-busy");
  });
  return place;
}

/** Who answers for a node: its own owner, its group's, or whom its meta names. */
function ownerOf(node) {
  const group = node.group && (data.groups || []).find((group) => group.name === node.group);
  const meta = (node.meta || {}).owner;
  const owner = node.owner ? node : group && group.owner ? group : typeof meta === "string" ? { owner: meta } : null;
  return owner && (owner.ownerEmail && owner.ownerEmail !== owner.owner ? [owner.owner + " ", link("mailto:" + owner.ownerEmail, [owner.ownerEmail])] : owner.owner);
}

/** Dashboards and other uses outside that a node leads to, however far away. */
function exposureList(node) {
  if (node.type === "exposure") return null;
  const steps = reach(node.index, "children", Infinity);
  const list = [...steps.keys()].map((index) => nodes[index]).filter((other) => other.type === "exposure");
  return list.length ? section("Exposures", h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, ["Name", "Type", "Owner", "Steps away"].map((name, i) => h("th", { scope: "col", class: i === 3 ? "number" : null }, name)))),
    h("tbody", {}, list.map((other) => h("tr", {}, h("td", {}, nodeLink(other)), h("td", {}, other.exposureType),
      h("td", {}, ownerOf(other)), h("td", { class: "number" }, count(steps.get(other.index))))))))) : null;
}

/** How fresh a source was, or the sources behind a node. */
function freshnessOf(node) {
  const behind = node.type === "source" ? [node] : [...reach(node.index, "parents", Infinity).keys()].map((index) => nodes[index]);
  const measured = behind.filter((source) => source.freshness);
  if (!measured.length) return null;
  return section("Freshness", h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, ["Source", "Result", "Newest row", "Age", "Warns after", "Fails after", "Measured"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, measured.map((source) => {
      const { freshness } = source;
      return h("tr", {}, h("td", {}, nodeLink(source)), h("td", {}, statusMark(freshness.status)),
        h("td", { class: "nowrap" }, freshness.loaded > 0 ? moment(freshness.loaded) : freshness.message || "none"), h("td", { class: "nowrap" }, freshness.age === undefined || freshness.loaded <= 0 ? "" : longTime(freshness.age)),
        h("td", {}, freshness.warnAfter), h("td", {}, freshness.errorAfter), h("td", { class: "nowrap" }, freshness.measured ? moment(freshness.measured) : ""));
    })))));
}

function changeNote(node) {
  const change = changes.get(node.id);
  return change ? h("a", { class: "chip", href: changeRoute(node.id) }, changeNames[change.change].toLowerCase() + " since " + data.changes.name) : null;
}

function details(node) {
  const plain = (value) => typeof value === "string" ? value : Array.isArray(value) && value.every((item) => typeof item !== "object") ? value.join(", ") : JSON.stringify(value, null, 1).replace(/\n */g, " ");
  const entries = [
    node.path && pair("File", h("span", { class: "mono" }, node.path)), pair("Id", h("span", { class: "mono" }, node.id)),
    node.group && pair("Group", node.group), node.access && node.access !== "protected" && pair("Access", node.access), node.loader && pair("Loader", node.loader),
    ownerOf(node) && pair("Owner", ownerOf(node)),
    node.maturity && pair("Maturity", node.maturity), node.url && pair("Where", link(node.url, [node.url])),
    node.sourceDescription && pair("Source", markdown(node.sourceDescription)),
    Object.entries(node.config || {}).map(([key, value]) => pair(key, h("span", { class: "mono" }, plain(value)))),
    Object.entries(node.meta || {}).map(([key, value]) => pair("meta." + key, h("span", { class: "mono" }, plain(value)))),
  ];
  return section("Details", h("dl", { class: "pairs" }, entries));
}

function matrixTable() {
  const { facts, dimensions } = data.matrix;
  const shared = dimensions.map((_, i) => facts.filter((fact) => fact.cells[i].length).length);
  return h("div", { class: "scroll" }, h("table", { class: "matrix" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Fact"), dimensions.map((index) => h("th", { scope: "col", class: "turn" }, h("a", { href: routeOf(nodes[index]) }, nodes[index].name))))),
    h("tbody", {}, facts.map((fact) => h("tr", {},
      h("td", {}, nodeLink(nodes[fact.node]), h("span", { class: "grain" }, ((nodes[fact.node].fact || {}).grain || []).join(", "))),
      fact.cells.map((keys) => h("td", {}, keys.length ? h("span", { class: "use", title: keys.join(", "), "aria-label": keys.join(", ") }, keys.length > 1 ? String(keys.length) : "✓") : null))))),
    h("tfoot", {}, h("tr", {}, h("td", {}, "Facts that share it"), shared.map((number) => h("td", {}, number > 1 ? String(number) : ""))))));
}
