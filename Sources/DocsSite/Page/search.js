// Search over names, columns, tags, descriptions, tests and SQL; results as one types.

const mostHits = 30;
let searchEntries = null;

/** Everything that can be found, with one text each that says at once whether it can be meant. */
function searchIndex() {
  if (searchEntries) return searchEntries;
  const entry = (thing, title, label, kind, route, more) => {
    const name = title.toLowerCase();
    const description = thing.description || "";
    const found = { thing, title, name, label, kind, route, description, columns: [], tags: [], sql: [thing.raw, thing.compiled], ...more };
    found.columnNames = found.columns.map((column) => column.name.toLowerCase());
    found.all = [name, description, ...found.tags, ...found.columns.flatMap((column) => [column.name, column.description || ""]),
      thing.owner, thing.group, thing.relation].filter(Boolean).join("\n").toLowerCase();
    return found;
  };
  searchEntries = [
    ...nodes.map((node) => entry(node, node.name, kindNames[node.kind], node.kind, routeOf(node), { columns: node.columns, tags: node.tags })),
    ...[...new Set(nodes.flatMap((node) => node.tags))].map((tag) => entry({}, "#" + tag, "Tag", "model", "#!/tag/" + encodeURIComponent(tag))),
    ...data.macros.map((macro) => entry(macro, macro.name, "Macro", "model", "#!/macro/" + encodeURIComponent(macro.id))),
    ...tests.map((test) => entry(test, test.name, "Test", "model", testRoute(test), { tags: test.tags || [], isTest: true })),
  ];
  return searchEntries;
}

/** Long texts in lower case by their number, once they have been asked for. */
let searchedTexts = null;
let openingTexts = null;

function openTexts() {
  openingTexts ??= allTexts().then((texts) => { searchedTexts = texts.map((text) => text.toLowerCase()); });
  return openingTexts;
}

const searchWords = (query) => query.toLowerCase().split(/\s+/).filter(Boolean);

/** How well an entry answers one word; 0 when it does not. */
function score(entry, word) {
  const at = entry.name.indexOf(word);
  if (at === 0) return entry.name.length === word.length ? 100 : 80;
  if (at > 0) return "_.#".includes(entry.name[at - 1]) ? 70 : 60;
  let best = 0;
  for (const column of entry.columnNames) {
    const place = column.indexOf(word);
    if (place < 0) continue;
    if (column.length === word.length) return 50;
    best = Math.max(best, place === 0 ? 42 : 40);
  }
  if (best) return best;
  if (entry.tags.some((tag) => tag.toLowerCase().includes(word))) return 35;
  return entry.description.toLowerCase().includes(word) ? 20 : 15;
}

/** Entries that hold every word of the query, the best first; those that only their SQL betrays come last. */
function search(query) {
  const words = searchWords(query);
  if (!words.length) return [];
  const hits = [];
  const isBetter = (one, two) => one.score > two.score || (one.score === two.score && one.entry.name < two.entry.name);
  for (const entry of searchIndex()) {
    if (!words.every((word) => entry.all.includes(word))) continue;
    let sum = 0;
    for (const word of words) sum += score(entry, word);
    const hit = { entry, score: sum - entry.name.length / 100 - (entry.isTest ? 12 : 0) };
    if (hits.length === mostHits && !isBetter(hit, hits[mostHits - 1])) continue;
    // Thousands may answer, thirty are shown: the list stays in order as it grows.
    let place = hits.length;
    while (place > 0 && isBetter(hit, hits[place - 1])) place -= 1;
    hits.splice(place, 0, hit);
    if (hits.length > mostHits) hits.pop();
  }
  if (searchedTexts && query.length > 2 && hits.length < mostHits) {
    for (const entry of searchIndex()) {
      if (words.every((word) => entry.all.includes(word))) continue;
      const text = entry.sql.find((number) => number !== undefined && words.every((word) => searchedTexts[number].includes(word)));
      if (text === undefined) continue;
      hits.push({ entry, score: 5, context: { label: "SQL ", text: lineWith(searchedTexts[text], words[0]), words } });
      if (hits.length >= mostHits) break;
    }
  }
  return hits;
}

const lineWith = (text, word) => {
  const at = text.indexOf(word);
  return text.slice(text.lastIndexOf("\n", at) + 1, at + 100).split("\n")[0].trim();
};

/** What of an entry answered, when it was not the name. */
function contextOf(entry, words) {
  for (const word of words) {
    if (entry.name.includes(word)) continue;
    const column = entry.columns.find((column) => column.name.toLowerCase().includes(word));
    if (column) return { label: "column ", text: column.name, words };
    const tag = entry.tags.find((tag) => tag.toLowerCase().includes(word));
    if (tag) return { label: "tag ", text: tag, words };
    if (entry.description.toLowerCase().includes(word)) return { label: "", text: excerpt(entry.description, word), words };
    const described = entry.columns.find((column) => (column.description || "").toLowerCase().includes(word));
    if (described) return { label: described.name + ": ", text: excerpt(described.description, word), words };
  }
  return null;
}

function excerpt(text, word) {
  const plain = text.replace(/\s+/g, " ");
  const at = plain.toLowerCase().indexOf(word);
  const start = Math.max(0, at - 36);
  return (start > 0 ? "…" : "") + plain.slice(start, start + 120);
}

function marked(text, words) {
  const pattern = new RegExp("(" + words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") + ")", "gi");
  return text.split(pattern).map((part, index) => index % 2 ? h("mark", {}, part) : part);
}

function setUpSearch(go) {
  const input = document.getElementById("search");
  const list = document.getElementById("results");
  let hits = [];
  let chosen = -1;

  function show() {
    const query = input.value.trim();
    const words = searchWords(query);
    hits = search(query);
    chosen = hits.length ? 0 : -1;
    list.replaceChildren(...hits.map((hit, index) => {
      const context = hit.context || contextOf(hit.entry, words);
      return h("li", {
        role: "option", id: "result-" + index, "aria-selected": String(index === chosen),
        onmousemove: () => choose(index), onmousedown: (event) => { event.preventDefault(); choose(index); open(); },
      },
        h("span", { class: "hit" }, h("strong", {}, marked(hit.entry.title, words)),
          h("span", { class: "kind", style: "--hue: var(--" + hit.entry.kind + ")" }, hit.entry.label)),
        h("span", { class: "context" }, context ? [context.label, marked(context.text, context.words)] : firstSentence(hit.entry.description)));
    }));
    if (query && !hits.length) list.append(h("li", { class: "none", role: "option", "aria-disabled": "true" }, "Nothing is called or described like this"));
    list.hidden = !query;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(chosen);
    // SQL is opened when it is first wanted; what it adds follows.
    if (query.length > 2 && !searchedTexts) openTexts().then(() => { if (input.value.trim() === query) show(); });
  }

  function choose(index) {
    if (list.children[chosen]) list.children[chosen].setAttribute("aria-selected", "false");
    chosen = index;
    if (index >= 0) {
      list.children[index].setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", "result-" + index);
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function open() {
    if (chosen < 0) return;
    const { entry } = hits[chosen];
    close();
    input.value = "";
    input.blur();
    go(entry);
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", () => { searchIndex(); if (input.value.trim()) show(); });
  input.addEventListener("blur", () => setTimeout(close, 120));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!hits.length) return;
      choose((chosen + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      open();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (list.hidden || !input.value) input.blur();
      input.value = "";
      close();
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if ((event.key === "/" && !typing) || (event.key === "k" && (event.metaKey || event.ctrlKey))) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}
