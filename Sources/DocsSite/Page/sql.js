// SQL with Jinja in it, coloured line by line.

const keywords = new Set(("all and any as asc between by case cast collate create cross current_date current_timestamp " +
  "delete desc distinct do else end except exists extract false fetch filter first following for from full group grouping " +
  "having ilike in inner insert intersect interval into is isnull join last lateral left like limit materialized merge natural " +
  "not null nulls offset on only or order outer over partition preceding range recursive returning right row rows select set " +
  "similar some table tablesample then ties to true unbounded union unnest update using values view when where window with within without").split(" "));

const sqlPattern = /(--[^\n]*|\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\})|(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})|('(?:[^']|'')*')|("(?:[^"]|"")*")|(\b\d+(?:\.\d+)?\b)|([A-Za-z_][A-Za-z0-9_]*)(?=(\s*\()?)/g;

/** A block of code with numbered lines and a copy button. */
function codeBlock(text) {
  const source = text.replace(/\s+$/, "");
  const pre = h("pre", { tabindex: "0", "aria-label": "SQL" });
  let row = h("span", { class: "row" });
  const add = (piece, name) => {
    piece.split("\n").forEach((part, index) => {
      if (index > 0) {
        pre.append(row);
        row = h("span", { class: "row" });
      }
      if (part) row.append(name ? h("span", { class: name }, part) : part);
    });
  };
  let last = 0;
  for (const match of source.matchAll(sqlPattern)) {
    const name = match[1] ? "c" : match[2] ? "t" : match[3] ? "s" : match[5] ? "n"
      : match[6] ? (keywords.has(match[6].toLowerCase()) ? "k" : match[7] ? "f" : "") : "";
    if (!name) continue;
    if (match.index > last) add(source.slice(last, match.index));
    add(match[0], name);
    last = match.index + match[0].length;
  }
  add(source.slice(last));
  pre.append(row);
  return h("div", { class: "code" }, pre, copyButton(text, "button"));
}
