// The lineage graph by table and by column: what is shown, what is chosen, and what part of it one sees.

class LineageGraph extends GraphHands {
  constructor(canvas, changed) {
    super();
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.changed = changed;
    this.view = { scale: 1, x: 0, y: 0 };
    this.focus = null;
    this.column = null;
    this.target = null;
    this.up = Infinity;
    this.down = Infinity;
    this.colour = "kind";
    this.hiddenKinds = new Set();
    this.hiddenTones = new Set();
    this.tag = "";
    this.folder = "";
    this.columns = false;
    // In a large graph what belongs to a node lies far apart, so it is shown alone.
    this.alone = nodes.length > 120;
    this.hover = null;
    this.labels = new Map();
    this.tones = nodes.map((node) => look(health(node)));
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
    clearTimeout(this.settling);
  }

  // What is shown

  refilter() {
    this.shown = nodes.map((node) => !this.hiddenKinds.has(node.kind) && !node.hidden
      && !this.hiddenTones.has(this.tones[node.index].tone)
      && (!this.tag || node.tags.includes(this.tag))
      && (!this.folder || ("/" + (node.path || "")).includes("/" + this.folder + "/") || (node.package === this.folder)));
    this.picture = null;
    this.still = null;
    this.related = null;
    this.steps = null;
    this.rows = new Map();
    if (this.focus !== null && this.target !== null) {
      this.related = between(this.focus, this.target);
      this.related.add(this.focus).add(this.target);
    } else if (this.focus !== null && this.column !== null) {
      const trace = traceColumn(this.focus, this.column);
      this.related = new Set(trace.rows.keys());
      this.rows = trace.rows;
      this.steps = trace.steps;
    } else if (this.focus !== null) {
      this.related = new Set([...reach(this.focus, "parents", this.up).keys(), ...reach(this.focus, "children", this.down).keys()]);
    }
    if (this.related && (this.alone || this.column !== null || this.columns || this.target !== null)) this.showAlone();
    else {
      this.places = null;
      this.lines = wholeLines();
      this.list = nodes.filter((node) => this.shown[node.index]).map((node) => node.index);
    }
    this.draw();
  }

  showAlone() {
    const chosen = new Set([...this.related].filter((index) => this.shown[index] || index === this.focus || index === this.target));
    this.shown = this.shown.map((_, index) => chosen.has(index));
    this.list = [...chosen];
    if (this.columns && this.column === null) this.showColumns(chosen);
    this.places = gather(chosen, (index) => this.heightOf(index));
    const ends = (from, to, fromRow, toRow) => [[this.place(from)[0] + boxWidth / 2, fromRow], [this.place(to)[0] - boxWidth / 2, toRow]];
    const join = (from, to) => lineThrough(from, to, ends(from, to, this.headOf(from), this.headOf(to)));
    const tables = data.layout.edges.filter(([from, to]) => chosen.has(from) && chosen.has(to));
    if (!this.steps) {
      this.lines = tables.map(([from, to]) => join(from, to));
      return;
    }
    const joined = new Set();
    // A key made of columns of its own row is told by the rows alone.
    this.lines = this.steps.filter((step) => step.from !== step.to && chosen.has(step.from) && chosen.has(step.to)).map((step) => {
      joined.add(step.from + " " + step.to);
      return lineThrough(step.from, step.to,
        ends(step.from, step.to, this.rowOf(step.from, step.fromColumn), this.rowOf(step.to, step.toColumn)), { how: step.how, step });
    });
    // Tables that are connected otherwise than by these columns still say so.
    if (this.column === null) this.lines.push(...tables.filter(([from, to]) => !joined.has(from + " " + to)).map(([from, to]) => join(from, to)));
  }

  /** All columns of the nodes that are shown, and how they are made of each other. */
  showColumns(chosen) {
    this.steps = [];
    for (const index of chosen) {
      const names = nodes[index].columns.map((column) => column.name).slice(0, mostRows);
      if (names.length) this.rows.set(index, names);
    }
    for (const index of chosen) {
      for (const column of nodes[index].columns) {
        for (const [from, source, how] of column.from || []) {
          if (from !== index && chosen.has(from)) this.steps.push({ from, fromColumn: source, to: index, toColumn: column.name, how });
        }
      }
      for (const [from, source] of nodes[index].uses || []) {
        if (from !== index && chosen.has(from)) this.steps.push({ from, fromColumn: source, to: index, toColumn: null, how: "use" });
      }
    }
  }

  /** Where a node's middle stands: in the whole picture, or moved together with those it belongs to. */
  place(index) {
    return (this.places && this.places.get(index)) || wholePoints[index];
  }

  heightOf(index) {
    const rows = this.rows.get(index);
    return rows && rows.length ? boxHeight + rows.length * rowHeight + 5 : boxHeight;
  }

  headOf(index) {
    return this.place(index)[1] - this.heightOf(index) / 2 + boxHeight / 2;
  }

  /** The middle of a column's row; of the box's head for what is not a row. */
  rowOf(index, column) {
    const row = (this.rows.get(index) || []).indexOf(column);
    return row < 0 ? this.headOf(index) : this.headOf(index) + boxHeight / 2 + (row + 0.5) * rowHeight;
  }

  setFocus(index, moves) {
    this.keepInPlace(index, () => {
      this.focus = index;
      this.column = null;
      this.target = null;
    });
    if (index !== null) {
      const node = nodes[index];
      announce(node.name + ", " + kindNames[node.kind].toLowerCase() + ", " + things(node.parents.length, "parent") + ", " + things(node.children.length, "child", "children"));
    }
    if (moves) this.fit(true);
    this.changed();
  }

  /** Shows where a column of a node comes from and goes to; null shows the tables again. */
  setColumn(index, name, moves) {
    this.keepInPlace(index, () => {
      this.focus = index;
      this.column = name;
      this.target = null;
    });
    if (name !== null) {
      const made = this.steps.filter((step) => step.to === index && step.toColumn === name).length;
      const makes = this.steps.filter((step) => step.from === index && step.fromColumn === name).length;
      announce("Column " + name + " of " + nodes[index].name + ", made of " + things(made, "column") + ", read by " + count(makes));
    }
    if (moves) this.fit(true);
    this.changed();
  }

  /** Shows the ways between the focused node and another; null shows the focused node's reach again. */
  setTarget(index) {
    this.target = index;
    this.column = null;
    this.refilter();
    if (index !== null) announce(things(this.related.size, "node") + " between " + nodes[this.focus].name + " and " + nodes[index].name);
    this.fit(true);
    this.changed();
  }

  /** The node that one presses stays where it is, whatever is drawn around it. */
  keepInPlace(index, change) {
    const anchor = index ?? this.focus;
    const before = anchor === null ? null : this.locate(anchor);
    change();
    this.refilter();
    if (!before) return;
    const after = this.locate(anchor);
    this.view.x += before[0] - after[0];
    this.view.y += before[1] - after[1];
  }

  /** Shows all that is visible, or all that belongs to the focused node. */
  fit(animated) {
    const inside = this.list.filter((index) => !this.related || this.related.has(index));
    if (!inside.length || !this.width) return;
    const { left, right, top, bottom } = this.frameOf(inside);
    // The panel of the chosen node stands at the right, on a narrow screen below.
    const isNarrow = this.width <= 800;
    const panel = this.focus === null ? 0 : isNarrow ? this.height * 0.44 : this.width > 900 ? 350 : 0;
    const width = this.width - 64 - (isNarrow ? 0 : panel), height = this.height - 150 - (isNarrow ? panel : 0);
    const whole = Math.min(1.15, width / (right - left), height / (bottom - top));
    const scale = Math.max(leastScale, whole);
    this.moveTo({ scale, x: 32 + width / 2 - scale * (left + right) / 2, y: 70 + height / 2 - scale * (top + bottom) / 2 }, animated);
  }

  moveTo(view, animated) {
    cancelAnimationFrame(this.frame);
    if (animated || this.picture) this.moves();
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
      this.moves();
      this.paint();
      if (part < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  zoom(factor, x = this.width / 2, y = this.height / 2, animated = false) {
    const scale = Math.max(leastScale, Math.min(3, this.view.scale * factor));
    const ratio = scale / this.view.scale;
    this.moveTo({ scale, x: x - (x - this.view.x) * ratio, y: y - (y - this.view.y) * ratio }, animated);
  }

  at(x, y) {
    const wx = (x - this.view.x) / this.view.scale, wy = (y - this.view.y) / this.view.scale;
    for (const index of this.list) {
      const [px, py] = this.place(index);
      if (Math.abs(wx - px) <= boxWidth / 2 && Math.abs(wy - py) <= this.heightOf(index) / 2 + 3) return index;
    }
    return null;
  }

  /** The column of a box at a place of the canvas. */
  columnAt(index, x, y) {
    const wy = (y - this.view.y) / this.view.scale;
    return (this.rows.get(index) || []).find((name) => Math.abs(wy - this.rowOf(index, name)) <= rowHeight / 2) ?? null;
  }

  /** The nearest parent or child, or the next node above or below in the same column. */
  neighbour(step) {
    if (this.focus === null) return this.list.length ? this.list[0] : null;
    const [x, y] = this.place(this.focus);
    const candidates = typeof step === "string"
      ? nodes[this.focus][step].filter((index) => this.shown[index])
      : this.list.filter((index) => this.place(index)[0] === x && (this.place(index)[1] - y) * step > 0);
    return candidates.sort((one, two) => Math.abs(this.place(one)[1] - y) - Math.abs(this.place(two)[1] - y))[0] ?? null;
  }

  /** Where a node's head stands on the screen, relative to the canvas. */
  locate(index) {
    return [this.place(index)[0] * this.view.scale + this.view.x, this.headOf(index) * this.view.scale + this.view.y];
  }

  /** Where a column stands on the screen, relative to the canvas. */
  locateColumn(index, name) {
    return [this.locate(index)[0], this.rowOf(index, name) * this.view.scale + this.view.y];
  }

  reveal(index) {
    const [x, y] = this.locate(index);
    if (x > 120 && x < this.width - 120 && y > 80 && y < this.height - 80) return;
    this.moveTo({ scale: this.view.scale, x: this.view.x + this.width / 2 - x, y: this.view.y + this.height / 2 - y }, true);
  }
}
