// Search over names, columns, tags and descriptions; results as one types.

const searchIndex = [
  ...nodes.map((node) => ({
    node, route: routeOf(node), name: node.name.toLowerCase(), title: node.name, label: kindNames[node.kind], kind: node.kind,
    columns: node.columns.map((column) => ({
      name: column.name, lower: column.name.toLowerCase(), text: (column.description || "").toLowerCase(), description: column.description || "",
    })),
    tags: node.tags.map((tag) => tag.toLowerCase()), description: node.description || "", text: (node.description || "").toLowerCase(),
  })),
  ...data.macros.map((macro) => ({
    route: "#!/macro/" + encodeURIComponent(macro.id), name: macro.name.toLowerCase(), title: macro.name, label: "Macro", kind: "model",
    columns: [], tags: [], description: macro.description || "", text: (macro.description || "").toLowerCase(),
  })),
];

/** Entries that hold every word of the query, the best first. */
function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const found = [];
  for (const entry of searchIndex) {
    let score = 0;
    let context = null;
    for (const word of words) {
      let best = 0;
      if (entry.name === word) best = 100;
      else if (entry.name.startsWith(word)) best = 80;
      else if (entry.name.includes("_" + word) || entry.name.includes("." + word)) best = 70;
      else if (entry.name.includes(word)) best = 60;
      if (best < 50) {
        const column = entry.columns.find((column) => column.lower.startsWith(word)) || entry.columns.find((column) => column.lower.includes(word));
        if (column) { best = column.lower === word ? 50 : 40; context = context || { label: "column ", text: column.name, words: [word] }; }
      }
      if (!best && entry.tags.some((tag) => tag.includes(word))) { best = 35; context = context || { label: "tag ", text: entry.tags.find((tag) => tag.includes(word)), words: [word] }; }
      if (!best && entry.text.includes(word)) { best = 20; context = context || { text: excerpt(entry.description, word), words: [word] }; }
      if (!best) {
        const column = entry.columns.find((column) => column.text.includes(word));
        if (column) { best = 15; context = context || { label: column.name + ": ", text: excerpt(column.description, word), words: [word] }; }
      }
      if (!best) { score = 0; break; }
      score += best;
    }
    if (score) found.push({ entry, score: score - entry.name.length / 100, context });
  }
  return found.sort((one, two) => two.score - one.score || (one.entry.name < two.entry.name ? -1 : 1)).slice(0, 40);
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
    hits = search(query);
    chosen = hits.length ? 0 : -1;
    list.replaceChildren(...hits.map((hit, index) => h("li", {
      role: "option", id: "result-" + index, "aria-selected": String(index === chosen),
      onmousemove: () => choose(index), onmousedown: (event) => { event.preventDefault(); choose(index); open(); },
    },
      h("span", { class: "hit" }, h("strong", {}, marked(hit.entry.title, query.split(/\s+/))),
        h("span", { class: "kind", style: "--hue: var(--" + hit.entry.kind + ")" }, hit.entry.label)),
      h("span", { class: "context" }, hit.context ? [hit.context.label, marked(hit.context.text, hit.context.words)] : firstSentence(hit.entry.description)))));
    if (query && !hits.length) list.append(h("li", { class: "none" }, "Nothing is called or described like this"));
    list.hidden = !query;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(chosen);
  }

  function choose(index) {
    chosen = index;
    [...list.children].forEach((item, position) => item.setAttribute("aria-selected", String(position === index)));
    if (index >= 0) input.setAttribute("aria-activedescendant", "result-" + index);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function open() {
    if (chosen < 0) return;
    const route = hits[chosen].entry.route;
    close();
    input.value = "";
    input.blur();
    go(route);
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", () => { if (input.value.trim()) show(); });
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
