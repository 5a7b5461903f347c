// What mouse, fingers and keys do to the graph.

class GraphHands extends GraphDrawing {
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
        if (hover !== this.hover) { this.hover = hover; this.moves(); this.draw(); }
        return;
      }
      if (Math.hypot(x - last[0], y - last[1]) < 3 && !moved) return;
      moved = true;
      canvas.classList.add("drag");
      fingers.set(event.pointerId, [x, y]);
      if (fingers.size === 1) {
        this.view.x += x - last[0];
        this.view.y += y - last[1];
        this.moves();
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
        this.pressAt(...place(event), event.shiftKey);
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

  /** A press chooses a node or one of its columns; with Shift the ways from the chosen node to this one. */
  pressAt(x, y, toTarget) {
    const hit = this.at(x, y);
    if (hit === null) {
      if (this.focus !== null) this.setFocus(null, false);
      return;
    }
    const column = this.columnAt(hit, x, y);
    if (toTarget && this.focus !== null && hit !== this.focus) this.setTarget(hit);
    else if (column !== null) this.setColumn(hit, hit === this.focus && column === this.column ? null : column, false);
    else if (hit !== this.focus || this.target !== null || this.column !== null) this.setFocus(hit, false);
  }

  press(event) {
    const steps = { ArrowLeft: "parents", ArrowRight: "children", ArrowUp: -1, ArrowDown: 1 };
    if (event.key in steps && this.column !== null && typeof steps[event.key] === "number") this.stepColumn(steps[event.key]);
    else if (event.key in steps) {
      const next = this.neighbour(steps[event.key]);
      if (next !== null) { this.setFocus(next, false); this.reveal(next); }
    } else if (event.key === "Enter" && this.focus !== null) location.hash = routeOf(nodes[this.focus]).slice(1);
    else if (event.key === "Escape" && this.focus !== null) this.letGo();
    else if (event.key === "c" && this.focus !== null && nodes[this.focus].columns.length) this.stepColumn(1);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25, undefined, undefined, true);
    else if (event.key === "-") this.zoom(0.8, undefined, undefined, true);
    else if (event.key === "0") this.fit(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** From a column or a way back to the node, from the node back to everything. */
  letGo() {
    if (this.column !== null) this.setColumn(this.focus, null, false);
    else if (this.target !== null) this.setTarget(null);
    else this.setFocus(null, false);
  }

  /** The next column of the focused node. */
  stepColumn(step) {
    const names = nodes[this.focus].columns.map((column) => column.name);
    const at = this.column === null ? (step > 0 ? -1 : 0) : names.indexOf(this.column);
    this.setColumn(this.focus, names[(at + step + names.length) % names.length], false);
    this.reveal(this.focus);
  }
}
