// The lineage graph. Places come with the data; this draws them on a canvas, which stays smooth with
// thousands of nodes where elements of their own would not.

const boxWidth = 196;
const boxHeight = 32;
const rowPitch = 46;
const wholePoints = data.layout.points;
/** Where each node stands now: in the whole picture, or moved together with those it belongs to. */
let points = wholePoints;

/** Each edge as a chain of x, y with its frame, so that what is out of sight costs nothing. */
const wholeLines = data.layout.edges.map(([from, to, ...bends]) => lineThrough(from, to, bends));
let lines = wholeLines;

function lineThrough(from, to, bends) {
  const chain = [[points[from][0] + boxWidth / 2, points[from][1]]];
  for (const [x, y] of bends) chain.push([x - boxWidth / 2, y], [x + boxWidth / 2, y]);
  chain.push([points[to][0] - boxWidth / 2, points[to][1]]);
  const xs = chain.map((point) => point[0]);
  const ys = chain.map((point) => point[1]);
  return { from, to, chain, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/**
 * Places for some of the nodes alone: their columns stay and close up, in each they keep their order and
 * move towards the middle of their neighbours.
 */
function gather(chosen) {
  const columns = new Map();
  for (const index of chosen) {
    const x = wholePoints[index][0];
    if (!columns.has(x)) columns.set(x, []);
    columns.get(x).push(index);
  }
  const places = [...wholePoints];
  const order = [...columns.keys()].sort((one, two) => one - two).map((x) => columns.get(x).sort((one, two) => wholePoints[one][1] - wholePoints[two][1]));
  order.forEach((column, position) => column.forEach((index, row) => { places[index] = [position * 250, (row - (column.length - 1) / 2) * rowPitch]; }));
  for (let sweep = 0; sweep < 8; sweep += 1) {
    for (const column of sweep % 2 ? [...order].reverse() : order) {
      const wanted = new Map(column.map((index) => {
        const near = [...nodes[index].parents, ...nodes[index].children].filter((other) => chosen.has(other));
        return [index, near.length ? near.reduce((sum, other) => sum + places[other][1], 0) / near.length : places[index][1]];
      }));
      column.sort((one, two) => wanted.get(one) - wanted.get(two));
      // Neighbours that would overlap form a block, which moves to the mean of its members' wishes.
      const blocks = [];
      column.forEach((index, row) => {
        blocks.push({ sum: wanted.get(index) - row * rowPitch, count: 1 });
        while (blocks.length > 1) {
          const [before, last] = blocks.slice(-2);
          if (before.sum / before.count < last.sum / last.count) break;
          blocks.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
        }
      });
      let row = 0;
      for (const block of blocks) {
        for (let i = 0; i < block.count; i += 1, row += 1) places[column[row]] = [places[column[row]][0], block.sum / block.count + row * rowPitch];
      }
    }
  }
  return places;
}

/** Everything that leads to a node or comes from it, with the number of steps. */
function reach(start, neighbours, depth) {
  const found = new Map([[start, 0]]);
  let layer = [start];
  for (let step = 1; layer.length && step <= depth; step += 1) {
    const next = [];
    for (const index of layer) {
      for (const other of nodes[index][neighbours]) {
        if (!found.has(other)) { found.set(other, step); next.push(other); }
      }
    }
    layer = next;
  }
  return found;
}

class LineageGraph {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.changed = changed;
    this.view = { scale: 1, x: 0, y: 0 };
    this.focus = null;
    this.up = Infinity;
    this.down = Infinity;
    this.colour = "kind";
    this.hiddenKinds = new Set();
    this.tag = "";
    this.folder = "";
    // In a large graph what belongs to a node lies far apart, so it is shown alone.
    this.alone = nodes.length > 120;
    this.hover = null;
    this.labels = new Map();
    this.listen();
    this.refilter();
    this.readColours();
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(canvas);
    this.resize();
  }

  stop() {
    this.watcher.disconnect();
    cancelAnimationFrame(this.frame);
  }

  // What is shown

  refilter() {
    this.shown = nodes.map((node) => !this.hiddenKinds.has(node.kind) && !node.hidden
      && (!this.tag || node.tags.includes(this.tag))
      && (!this.folder || ("/" + (node.path || "")).includes("/" + this.folder + "/") || (node.package === this.folder)));
    this.related = null;
    if (this.focus !== null) {
      this.related = new Set([...reach(this.focus, "parents", this.up).keys(), ...reach(this.focus, "children", this.down).keys()]);
    }
    const alone = this.alone && this.related;
    if (alone) {
      this.shown = this.shown.map((shown, index) => this.related.has(index) && (shown || index === this.focus));
      points = gather(new Set([...this.related].filter((index) => this.shown[index])));
      lines = wholeLines.filter((line) => this.shown[line.from] && this.shown[line.to]).map((line) => lineThrough(line.from, line.to, []));
    } else {
      points = wholePoints;
      lines = wholeLines;
    }
    this.draw();
  }

  setFocus(index, moves) {
    // The node that one presses stays where it is, whatever is drawn around it.
    const anchor = index ?? this.focus;
    const before = anchor === null ? null : this.locate(anchor);
    this.focus = index;
    this.refilter();
    if (before && this.alone) {
      const after = this.locate(anchor);
      this.view.x += before[0] - after[0];
      this.view.y += before[1] - after[1];
    }
    if (index !== null) {
      const node = nodes[index];
      announce(node.name + ", " + kindNames[node.kind].toLowerCase() + ", " + things(node.parents.length, "parent") + ", " + things(node.children.length, "child", "children"));
    }
    if (moves) this.fit(true);
    this.changed();
  }

  /** Shows all that is visible, or all that belongs to the focused node. */
  fit(animated) {
    const inside = nodes.filter((node) => this.shown[node.index] && (!this.related || this.related.has(node.index)));
    if (!inside.length || !this.width) return;
    const xs = inside.map((node) => points[node.index][0]);
    const ys = inside.map((node) => points[node.index][1]);
    const left = Math.min(...xs) - boxWidth / 2, right = Math.max(...xs) + boxWidth / 2;
    const top = Math.min(...ys) - boxHeight / 2, bottom = Math.max(...ys) + boxHeight / 2;
    const panel = this.focus !== null && this.width > 900 ? 350 : 0;
    const width = this.width - 64 - panel, height = this.height - 150;
    const whole = Math.min(1.15, width / (right - left), height / (bottom - top));
    // A picture in which nothing could be told apart helps nobody: then it begins at its upper left.
    const scale = this.fitted || this.focus !== null ? Math.max(0.03, whole) : Math.max(0.55, whole);
    this.fitted = true;
    if (scale > whole) {
      this.moveTo({ scale, x: 32 - scale * left, y: 70 - scale * top }, animated);
      return;
    }
    this.moveTo({ scale, x: 32 + width / 2 - scale * (left + right) / 2, y: 70 + height / 2 - scale * (top + bottom) / 2 }, animated);
  }

  moveTo(view, animated) {
    cancelAnimationFrame(this.frame);
    if (!animated || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.view = view;
      this.draw();
      return;
    }
    const start = { ...this.view };
    const began = performance.now();
    const step = (now) => {
      const part = Math.min(1, (now - began) / 260);
      const ease = 1 - (1 - part) ** 3;
      for (const key of ["scale", "x", "y"]) this.view[key] = start[key] + (view[key] - start[key]) * ease;
      this.paint();
      if (part < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  zoom(factor, x = this.width / 2, y = this.height / 2, animated = false) {
    const scale = Math.max(0.03, Math.min(3, this.view.scale * factor));
    const ratio = scale / this.view.scale;
    this.moveTo({ scale, x: x - (x - this.view.x) * ratio, y: y - (y - this.view.y) * ratio }, animated);
  }

  // Drawing

  readColours() {
    const style = getComputedStyle(document.documentElement);
    this.colours = {};
    for (const name of [...kindOrder, "surface", "text", "muted", "faint", "line", "line-strong", "accent", "accent-soft", "good", "warn", "bad", "idle"]) {
      this.colours[name] = style.getPropertyValue("--" + name).trim();
    }
    this.font = style.getPropertyValue("--sans");
    this.draw();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const first = !this.width;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    if (first && this.width) this.fit(false);
    this.paint();
  }

  /** Draws before the next frame, however often it is asked. */
  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.paint(); });
  }

  hue(node) {
    if (this.colour === "kind") return this.colours[node.kind];
    const { tone } = look(health(node));
    return tone === "none" ? this.colours["line-strong"] : this.colours[tone];
  }

  paint() {
    if (!this.width || !this.colours) return;
    const { context, view } = this;
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    const sight = {
      left: -view.x / view.scale, right: (this.width - view.x) / view.scale,
      top: -view.y / view.scale, bottom: (this.height - view.y) / view.scale,
    };
    this.paintLines(sight);
    this.paintBoxes(sight);
  }

  paintLines(sight) {
    const { context } = this;
    const faint = [], plain = [], strong = [];
    for (const line of lines) {
      if (line.right < sight.left || line.left > sight.right || line.bottom < sight.top || line.top > sight.bottom) continue;
      if (!this.shown[line.from] || !this.shown[line.to]) continue;
      if (this.related) (this.related.has(line.from) && this.related.has(line.to) ? strong : faint).push(line);
      else if (this.hover !== null && (line.from === this.hover || line.to === this.hover)) strong.push(line);
      else plain.push(line);
    }
    const width = Math.max(1.2, 0.9 / this.view.scale);
    this.strokeAll(faint, this.colours["line-strong"], width * 0.8, 0.28);
    this.strokeAll(plain, this.colours["line-strong"], width, 0.9);
    this.strokeAll(strong, this.colours.accent, width * 1.35, 0.9);
    context.globalAlpha = 1;
  }

  strokeAll(group, colour, width, alpha) {
    if (!group.length) return;
    const { context } = this;
    context.beginPath();
    for (const { chain } of group) {
      context.moveTo(chain[0][0], chain[0][1]);
      for (let i = 1; i < chain.length; i += 1) {
        const [x0, y0] = chain[i - 1];
        const [x1, y1] = chain[i];
        // Between columns a curve, through a column a straight piece.
        if (y0 === y1) context.lineTo(x1, y1);
        else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
      }
    }
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.stroke();
  }

  paintBoxes(sight) {
    const { context, colours, view } = this;
    const small = view.scale < 0.42;
    context.textBaseline = "middle";
    context.font = "500 13px " + this.font;
    for (const node of nodes) {
      if (!this.shown[node.index]) continue;
      const [x, y] = points[node.index];
      if (x + boxWidth / 2 < sight.left || x - boxWidth / 2 > sight.right || y + boxHeight < sight.top || y - boxHeight > sight.bottom) continue;
      const away = this.related && !this.related.has(node.index);
      const left = x - boxWidth / 2, top = y - boxHeight / 2;
      context.globalAlpha = away ? 0.2 : 1;
      if (small) {
        // From afar only colour can be told.
        context.fillStyle = this.hue(node);
        context.fillRect(left, top, boxWidth, boxHeight);
        if (node.index === this.focus) this.frameBox(left - 4, top - 4, boxWidth + 8, boxHeight + 8, colours.accent, 3 / view.scale);
        continue;
      }
      const focused = node.index === this.focus, over = node.index === this.hover;
      context.beginPath();
      context.roundRect(left, top, boxWidth, boxHeight, 7);
      context.fillStyle = focused ? colours["accent-soft"] : colours.surface;
      context.fill();
      context.save();
      context.clip();
      context.fillStyle = this.hue(node);
      context.fillRect(left, top, 5, boxHeight);
      context.restore();
      this.frameBox(left, top, boxWidth, boxHeight, focused || over ? colours.accent : colours["line-strong"], focused ? 2 : 1);
      const { tone, sign } = look(health(node));
      const marked = tone !== "none" && (this.colour === "result" || tone === "bad" || tone === "warn");
      context.fillStyle = colours.text;
      context.fillText(this.label(node, marked), left + 15, y + 0.5);
      if (marked) {
        context.fillStyle = colours[tone];
        context.font = "700 12px " + this.font;
        context.textAlign = "right";
        context.fillText(sign, left + boxWidth - 11, y + 0.5);
        context.textAlign = "left";
        context.font = "500 13px " + this.font;
      }
    }
    context.globalAlpha = 1;
  }

  frameBox(left, top, width, height, colour, thickness) {
    const { context } = this;
    context.beginPath();
    context.roundRect(left, top, width, height, 7);
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.stroke();
  }

  /** The name, its middle left out where it is too long: prefixes and endings both matter. */
  label(node, marked) {
    const key = node.index + (marked ? "!" : "");
    let label = this.labels.get(key);
    if (label !== undefined) return label;
    const room = boxWidth - (marked ? 44 : 27);
    label = node.name;
    for (let keep = node.name.length - 1; keep > 4 && this.context.measureText(label).width > room; keep -= 1) {
      const head = Math.ceil(keep * 0.6);
      label = node.name.slice(0, head) + "…" + node.name.slice(node.name.length - (keep - head));
    }
    this.labels.set(key, label);
    return label;
  }

  // Mouse, fingers, keys

  at(x, y) {
    const wx = (x - this.view.x) / this.view.scale, wy = (y - this.view.y) / this.view.scale;
    for (const node of nodes) {
      const [px, py] = points[node.index];
      if (this.shown[node.index] && Math.abs(wx - px) <= boxWidth / 2 && Math.abs(wy - py) <= boxHeight / 2 + 3) return node.index;
    }
    return null;
  }

  listen() {
    const { canvas } = this;
    const fingers = new Map();
    let moved = false;
    let spread = 0;
    const place = (event) => {
      const frame = canvas.getBoundingClientRect();
      return [event.clientX - frame.left, event.clientY - frame.top];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, place(event));
      moved = fingers.size > 1;
      spread = 0;
      cancelAnimationFrame(this.frame);
    });
    canvas.addEventListener("pointermove", (event) => {
      const [x, y] = place(event);
      const last = fingers.get(event.pointerId);
      if (!last) {
        const hover = this.at(x, y);
        canvas.classList.toggle("over", hover !== null);
        if (hover !== this.hover) { this.hover = hover; this.draw(); }
        return;
      }
      if (Math.hypot(x - last[0], y - last[1]) < 3 && !moved) return;
      moved = true;
      canvas.classList.add("drag");
      fingers.set(event.pointerId, [x, y]);
      if (fingers.size === 1) {
        this.view.x += x - last[0];
        this.view.y += y - last[1];
        this.draw();
      } else if (fingers.size === 2) {
        const [one, two] = [...fingers.values()];
        const now = Math.hypot(one[0] - two[0], one[1] - two[1]);
        if (spread) this.zoom(now / spread, (one[0] + two[0]) / 2, (one[1] + two[1]) / 2);
        spread = now;
      }
    });
    const lift = (event) => {
      fingers.delete(event.pointerId);
      canvas.classList.remove("drag");
      if (event.type === "pointerup" && !moved) {
        const hit = this.at(...place(event));
        if (hit !== this.focus) this.setFocus(hit, false);
      }
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("pointerleave", () => { if (this.hover !== null) { this.hover = null; this.draw(); } });
    canvas.addEventListener("dblclick", (event) => {
      const hit = this.at(...place(event));
      if (hit !== null) location.hash = routeOf(nodes[hit]).slice(1);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [x, y] = place(event);
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : event.deltaMode ? 0.05 : 0.0016)), x, y);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    const steps = { ArrowLeft: "parents", ArrowRight: "children", ArrowUp: -1, ArrowDown: 1 };
    if (event.key in steps) {
      const next = this.neighbour(steps[event.key]);
      if (next !== null) { this.setFocus(next, false); this.reveal(next); }
    } else if (event.key === "Enter" && this.focus !== null) location.hash = routeOf(nodes[this.focus]).slice(1);
    else if (event.key === "Escape" && this.focus !== null) this.setFocus(null, false);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25, undefined, undefined, true);
    else if (event.key === "-") this.zoom(0.8, undefined, undefined, true);
    else if (event.key === "0") this.fit(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The nearest parent or child, or the next node above or below in the same column. */
  neighbour(step) {
    const visible = nodes.filter((node) => this.shown[node.index]);
    if (this.focus === null) return visible.length ? visible[0].index : null;
    const [x, y] = points[this.focus];
    const candidates = typeof step === "string"
      ? nodes[this.focus][step].filter((index) => this.shown[index])
      : visible.map((node) => node.index).filter((index) => points[index][0] === x && (points[index][1] - y) * step > 0);
    return candidates.sort((one, two) => Math.abs(points[one][1] - y) - Math.abs(points[two][1] - y))[0] ?? null;
  }

  /** Where a node stands on the screen, relative to the canvas. */
  locate(index) {
    return [points[index][0] * this.view.scale + this.view.x, points[index][1] * this.view.scale + this.view.y];
  }

  reveal(index) {
    const [x, y] = this.locate(index);
    if (x > 120 && x < this.width - 120 && y > 80 && y < this.height - 80) return;
    this.moveTo({ scale: this.view.scale, x: this.view.x + this.width / 2 - x, y: this.view.y + this.height / 2 - y }, true);
  }
}
