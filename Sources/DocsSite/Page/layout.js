// Where nodes stand and what belongs together: reach, ways between two nodes, the origin of a column, places for a
// few nodes alone. Nothing here draws.

const boxWidth = 196;
const boxHeight = 32;
const rowHeight = 21;
const boxGap = 14;
const columnPitch = 270;
const wholePoints = data.layout.points;

/** A line as a chain of x, y with its frame, so that what is out of sight costs nothing. */
function lineThrough(from, to, chain, extra) {
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
  for (const [x, y] of chain) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { from, to, chain, left, right, top, bottom, ...extra };
}

let linesOfAll = null;

/** The lines of the whole picture, whose bends were placed when the page was written. */
function wholeLines() {
  linesOfAll ??= data.layout.edges.map(([from, to, ...bends]) => {
    const chain = [[wholePoints[from][0] + boxWidth / 2, wholePoints[from][1]]];
    for (const [x, y] of bends) chain.push([x - boxWidth / 2, y], [x + boxWidth / 2, y]);
    chain.push([wholePoints[to][0] - boxWidth / 2, wholePoints[to][1]]);
    return lineThrough(from, to, chain);
  });
  return linesOfAll;
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

/** All nodes on the ways from one node to another, whichever of them comes first; nothing when no way leads there. */
function between(one, two) {
  for (const [from, to] of [[one, two], [two, one]]) {
    const below = reach(from, "children", Infinity);
    if (!below.has(to)) continue;
    const above = reach(to, "parents", Infinity);
    return new Set([...below.keys()].filter((index) => above.has(index)));
  }
  return new Set();
}

let columnReaders = null;

/** For each column of a node who is made of it, and who only filters or joins by it. */
function readersOf(index, column) {
  if (!columnReaders) {
    columnReaders = new Map();
    const add = (from, name, reader) => {
      const key = from + "\0" + name;
      if (!columnReaders.has(key)) columnReaders.set(key, []);
      columnReaders.get(key).push(reader);
    };
    for (const node of nodes) {
      for (const column of node.columns) {
        for (const [from, name, how] of column.from || []) add(from, name, { node: node.index, column: column.name, how });
      }
      for (const [from, name] of node.uses || []) add(from, name, { node: node.index, column: null, how: "use" });
    }
  }
  return columnReaders.get(index + "\0" + column) || [];
}

const columnOf = (index, name) => nodes[index].columns.find((column) => column.name === name);

/**
 * Where a column comes from and where it goes: `rows` are the columns of each node that take part, in the node's
 * order, `steps` lead from column to column, or to a node that only filters or joins by it.
 */
function traceColumn(index, name) {
  const taken = new Map();
  const steps = [];
  const take = (node, column) => {
    if (!taken.has(node)) taken.set(node, new Set());
    if (column === null || taken.get(node).has(column)) return false;
    taken.get(node).add(column);
    return true;
  };
  const known = new Set();
  const step = (from, fromColumn, to, toColumn, how) => {
    const key = [from, fromColumn, to, toColumn].join("\0");
    if (!known.has(key)) steps.push({ from, fromColumn, to, toColumn, how });
    known.add(key);
  };
  take(index, name);
  for (let queue = [[index, name]]; queue.length;) {
    const [node, column] = queue.pop();
    for (const [from, source, how] of (columnOf(node, column) || {}).from || []) {
      step(from, source, node, column, how);
      if (take(from, source)) queue.push([from, source]);
    }
  }
  for (let queue = [[index, name]]; queue.length;) {
    const [node, column] = queue.pop();
    for (const reader of readersOf(node, column)) {
      step(node, column, reader.node, reader.column, reader.how);
      if (reader.column === null) take(reader.node, null);
      else if (take(reader.node, reader.column)) queue.push([reader.node, reader.column]);
    }
  }
  const rows = new Map();
  for (const [node, columns] of taken) {
    const order = nodes[node].columns.map((column) => column.name);
    rows.set(node, [...columns].sort((one, two) => order.indexOf(one) - order.indexOf(two)));
  }
  return { rows, steps };
}

/** How many steps the longest way to each of some nodes has, among these alone. */
function depthsOf(chosen) {
  const depths = new Map();
  const depthOf = (index) => {
    const known = depths.get(index);
    if (known !== undefined) return known;
    // Whoever meets it again on the way stands in a circle.
    depths.set(index, 0);
    const depth = nodes[index].parents.reduce((most, parent) => chosen.has(parent) ? Math.max(most, depthOf(parent) + 1) : most, 0);
    depths.set(index, depth);
    return depth;
  };
  for (const index of chosen) depthOf(index);
  // What has no parents stands right before its first child.
  for (const index of chosen) {
    if (nodes[index].parents.some((parent) => chosen.has(parent))) continue;
    const first = Math.min(...nodes[index].children.filter((child) => chosen.has(child)).map((child) => depths.get(child)));
    if (Number.isFinite(first)) depths.set(index, first - 1);
  }
  return depths;
}

/** Places for some of the nodes alone: in columns, in each moved towards the middle of their neighbours. */
function gather(chosen, heightOf) {
  const columns = new Map();
  for (const [index, depth] of depthsOf(chosen)) {
    if (!columns.has(depth)) columns.set(depth, []);
    columns.get(depth).push(index);
  }
  const places = new Map();
  const order = [...columns.keys()].sort((one, two) => one - two)
    .map((depth) => columns.get(depth).sort((one, two) => wholePoints[one][1] - wholePoints[two][1] || one - two));
  order.forEach((column, position) => {
    const offsets = stack(column, heightOf);
    column.forEach((index, row) => places.set(index, [position * columnPitch, offsets[row] - offsets[column.length - 1] / 2]));
  });
  for (let sweep = 0; sweep < 8; sweep += 1) {
    for (const column of sweep % 2 ? [...order].reverse() : order) {
      const wanted = new Map(column.map((index) => {
        const near = [...nodes[index].parents, ...nodes[index].children].filter((other) => chosen.has(other));
        return [index, near.length ? near.reduce((sum, other) => sum + places.get(other)[1], 0) / near.length : places.get(index)[1]];
      }));
      column.sort((one, two) => wanted.get(one) - wanted.get(two));
      const offsets = stack(column, heightOf);
      // Neighbours that would overlap form a block, which moves to the mean of its members' wishes.
      const blocks = [];
      column.forEach((index, row) => {
        blocks.push({ sum: wanted.get(index) - offsets[row], count: 1 });
        while (blocks.length > 1) {
          const [before, last] = blocks.slice(-2);
          if (before.sum / before.count < last.sum / last.count) break;
          blocks.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
        }
      });
      let row = 0;
      for (const block of blocks) {
        for (let i = 0; i < block.count; i += 1, row += 1) places.get(column[row])[1] = block.sum / block.count + offsets[row];
      }
    }
  }
  return places;
}

/** How far below the first box's middle each box's middle has to be at least. */
function stack(column, heightOf) {
  let offset = 0;
  return column.map((index, row) => {
    if (row) offset += (heightOf(column[row - 1]) + heightOf(index)) / 2 + boxGap;
    return offset;
  });
}
