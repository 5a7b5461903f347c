// Markdown to elements: the parts of CommonMark that descriptions use, and tables.
// It builds elements and text, never HTML, so whatever a description holds can do no harm.

function markdown(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n");
  return h("div", { class: "prose" }, blocks(lines));
}

/** The first paragraph as plain text, for lists. */
function firstSentence(text) {
  const paragraph = (text || "").trim().split(/\n\s*\n/)[0] || "";
  return paragraph.replace(/^#+\s*/, "").replace(/[*`]+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])/g, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\s+/g, " ");
}

function blocks(lines) {
  const result = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    let match;
    if (!line.trim()) {
      at += 1;
    } else if ((match = line.match(/^ {0,3}(```+|~~~+)/))) {
      const body = [];
      at += 1;
      while (at < lines.length && !lines[at].trim().startsWith(match[1])) body.push(lines[at++]);
      at += 1;
      result.push(h("pre", {}, h("code", {}, body.join("\n"))));
    } else if ((match = line.match(/^ {0,3}(#{1,6})\s+(.*?)\s*#*$/))) {
      // The page has its own title; those of a text stand below it.
      result.push(h("h" + Math.min(match[1].length + 1, 4), {}, inline(match[2])));
      at += 1;
    } else if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) {
      result.push(h("hr"));
      at += 1;
    } else if (/^ {0,3}>/.test(line)) {
      const body = [];
      while (at < lines.length && /^ {0,3}>/.test(lines[at])) body.push(lines[at++].replace(/^ {0,3}> ?/, ""));
      result.push(h("blockquote", {}, blocks(body)));
    } else if (/^ {0,3}([-*+]|\d{1,9}[.)])\s+/.test(line)) {
      const [list, next] = listAt(lines, at);
      result.push(list);
      at = next;
    } else if (line.includes("|") && at + 1 < lines.length && /^ *\|?( *:?-+:? *\|)+ *:?-*:? *$/.test(lines[at + 1])) {
      const head = cells(line);
      const rows = [];
      at += 2;
      while (at < lines.length && lines[at].includes("|")) rows.push(cells(lines[at++]));
      result.push(h("table", {},
        h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, inline(cell))))),
        h("tbody", {}, rows.map((row) => h("tr", {}, head.map((_, i) => h("td", {}, inline(row[i] || ""))))))));
    } else if (/^ {4}/.test(line)) {
      const body = [];
      while (at < lines.length && (/^ {4}/.test(lines[at]) || !lines[at].trim())) body.push(lines[at++].slice(4));
      result.push(h("pre", {}, h("code", {}, body.join("\n").trimEnd())));
    } else {
      const body = [];
      while (at < lines.length && lines[at].trim() && !/^ {0,3}(#{1,6}\s|>|```|~~~|([-*+]|\d{1,9}[.)])\s)/.test(lines[at])) body.push(lines[at++]);
      if (!body.length) body.push(lines[at++]);
      // One text, so that emphasis and links may go over a line's end.
      const text = body.map((part, index) => {
        const isBroken = index + 1 < body.length && / {2,}$|\\$/.test(part);
        return isBroken ? part.trim().replace(/\\$/, "") + hardBreak : part.trim() + "\n";
      }).join("");
      result.push(h("p", {}, inline(text.trimEnd())));
    }
  }
  return result;
}

function listAt(lines, start) {
  const first = lines[start].match(/^( *)([-*+]|\d{1,9}[.)])(\s+)/);
  const ordered = /\d/.test(first[2]);
  const items = [];
  let at = start;
  let loose = false;
  while (at < lines.length) {
    const match = lines[at].match(/^( *)([-*+]|\d{1,9}[.)])(\s+)(.*)$/);
    if (!match || match[1].length > first[1].length + 1 || /\d/.test(match[2]) !== ordered) break;
    const indent = match[1].length + match[2].length + match[3].length;
    const body = [match[4]];
    at += 1;
    while (at < lines.length) {
      const inside = lines[at].search(/\S/);
      if (inside < 0) {
        if (at + 1 < lines.length && lines[at + 1].search(/\S/) >= indent) { body.push(""); at += 1; loose = true; continue; }
        break;
      }
      if (inside >= Math.min(indent, first[1].length + 2)) body.push(lines[at++].slice(Math.min(inside, indent)));
      else if (!/^ *([-*+]|\d{1,9}[.)])\s/.test(lines[at]) && lines[at - 1].trim()) body.push(lines[at++].trim());
      else break;
    }
    const content = blocks(body);
    items.push(h("li", {}, !loose && content.length && content[0].tagName === "P"
      ? [...content[0].childNodes, ...content.slice(1)] : content));
    while (at + 1 < lines.length && !lines[at].trim() && /^ *([-*+]|\d{1,9}[.)])\s/.test(lines[at + 1])) at += 1;
  }
  return [h(ordered ? "ol" : "ul", {}, items), at];
}

const cells = (line) => line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|").map((cell) => cell.trim());

/** Stands for a line break that was asked for; no text of a person holds it. */
const hardBreak = "\u2028";

const inlinePattern = /(`+)([\s\S]*?[^`])\1(?!`)|!?\[([^\]]*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)|<((?:https?:|mailto:)[^\s>]+)>|(\*\*|__)(?=\S)([\s\S]*?\S)\6|(\*|_)(?=\S)([\s\S]*?\S)\8(?![A-Za-z0-9])|~~(?=\S)([\s\S]*?\S)~~|\\([\\`*_{}\[\]()#+.!<>|~-])|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/;

function inline(text) {
  const result = [];
  let rest = text;
  let before = "";
  while (rest) {
    const match = rest.match(inlinePattern);
    if (!match) break;
    const lead = rest.slice(0, match.index);
    before += lead;
    const taken = match[0];
    // An underscore inside a word is a letter: order_id.
    if ((match[6] === "__" || match[8] === "_") && /[A-Za-z0-9]$/.test(before)) {
      before += taken[0];
      rest = rest.slice(match.index + 1);
      continue;
    }
    pushText(result, before);
    before = "";
    if (match[1]) result.push(h("code", {}, match[2].replace(/[\n\u2028]/g, " ").trim()));
    else if (match[4] !== undefined && taken[0] === "!" && isPicture(match[4])) result.push(picture(match[4], match[3]));
    else if (match[4] !== undefined) result.push(link(match[4], match[3] ? inline(match[3]) : [match[4]]));
    else if (match[5]) result.push(link(match[5], [match[5]]));
    else if (match[7]) result.push(h("strong", {}, inline(match[7])));
    else if (match[9]) result.push(h("em", {}, inline(match[9])));
    else if (match[10]) result.push(h("del", {}, inline(match[10])));
    else if (match[11]) result.push(match[11]);
    else result.push(link(match[12], [match[12]]));
    rest = rest.slice(match.index + taken.length);
  }
  pushText(result, before + rest);
  return result;
}

function pushText(result, text) {
  text.split(hardBreak).forEach((part, index) => {
    if (index) result.push(h("br"));
    if (part) result.push(part);
  });
}

/** A picture that belongs to the project: a file beside the page, or part of it. What stands elsewhere is a link. */
const isPicture = (target) => /^data:image\/(png|jpe?g|gif|webp|avif);base64,/i.test(target) || !/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(target);

function picture(target, words) {
  const path = target.replace(/^\.?\//, "");
  return h("img", { src: (data.images || {})[path] || (target.startsWith("data:") ? target : path), alt: words || "", loading: "lazy" });
}

/** Links lead to the web, to mail or into this page; anything else is only text. */
function link(target, content) {
  if (/^#/.test(target)) return h("a", { href: target }, content);
  if (/^(https?:\/\/|mailto:)/i.test(target)) {
    return h("a", { href: target, rel: "noopener noreferrer", target: "_blank" }, content);
  }
  return h("span", {}, content);
}
