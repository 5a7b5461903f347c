// The tree at the side: by folder, by kind, by schema.

const sidebar = document.getElementById("sidebar");
let treeView = "folders";

function treeOf(view) {
  const root = { folders: new Map(), nodes: [], size: 0 };
  for (const node of nodes) {
    if (node.hidden) continue;
    let path;
    if (view === "kinds") path = [kindPlural(node.kind)];
    else if (view === "schemas") path = node.relation ? node.relation.replace(/"/g, "").split(".").slice(0, -1) : ["not in the database"];
    else path = [node.package, ...(node.path || "").split("/").slice(0, -1)];
    let place = root;
    for (const part of path) {
      if (!place.folders.has(part)) place.folders.set(part, { folders: new Map(), nodes: [], size: 0 });
      place = place.folders.get(part);
      place.size += 1;
    }
    place.nodes.push(node);
  }
  return root;
}

const holds = (place, node) => place.nodes.includes(node) || [...place.folders.values()].some((folder) => holds(folder, node));

function branch(place, depth, current) {
  const names = [...place.folders.keys()];
  if (depth > 0 || names[0] !== data.project.name) names.sort();
  return [
    ...names.map((name) => {
      const folder = place.folders.get(name);
      const list = h("ul", {});
      const open = (current && holds(folder, current)) || (depth < 2 && folder.size < 60) || depth === 0;
      const fillList = () => { if (!list.childElementCount) append(list, branch(folder, depth + 1, current)); };
      if (open) fillList();
      return h("li", {}, h("details", { open, ontoggle: fillList },
        h("summary", {}, name, h("span", { class: "count" }, count(folder.size))), list));
    }),
    ...[...place.nodes].sort((one, two) => one.name < two.name ? -1 : 1).map((node) => {
      const { tone, sign } = look(health(node));
      return h("li", {}, h("a", { href: routeOf(node), title: node.name, "data-id": node.id, "aria-current": node === current ? "page" : null },
        dot(node.kind), h("span", {}, node.name),
        tone === "bad" || tone === "warn" ? h("span", { class: "flag " + tone, title: health(node) }, sign) : null));
    }),
  ];
}

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
