// What changed since an earlier build: the list, and each change in full.

const changes = new Map(((data.changes || {}).nodes || []).map((change) => [change.id, change]));
const earlierResults = new Map(((data.changes || {}).results || []).map(([id, status, time, rows]) => [id, { status, time, rows }]));
const changeNames = { added: "Added", modified: "Modified", removed: "Removed" };
const changeSigns = { added: "+", modified: "~", removed: "−" };
const changeTones = { added: "good", modified: "warn", removed: "bad" };

const changeRoute = (id) => "#!/changes/" + encodeURIComponent(id);
const changeMark = (kind) => h("span", { class: "status " + changeTones[kind] }, h("i", { "aria-hidden": "true" }, changeSigns[kind]), changeNames[kind]);
const whatChanged = (change) => {
  const words = [];
  if (change.raw) words.push("SQL");
  else if (change.compiled) words.push("compiled SQL");
  const columns = change.columns || [];
  const gained = columns.filter((column) => !column.before).length, lost = columns.filter((column) => !column.after).length;
  const retyped = columns.filter((column) => column.before && column.after && column.before.type !== column.after.type).length;
  const described = columns.length - gained - lost - retyped;
  if (gained) words.push(things(gained, "column") + " added");
  if (lost) words.push(things(lost, "column") + " removed");
  if (retyped) words.push(things(retyped, "column") + " retyped");
  if (described) words.push(things(described, "column description"));
  if (change.config) words.push("config");
  if (change.relation) words.push("relation");
  if (change.description) words.push("description");
  if (change.tests) words.push("tests");
  if (change.parents) words.push("inputs");
  return words.join(", ");
};

pages.changes = (id) => {
  if (!data.changes) return page("Changes", h("h1", {}, "Changes"), h("p", { class: "under muted" }, "This page was written without an earlier build; whc docs --compare FOLDER names one."));
  if (id) return changes.has(id) ? changePage(changes.get(id)) : pages.unknown(id);
  const list = [...changes.values()];
  const { name, run } = data.changes;
  return page("Changes", h("h1", {}, "Changes"),
    h("p", { class: "under muted" }, h("span", {}, "Since ", h("strong", {}, name), run && run.started ? ", built on " + moment(run.started) : "")),
    h("div", { class: "tiles" }, Object.keys(changeNames).map((kind) => h("a", { class: "tile", href: "#!/changes", onclick: (event) => { event.preventDefault(); const place = document.getElementById("changes-" + kind); if (place) place.scrollIntoView(); } },
      h("b", {}, count(list.filter((change) => change.change === kind).length)), changeMark(kind)))),
    list.length ? null : h("p", {}, "Nothing changed."),
    Object.keys(changeNames).map((kind) => {
      const inside = list.filter((change) => change.change === kind);
      return inside.length ? h("section", { id: "changes-" + kind }, h("h2", {}, changeNames[kind]), h("div", { class: "scroll" }, h("table", {},
        h("thead", {}, h("tr", {}, ["Name", "Kind", kind === "modified" ? "What changed" : "Description"].map((words) => h("th", { scope: "col" }, words)))),
        h("tbody", {}, inside.map((change) => h("tr", {}, h("td", {}, h("a", { href: changeRoute(change.id) }, nameOf(change))),
          h("td", {}, kindMark(thingOf(change))), h("td", { class: "muted" }, kind === "modified" ? whatChanged(change) : firstSentence(thingOf(change).description)))))))) : null;
    }),
    resultChanges());
};

const thingOf = (change) => byId.get(change.id) || change;
const nameOf = (change) => thingOf(change).name;

function changePage(change) {
  const node = byId.get(change.id);
  const now = node && node.result, then = earlierResults.get(change.id);
  const side = (words, column) => column ? [h("span", { class: "mono" }, column.type || "no type"), column.description ? h("span", { class: "muted" }, " " + firstSentence(column.description)) : ""] : h("span", { class: "muted" }, words);
  const plain = (value) => value === undefined ? h("span", { class: "muted" }, "not set") : h("span", { class: "mono" }, typeof value === "string" ? value : JSON.stringify(value));
  const rows = (titles, list) => h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, list)));
  const lists = (title, sides) => sides && section(title, h("ul", { class: "sides" },
    (sides.removed || []).map((words) => h("li", { class: "gone" }, h("i", { "aria-hidden": "true" }, "−"), h("span", { class: "unseen" }, "removed "), words)),
    (sides.added || []).map((words) => h("li", { class: "new" }, h("i", { "aria-hidden": "true" }, "+"), h("span", { class: "unseen" }, "added "), words))));
  return page("Changes of " + nameOf(change), h("div", { class: "crumbs" }, h("span", {}, h("a", { href: "#!/changes" }, "Changes")), h("span", {}, data.changes.name)),
    h("div", { class: "title" }, h("h1", {}, nameOf(change)), changeMark(change.change)),
    h("div", { class: "under" }, kindMark(thingOf(change)), node ? h("a", { href: routeOf(node) }, "Its page") : null),
    change.description && section("Description", textDiff(change.description)),
    change.columns && section("Columns", rows(["Column", "Before", "After"], change.columns.map((column) => h("tr", {},
      h("td", { class: "mono" }, column.name), h("td", {}, side("not there", column.before)), h("td", {}, side("removed", column.after)))))),
    Array.isArray(change.raw) && section("SQL as written", storedDiff(change.raw)),
    change.compiled && section("SQL as compiled", storedDiff(change.compiled)),
    typeof change.raw === "number" && section("SQL as it was", later(textOf(change.raw), codeBlock)),
    change.config && section("Config", rows(["Key", "Before", "After"], change.config.map((entry) => h("tr", {},
      h("td", { class: "mono" }, entry.key), h("td", {}, plain(entry.before)), h("td", {}, plain(entry.after)))))),
    change.relation && section("Relation", textDiff(change.relation)),
    lists("Inputs", change.parents), lists("Tests", change.tests),
    then || now ? section("Results", rows(["", "Result", "Rows", "Time"], [["Before", then], ["After", now]].map(([words, result]) => h("tr", {},
      h("th", { scope: "row" }, words), h("td", {}, result ? statusMark(result.status) : h("span", { class: "muted" }, "not run")),
      h("td", {}, result && result.rows !== undefined ? count(result.rows) : ""), h("td", {}, result ? duration(result.time) : ""))))) : null);
}

/** Nodes and tests that end otherwise now, then those whose time differs most. */
function resultChanges() {
  const both = [...nodes, ...tests].filter((thing) => thing.result && earlierResults.has(thing.id))
    .map((thing) => ({ thing, now: thing.result, then: earlierResults.get(thing.id) }));
  const other = both.filter(({ now, then }) => now.status !== then.status);
  const slower = both.filter(({ now, then }) => now.status === then.status && Math.abs(now.time - then.time) > 0.05)
    .sort((one, two) => Math.abs(two.now.time - two.then.time) - Math.abs(one.now.time - one.then.time)).slice(0, 15);
  const list = [...other, ...slower];
  if (!list.length) return null;
  const cell = (result) => h("td", { class: "number" }, result.status === "skipped" ? "" : duration(result.time));
  return section("Results and times", h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, ["Name", "Before", "After", "Rows before", "Rows after", "Time before", "Time after"].map((words, i) => h("th", { scope: "col", class: i > 2 ? "number" : null }, words)))),
    h("tbody", {}, list.map(({ thing, now, then }) => h("tr", {}, h("td", {}, thing.label ? h("a", { href: testRoute(thing) }, thing.name) : nodeLink(thing)),
      h("td", {}, statusMark(then.status)), h("td", {}, statusMark(now.status)),
      h("td", { class: "number" }, then.rows === undefined ? "" : count(then.rows)), h("td", { class: "number" }, now.rows === undefined ? "" : count(now.rows)),
      cell(then), cell(now)))))));
}

const storedDiff = ([before, after]) => later(Promise.all([textOf(before), textOf(after)]), textDiff);

/** The lines of two texts with what is only in one of them; long stretches that are the same are left out. */
function textDiff([before, after]) {
  const lines = lineDiff(before.trimEnd().split("\n"), after.trimEnd().split("\n"));
  const near = new Set();
  lines.forEach(({ sign }, at) => { if (sign) for (let i = at - 3; i <= at + 3; i += 1) near.add(i); });
  const pre = h("pre", { tabindex: "0", role: "region", "aria-label": "Difference" });
  let left = false;
  lines.forEach(({ sign, text }, at) => {
    if (near.has(at)) {
      pre.append(h("span", { class: "line " + (sign === "+" ? "new" : sign ? "gone" : "") }, h("i", { "aria-hidden": "true" }, sign || " "),
        sign ? h("span", { class: "unseen" }, sign === "+" ? "added: " : "removed: ") : null, text || " "));
    } else if (!left) pre.append(h("span", { class: "line rest" }, "…"));
    left = !near.has(at);
  });
  return h("div", { class: "code diff" }, pre);
}

/** The fewest lines to take out and put in, by the longest common part. */
function lineDiff(one, two) {
  let head = 0, tail = 0;
  while (head < one.length && head < two.length && one[head] === two[head]) head += 1;
  while (tail < one.length - head && tail < two.length - head && one[one.length - 1 - tail] === two[two.length - 1 - tail]) tail += 1;
  const from = one.slice(head, one.length - tail), to = two.slice(head, two.length - tail);
  const result = one.slice(0, head).map((text) => ({ sign: "", text }));
  if (from.length * to.length > 4e6) {
    result.push(...from.map((text) => ({ sign: "-", text })), ...to.map((text) => ({ sign: "+", text })));
  } else {
    const width = to.length + 1;
    const common = new Uint16Array((from.length + 1) * width);
    for (let i = from.length - 1; i >= 0; i -= 1) {
      for (let j = to.length - 1; j >= 0; j -= 1) {
        common[i * width + j] = from[i] === to[j] ? common[(i + 1) * width + j + 1] + 1 : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
      }
    }
    for (let i = 0, j = 0; i < from.length || j < to.length;) {
      if (i < from.length && j < to.length && from[i] === to[j]) { result.push({ sign: "", text: from[i] }); i += 1; j += 1; }
      else if (i < from.length && (j >= to.length || common[(i + 1) * width + j] >= common[i * width + j + 1])) { result.push({ sign: "-", text: from[i] }); i += 1; }
      else { result.push({ sign: "+", text: to[j] }); j += 1; }
    }
  }
  return [...result, ...one.slice(one.length - tail).map((text) => ({ sign: "", text }))];
}
