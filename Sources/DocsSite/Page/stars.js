// Pictures of the star: a fact with its dimensions, how attributes change, and members through time.

const diagramForms = [["Mermaid", "mermaid", "mmd"], ["DOT", "dot", "dot"], ["DBML", "dbml", "dbml"], ["SVG", "svg", "svg"]];

/** The crow's foot diagram; its boxes lead to their nodes. */
function starDiagram(node) {
  const { diagram } = node;
  if (!diagram) return null;
  const picture = document.importNode(new DOMParser().parseFromString(diagram.svg, "image/svg+xml").documentElement, true);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", "The star of " + node.name);
  for (const box of picture.querySelectorAll("[data-name]")) {
    const target = nodes.find((other) => other.name === box.dataset.name && other.type === "model");
    if (!target) continue;
    const anchor = svg("a", { href: routeOf(target), "aria-label": target.name });
    box.replaceWith(anchor);
    anchor.append(box);
  }
  const said = h("span", { class: "muted", role: "status" });
  const button = (words, action) => h("button", { class: "button", type: "button", onclick: action }, words);
  const forms = diagramForms.map(([name, form, ending]) => h("span", { class: "form" }, h("span", { class: "muted" }, name),
    button("Copy", async () => {
      await copyText(diagram[form]);
      said.textContent = name + " is copied";
    }),
    h("a", { class: "button", download: node.name + "." + ending, href: "data:text/plain;charset=utf-8," + encodeURIComponent(diagram[form]) }, "Download")));
  return section("Diagram", h("div", { class: "forms" }, forms, said), h("div", { class: "star scroll" }, picture));
}

const changeWords = {
  0: "keeps its first value", 1: "is overwritten in every version", 2: "makes a new version",
  3: "is overwritten; the value before stays beside it", 6: "makes a new version; the latest value stands beside it in all of them",
  7: "makes a new version; the durable key leads to the newest",
};
const besides = { 3: "previous_", 6: "current_" };

/** What becomes of each attribute when it changes. */
function changeTable(node) {
  const keys = new Set(node.dimension.naturalKey || []);
  const changing = node.columns.filter((column) => column.scd && !keys.has(column.name));
  if (!changing.length) return null;
  return [h("h3", {}, "How attributes change"), h("div", { class: "scroll" }, h("table", { class: "changes" },
    h("thead", {}, h("tr", {}, ["Attribute", "Type", "A change", "Beside it"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, changing.map((column) => h("tr", {}, h("td", { class: "mono" }, column.name), h("td", {}, "Type " + column.scd),
      h("td", { class: "muted" }, changeWords[column.scd]), h("td", { class: "mono" }, besides[column.scd] ? besides[column.scd] + column.name : ""))))))];
}

/** Milliseconds since 1970 of a time as the server writes it; without end for infinity, undefined for anything else. */
function timeOf(text) {
  if (text === null || text === undefined || text === "infinity") return Infinity;
  if (text === "-infinity") return -Infinity;
  const zoned = text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
  const time = Date.parse(/T.*(Z|[+-]\d\d:\d\d)$/.test(zoned) ? zoned : zoned.includes("T") ? zoned + "Z" : zoned);
  return Number.isNaN(time) ? undefined : time;
}

/** The members that the page was written with: their versions as bars on a common axis, and what differs between them. */
function timelines(node) {
  const { dimension } = node;
  const histories = dimension && dimension.histories;
  if (!histories || !histories.length || !dimension.validity) return null;
  return section("History", h("p", { class: "muted" }, "Members that this page was written with."), histories.map((history) => timeline(node, history)));
}

function timeline(node, { key, columns, versions }) {
  const [fromName, toName] = node.dimension.validity;
  const [from, to] = [columns.indexOf(fromName), columns.indexOf(toName)];
  const hidden = new Set([fromName, toName, node.dimension.surrogateKey, ...(node.dimension.naturalKey || []), "is_current", "stated_at", "is_inferred"]);
  const shown = columns.map((name, index) => ({ name, index })).filter(({ name }) => !hidden.has(name));
  const moving = shown.filter(({ index }) => new Set(versions.map((version) => version[index])).size > 1);
  const told = moving.length ? moving : shown.slice(0, 1);
  const spans = versions.map((version) => [timeOf(version[from]), timeOf(version[to])]);
  const known = spans.flat().filter((time) => Number.isFinite(time));
  const first = Math.min(...known), last = Math.max(...known), room = (last - first || 86400000) * .18;
  const left = known.length ? first - (spans.some(([start]) => start === -Infinity) ? room : 0) : 0;
  const right = known.length ? last + (spans.some(([, end]) => end === Infinity) ? room : 0) : 1;
  const width = 930, x = (time) => time === undefined ? 0 : Math.max(0, Math.min(1, (time - left) / (right - left || 1))) * (width - 8) + 4;
  const name = key.join(", ");
  const picture = svg("svg", { viewBox: `0 0 ${width} 54`, role: "img", "aria-label": things(versions.length, "version") + " of " + name });
  versions.forEach((version, index) => {
    const [start, end] = [x(spans[index][0]), x(spans[index][1])];
    const words = told.map(({ index: column }) => version[column] ?? "NULL").join(", ");
    const room = Math.floor((end - start - 14) / 7);
    picture.append(svg("g", { class: "version" + (spans[index][1] === Infinity ? " current" : "") },
      svg("title", {}, words + "\n" + version[from] + " up to " + (version[to] ?? "now")),
      svg("rect", { x: start, y: 4, width: Math.max(2, end - start - 2), height: 26, rx: 4 }),
      room > 2 ? svg("text", { x: start + 8, y: 21 }, words.length > room ? words.slice(0, room - 1) + "…" : words) : null));
  });
  if (known.length) [[first, "start"], [last, last === first ? null : "end"]].forEach(([time, anchor]) => anchor && picture.append(
    svg("text", { class: "axis", x: x(time), y: 48, "text-anchor": x(time) > width - 90 ? "end" : x(time) < 90 ? "start" : "middle" }, new Date(time).toISOString().slice(0, 10))));
  const order = [node.dimension.surrogateKey, fromName, toName].map((column) => ({ name: column, index: columns.indexOf(column) })).filter(({ index }) => index >= 0);
  return h("div", { class: "timeline" }, h("h3", {}, h("span", { class: "mono" }, name), " ", h("span", { class: "muted" }, things(versions.length, "version"))), picture,
    h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, [...order, ...told].map((column) => h("th", { scope: "col" }, column.name)))),
      h("tbody", {}, versions.map((version, row) => h("tr", {},
        order.map((column) => h("td", { class: "nowrap" }, version[column.index] ?? "")),
        told.map((column) => h("td", { class: row && version[column.index] !== versions[row - 1][column.index] ? "changed" : null },
          version[column.index] === null ? h("span", { class: "faint" }, "NULL") : version[column.index]))))))));
}
