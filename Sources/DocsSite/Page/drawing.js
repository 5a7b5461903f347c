// The graph's drawing on a canvas, which stays smooth with thousands of nodes where elements of their own would not.
// From afar boxes are only colours and lines only straight.

/** How a column is made of another: the line's colour and dashes. */
const stepLooks = {
  copy: { colour: "accent", dash: [] },
  transform: { colour: "mart", dash: [] },
  aggregate: { colour: "dimension", dash: [] },
  use: { colour: "muted", dash: [2, 4] },
};

/** More columns than this are not shown in a box at once. */
const mostRows = 14;
const leastScale = 0.02;
/** Below this boxes have no words. */
const farScale = 0.42;
/** The size of the picture that stands in for a large graph in motion. */
const picturePixels = 4e6;
/** How many milliseconds a large graph in motion is moved and stretched as it was before it is drawn again. */
const stillFor = 250;
const linesInShape = 24;

/** Draws what a graph shows; the graph says what that is. */
class GraphDrawing {
  readColours() {
    const style = getComputedStyle(document.documentElement);
    this.colours = {};
    for (const name of [...kindOrder, "surface", "text", "muted", "faint", "line", "line-strong", "accent", "accent-soft", "good", "warn", "bad", "idle"]) {
      this.colours[name] = style.getPropertyValue("--" + name).trim();
    }
    this.font = style.getPropertyValue("--sans");
    this.mono = style.getPropertyValue("--mono");
    this.picture = null;
    this.still = null;
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
    const { tone } = this.tones[node.index];
    return tone === "none" ? this.colours["line-strong"] : this.colours[tone];
  }

  paint() {
    if (!this.width || !this.colours) return;
    const { context } = this;
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const isHeavy = this.lines.length + this.list.length > 3000;
    const isNear = this.view.scale >= farScale;
    const isStill = isNear && this.still && performance.now() - this.still.at < stillFor;
    if (isHeavy && this.isMoving && (isStill || !isNear)) {
      this.paintPicture(ratio);
      if (isStill) this.paintStill();
    } else {
      this.paintAll(ratio, this.width, this.height);
      if (isHeavy && isNear) this.keepStill();
    }
    if (isHeavy && !this.picture) (window.requestIdleCallback || setTimeout)(() => this.takePicture());
  }

  paintAll(ratio, width, height) {
    const { context, view } = this;
    context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    const sight = {
      left: -view.x / view.scale, right: (width - view.x) / view.scale,
      top: -view.y / view.scale, bottom: (height - view.y) / view.scale,
    };
    this.paintLines(sight);
    if (view.scale < farScale) this.paintSpots(sight);
    else this.paintBoxes(sight);
    context.globalAlpha = 1;
  }

  /** The whole of a large graph on a canvas of its own, which is moved and stretched while the reader moves. */
  takePicture() {
    if (this.picture || !this.list.length || !this.colours) return;
    const { left, right, top, bottom } = this.frameOf(this.list);
    const scale = Math.min(farScale * 0.99, Math.sqrt(picturePixels / ((right - left) * (bottom - top))));
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil((right - left) * scale);
    canvas.height = Math.ceil((bottom - top) * scale);
    const { context, view } = this;
    this.context = canvas.getContext("2d");
    this.view = { scale, x: -left * scale, y: -top * scale };
    this.paintAll(1, canvas.width, canvas.height);
    this.context = context;
    this.view = view;
    this.picture = { canvas, left, top, scale };
  }

  paintPicture(ratio) {
    this.takePicture();
    const { context, view, picture } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingQuality = "low";
    const stretch = view.scale / picture.scale;
    context.drawImage(picture.canvas, picture.left * view.scale + view.x, picture.top * view.scale + view.y,
      picture.canvas.width * stretch, picture.canvas.height * stretch);
  }

  /** Keeps what is on the canvas: near by it is sharper than the picture of all. */
  keepStill() {
    const canvas = this.still?.canvas ?? document.createElement("canvas");
    if (canvas.width !== this.canvas.width || canvas.height !== this.canvas.height) {
      canvas.width = this.canvas.width;
      canvas.height = this.canvas.height;
    }
    const context = canvas.getContext("2d");
    context.globalCompositeOperation = "copy";
    context.drawImage(this.canvas, 0, 0);
    this.still = { canvas, view: { ...this.view }, at: performance.now() };
  }

  paintStill() {
    const { context, view, still } = this;
    const ratio = window.devicePixelRatio || 1;
    const stretch = view.scale / still.view.scale;
    const left = view.x - still.view.x * stretch, top = view.y - still.view.y * stretch;
    const width = this.width * stretch, height = this.height * stretch;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(left, top, width, height);
    context.drawImage(still.canvas, left, top, width, height);
  }

  /** What moves is drawn from the picture; what stands still again is drawn in full. */
  moves() {
    this.isMoving = true;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => { this.isMoving = false; this.draw(); }, 160);
  }

  /** The frame around some nodes. */
  frameOf(list) {
    let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
    for (const index of list) {
      const [x, y] = this.place(index), half = this.heightOf(index) / 2;
      left = Math.min(left, x - boxWidth / 2);
      right = Math.max(right, x + boxWidth / 2);
      top = Math.min(top, y - half);
      bottom = Math.max(bottom, y + half);
    }
    return { left, right, top, bottom };
  }

  paintLines(sight) {
    const { context, colours } = this;
    const faint = [], plain = [], strong = [];
    const kinds = { copy: [], transform: [], aggregate: [], use: [] };
    for (const line of this.lines) {
      if (line.right < sight.left || line.left > sight.right || line.bottom < sight.top || line.top > sight.bottom) continue;
      if (!this.shown[line.from] || !this.shown[line.to]) continue;
      if (line.how) (this.isMuted(line) ? faint : kinds[line.how]).push(line);
      else if (this.steps) faint.push(line);
      else if (this.related) (this.related.has(line.from) && this.related.has(line.to) ? strong : faint).push(line);
      else if (this.hover !== null && (line.from === this.hover || line.to === this.hover)) strong.push(line);
      else plain.push(line);
    }
    const width = Math.max(1.2, 0.9 / this.view.scale);
    this.strokeAll(faint, colours["line-strong"], width * 0.8, this.steps ? 0.6 : 0.28);
    // Thousands of lines are a haze behind the boxes.
    this.strokeAll(plain, colours["line-strong"], width, plain.length > 2500 && this.view.scale < 0.2 ? 0.3 : 0.9);
    this.strokeAll(strong, colours.accent, width * 1.35, 0.9);
    for (const [how, group] of Object.entries(kinds)) {
      context.setLineDash(stepLooks[how].dash.map((length) => length * width));
      this.strokeAll(group, colours[stepLooks[how].colour], width * 1.25, 0.95);
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** While the mouse is on a node, only its columns' lines are strong. */
  isMuted(line) {
    return this.column === null && this.hover !== null && line.from !== this.hover && line.to !== this.hover;
  }

  strokeAll(group, colour, width, alpha) {
    if (!group.length) return;
    const { context } = this;
    // A curve of a few pixels is a straight line.
    const straight = this.view.scale < 0.2;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.beginPath();
    let count = 0;
    for (const { chain } of group) {
      // One shape of thousands of lines takes far longer than the same lines in hundreds of shapes.
      if (count && count % linesInShape === 0) {
        context.stroke();
        context.beginPath();
      }
      count += 1;
      context.moveTo(chain[0][0], chain[0][1]);
      for (let i = 1; i < chain.length; i += 1) {
        const [x0, y0] = chain[i - 1];
        const [x1, y1] = chain[i];
        // Between columns a curve, through a column a straight piece.
        if (straight || y0 === y1) context.lineTo(x1, y1);
        else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
      }
    }
    context.stroke();
  }

  isInSight(index, sight) {
    const [x, y] = this.place(index), half = this.heightOf(index) / 2 + boxHeight / 2;
    return x + boxWidth / 2 >= sight.left && x - boxWidth / 2 <= sight.right && y + half >= sight.top && y - half <= sight.bottom;
  }

  /** From afar only colour can be told: all boxes of one colour are one shape. */
  paintSpots(sight) {
    const { context } = this;
    const groups = new Map();
    for (const index of this.list) {
      if (!this.isInSight(index, sight)) continue;
      const away = this.related && !this.related.has(index);
      const key = (away ? "-" : "+") + this.hue(nodes[index]);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(index);
    }
    // A box stays at least a pixel high.
    const least = 1.2 / this.view.scale;
    for (const [key, group] of groups) {
      context.globalAlpha = key[0] === "-" ? 0.2 : 1;
      context.fillStyle = key.slice(1);
      context.beginPath();
      for (const index of group) {
        const [x, y] = this.place(index), height = Math.max(least, this.heightOf(index));
        context.rect(x - boxWidth / 2, y - height / 2, boxWidth, height);
      }
      context.fill();
    }
    context.globalAlpha = 1;
    for (const index of [this.focus, this.target]) {
      if (index === null) continue;
      const [x, y] = this.place(index), height = this.heightOf(index);
      this.frameBox(x - boxWidth / 2 - 4, y - height / 2 - 4, boxWidth + 8, height + 8, this.colours.accent, 3 / this.view.scale);
    }
  }

  paintBoxes(sight) {
    const { context, colours } = this;
    context.textBaseline = "middle";
    for (const index of this.list) {
      if (!this.isInSight(index, sight)) continue;
      const node = nodes[index];
      const [x, y] = this.place(index), height = this.heightOf(index);
      const left = x - boxWidth / 2, top = y - height / 2, head = top + boxHeight / 2;
      const focused = index === this.focus || index === this.target;
      context.globalAlpha = this.related && !this.related.has(index) ? 0.2 : 1;
      context.beginPath();
      context.roundRect(left, top, boxWidth, height, 7);
      context.fillStyle = focused ? colours["accent-soft"] : colours.surface;
      context.fill();
      context.save();
      context.clip();
      context.fillStyle = this.hue(node);
      context.fillRect(left, top, 5, height);
      context.restore();
      this.frameBox(left, top, boxWidth, height, focused || index === this.hover ? colours.accent : colours["line-strong"], focused ? 2 : 1);
      const { tone, sign } = this.tones[index];
      const marked = tone !== "none" && (this.colour === "result" || tone === "bad" || tone === "warn");
      context.font = "500 13px " + this.font;
      context.fillStyle = colours.text;
      context.fillText(this.label(node.name, boxWidth - (marked ? 44 : 27)), left + 15, head + 0.5);
      if (marked) {
        context.fillStyle = colours[tone];
        context.font = "700 12px " + this.font;
        context.textAlign = "right";
        context.fillText(sign, left + boxWidth - 11, head + 0.5);
        context.textAlign = "left";
      }
      if (this.rows.has(index)) this.paintRows(index, left, top + boxHeight);
    }
  }

  /** The columns of a box, each with its type. */
  paintRows(index, left, top) {
    const { context, colours } = this;
    const rows = this.rows.get(index);
    if (!rows.length) return;
    context.fillStyle = colours.line;
    context.fillRect(left + 5, top, boxWidth - 5, 1);
    context.font = "12px " + this.mono;
    rows.forEach((name, row) => {
      const middle = top + (row + 0.5) * rowHeight;
      if (index === this.focus && name === this.column) {
        context.fillStyle = colours.accent;
        context.fillRect(left + 5, middle - rowHeight / 2 + 1, boxWidth - 6, rowHeight - 1);
        context.fillStyle = colours.surface;
      } else context.fillStyle = colours.text;
      context.fillText(this.label(name, boxWidth - 27), left + 15, middle + 0.5);
    });
  }

  frameBox(left, top, width, height, colour, thickness) {
    const { context } = this;
    context.beginPath();
    context.roundRect(left, top, width, height, 7);
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.stroke();
  }

  /** A name, its middle left out where it is too long: prefixes and endings both matter. */
  label(name, room) {
    const key = room + this.context.font[0] + name;
    let label = this.labels.get(key);
    if (label !== undefined) return label;
    label = name;
    for (let keep = name.length - 1; keep > 4 && this.context.measureText(label).width > room; keep -= 1) {
      const head = Math.ceil(keep * 0.6);
      label = name.slice(0, head) + "…" + name.slice(name.length - (keep - head));
    }
    this.labels.set(key, label);
    return label;
  }
}
