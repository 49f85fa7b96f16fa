// Names on the map: along streets, inside parks, at places; none over another.

const NAMES_FROM = { 37: 11, 36: 11, 35: 11.2, 34: 11.8, 33: 12.9, 32: 14.5, 31: 16.3, 30: 17.2, 21: 12 };
const PLACES = [
  // layer, from zoom, to zoom, pixels, weight
  [54, 5, 15, 15, 600], [53, 9, 16, 13.5, 600], [52, 11, 16.5, 12.5, 600], [51, 11, 17, 12, 500],
  [55, 14, 20, 10.5, 500], [50, 13.5, 18, 11, 500],
];
const FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const CELL = 48;

/** Keeps the boxes that are taken, in a grid, so that asking is cheap. */
class Taken {
  constructor() {
    this.cells = new Map();
  }

  each(box, visit) {
    for (let x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x++) {
      for (let y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y++) {
        if (visit(x * 100003 + y) === false) return false;
      }
    }
    return true;
  }

  free(box) {
    return this.each(box, (cell) => !(this.cells.get(cell) || []).some((other) => within(box, other)));
  }

  take(box) {
    this.each(box, (cell) => {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    });
  }
}

/** Paint all names; `obstacles` are boxes [left, top, right, bottom] that stay clear. */
function paintLabels(context, obstacles) {
  const paint = paints[page.theme];
  const taken = new Taken();
  obstacles.forEach((box) => taken.take(box));
  context.lineJoin = "round";
  context.textBaseline = "middle";
  context.textAlign = "left";
  const zoom = zoomLevel();
  const view = seen();
  for (const [layer, from, to, size, weight] of PLACES) {
    if (zoom >= from && zoom <= to) placeNames(context, paint, taken, view, layer, size, weight);
  }
  areaNames(context, paint, taken, view, 56, paint.water);
  for (const layer of [37, 36, 35, 34, 21, 33]) if (zoom >= NAMES_FROM[layer]) streetNames(context, paint, taken, view, layer);
  areaNames(context, paint, taken, view, 57, paint.green);
  for (const layer of [32, 31, 30]) if (zoom >= NAMES_FROM[layer]) streetNames(context, paint, taken, view, layer);
}

function nameOf(feature) {
  return feature.name ? placeName(data.map.names[feature.name]) : "";
}

function placeNames(context, paint, taken, view, layer, size, weight) {
  const station = layer === 55;
  for (const feature of layers[layer]) {
    const name = nameOf(feature);
    if (!name || !within(feature.box, view)) continue;
    const style = { size, weight, colour: station ? paint.station : layer === 50 ? paint.text : paint.place };
    wordsAt(context, paint, taken, name, feature.box, style, station);
  }
}

function areaNames(context, paint, taken, view, layer, colour) {
  for (const feature of layers[layer]) {
    const name = nameOf(feature);
    const across = feature.size / metresPerPixel();
    if (!name || across < 46 || !within(feature.box, view)) continue;
    wordsAt(context, paint, taken, name, feature.box, { size: across > 240 ? 12.5 : 11, weight: 500, colour, italic: true }, false);
  }
}

function wordsAt(context, paint, taken, name, box, style, dot) {
  setFont(context, style);
  const rows = wrapped(context, name, style.size * 9);
  const width = Math.max(...rows.map((row) => context.measureText(row).width));
  const height = rows.length * style.size * 1.2;
  const x = toScreenX(box[0]);
  const y = toScreenY(box[1]) + (dot ? style.size * 0.9 : 0);
  const around = [x - width / 2 - 5, y - height / 2 - 4, x + width / 2 + 5, y + height / 2 + 4];
  if (!taken.free(around)) return;
  taken.take(around);
  if (dot) disc(context, x, toScreenY(box[1]) - 3, 3, style.colour, paint.halo);
  rows.forEach((row, i) => {
    const left = x - context.measureText(row).width / 2;
    const middle = y + (i - (rows.length - 1) / 2) * style.size * 1.2;
    haloed(context, row, left, middle, style.colour, paint.halo);
  });
}

function disc(context, x, y, radius, fill, edge, width = 1.5) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (edge) {
    context.strokeStyle = edge;
    context.lineWidth = width;
    context.stroke();
  }
}

function setFont(context, { size, weight = 500, italic = false }) {
  context.font = `${italic ? "italic " : ""}${weight} ${size}px ${FONT}`;
}

function haloed(context, text, x, y, colour, halo) {
  context.strokeStyle = halo;
  context.lineWidth = 3;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Break a long name at its spaces. */
function wrapped(context, text, most) {
  const rows = [];
  for (const word of text.split(" ")) {
    const longer = rows.length ? `${rows.at(-1)} ${word}` : word;
    if (rows.length && context.measureText(longer).width <= most) rows[rows.length - 1] = longer;
    else rows.push(word);
  }
  return rows;
}

function streetNames(context, paint, taken, view, layer) {
  const style = { size: layer >= 34 ? 11.5 : 10.5, weight: 500, colour: layer === 21 ? paint.water : paint.text, italic: layer === 21 };
  setFont(context, style);
  for (const { name, streets } of namedStreets(layer)) {
    const text = placeName(data.map.names[name]);
    const width = context.measureText(text).width;
    const shown = [];
    for (const { line, box } of streets) {
      if (Math.max(box[2] - box[0], box[3] - box[1]) * camera.k < width * 0.7 || !within(box, view)) continue;
      const spot = spotFor(line, width + 12, taken, shown, style.size);
      if (!spot) continue;
      spot.boxes.forEach((own) => taken.take(own));
      shown.push(spot.middle);
      alongLine(context, text, spot, (spot.length - width) / 2, style.colour, paint.halo);
    }
  }
}

const streetsByLayer = new Map();

/** Return the named streets of a layer, each in pieces as long as can be; the longest first. */
function namedStreets(layer) {
  if (!streetsByLayer.has(layer)) {
    const lines = new Map();
    for (const feature of layers[layer]) {
      if (!feature.name || feature.flags & LESSER) continue;
      lines.set(feature.name, [...(lines.get(feature.name) || []), ...feature.lines]);
    }
    const reach = ({ box }) => Math.hypot(box[2] - box[0], box[3] - box[1]);
    const named = [...lines].map(([name, own]) => {
      const streets = joined(own).map((line) => ({ line, box: boundsOf([line]) }));
      return { name, streets: streets.sort((a, b) => reach(b) - reach(a)) };
    });
    streetsByLayer.set(layer, named.sort((a, b) => reach(b.streets[0]) - reach(a.streets[0])));
  }
  return streetsByLayer.get(layer);
}

/** Join lines where one goes on from another most nearly straight ahead. */
function joined(lines) {
  const ends = new Map();
  const end = (line, side) => (side ? line.slice(-2).join() : line.slice(0, 2).join());
  lines.forEach((line, i) => [0, 1].forEach((side) => {
    const key = end(line, side);
    ends.set(key, [...(ends.get(key) || []), [i, side]]);
  }));
  const next = lines.map(() => [null, null]);
  for (const meeting of ends.values()) {
    const pairs = meeting.flatMap((a, n) => meeting.slice(n + 1).map((b) => [bendAt(lines, a, b), a, b]));
    for (const [bend, [i, side], [j, other]] of pairs.sort((a, b) => a[0] - b[0])) {
      if (bend > 0.9 || i === j || next[i][side] || next[j][other]) continue;
      next[i][side] = [j, other];
      next[j][other] = [i, side];
    }
  }
  const used = new Set();
  const chains = [];
  const walk = (first, entry) => {
    const points = [];
    for (let at = [first, entry]; at && !used.has(at[0]); at = next[at[0]][1 - at[1]]) {
      used.add(at[0]);
      points.push(...along(lines[at[0]], at[1]).slice(points.length ? 2 : 0));
    }
    chains.push(Int32Array.from(points));
  };
  lines.forEach((_, i) => { if (!used.has(i) && next[i].includes(null)) walk(i, next[i][0] ? 1 : 0); });
  lines.forEach((_, i) => { if (!used.has(i)) walk(i, 0); });
  return chains;
}

/** Return a line's points beginning at its start (0) or its end (1). */
function along(line, side) {
  if (!side) return line;
  const points = new Int32Array(line.length);
  for (let i = 0; i < line.length; i += 2) points.set(line.subarray(line.length - 2 - i, line.length - i), i);
  return points;
}

/** Return by what angle a way turns that leaves line a at its end and goes on into line b. */
function bendAt(lines, [i, side], [j, other]) {
  const into = along(lines[i], 1 - side).slice(-4);
  const out = along(lines[j], other).slice(0, 4);
  return Math.abs(turn([into[0], into[1]], [into[2], into[3]], [out[2], out[3]]));
}

/** Return the best free stretch of a line for a name of this width, or null. */
function spotFor(line, width, taken, others, size) {
  const run = visibleRun(line);
  if (!run || run.length < width) return null;
  const tries = Math.min(7, Math.max(1, Math.floor((run.length - width) / 40)));
  const room = run.length - width;
  for (let i = 0; i < tries; i++) {
    // From the middle outwards.
    const shift = tries === 1 ? 0 : ((i % 2 ? 1 : -1) * Math.ceil(i / 2)) / tries;
    const from = room * Math.min(Math.max(0.5 + shift, 0), 1);
    const stretch = cutRun(run, from, from + width);
    if (!stretch.smooth) continue;
    const middle = stretch.points[Math.floor(stretch.points.length / 2)];
    if (others.some((other) => Math.hypot(other[0] - middle[0], other[1] - middle[1]) < 320)) continue;
    const half = size * 0.62;
    const boxes = stretch.points.map(([x, y]) => [x - half, y - half, x + half, y + half]);
    if (boxes.every((box) => taken.free(box))) return { ...stretch, boxes, middle, length: width };
  }
  return null;
}

/** Return the longest piece of a line that lies in the window, as screen points with lengths. */
function visibleRun(line) {
  let best = null;
  let run = null;
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [toScreenX(line[i]), toScreenY(line[i + 1])];
    if (x < -30 || y < -30 || x > camera.width + 30 || y > camera.height + 30) {
      run = null;
      continue;
    }
    if (!run) run = { points: [], at: [], length: 0 };
    else run.length += Math.hypot(x - run.points.at(-1)[0], y - run.points.at(-1)[1]);
    run.points.push([x, y]);
    run.at.push(run.length);
    if (!best || run.length >= best.length) best = run;
  }
  return best && best.points.length > 1 ? best : null;
}

/** Return points every few pixels along a run, left to right, and whether they bend gently. */
function cutRun(run, from, to) {
  const step = 7;
  const points = [];
  let segment = 1;
  for (let at = from; at <= to; at += step) {
    while (segment < run.at.length - 1 && run.at[segment] < at) segment++;
    const [begin, end] = [run.points[segment - 1], run.points[segment]];
    const share = (at - run.at[segment - 1]) / (run.at[segment] - run.at[segment - 1] || 1);
    points.push([begin[0] + (end[0] - begin[0]) * share, begin[1] + (end[1] - begin[1]) * share]);
  }
  if (points.length > 1 && points.at(-1)[0] < points[0][0]) points.reverse();
  const even = evened(evened(points));
  return { points: even, step, smooth: isSmooth(even) };
}

/** Take small kinks out of a stretch: each point goes to the middle of its neighbours and itself. */
function evened(points) {
  return points.map(([x, y], i) => {
    const [a, b] = [points[i - 1], points[i + 1]];
    return a && b ? [(a[0] + b[0] + 2 * x) / 4, (a[1] + b[1] + 2 * y) / 4] : [x, y];
  });
}

function isSmooth(points) {
  if (points.length < 2) return false;
  let turned = 0;
  for (let i = 2; i < points.length; i++) {
    const bend = Math.abs(turn(points[i - 2], points[i - 1], points[i]));
    turned += bend;
    if (bend > 0.45 || turned > 1.4) return false;
  }
  return true;
}

function turn(a, b, c) {
  const angle = Math.atan2(c[1] - b[1], c[0] - b[0]) - Math.atan2(b[1] - a[1], b[0] - a[0]);
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

/** Write a name letter by letter along a stretch; a straight one in one go. */
function alongLine(context, text, stretch, margin, colour, halo) {
  const { points, step } = stretch;
  const bends = points.some((point, i) => i > 1 && Math.abs(turn(points[i - 2], points[i - 1], point)) > 0.03);
  const letters = bends ? [...text] : [text];
  const spots = [];
  let before = "";
  for (const letter of letters) {
    const width = context.measureText(letter).width;
    const middle = (margin + context.measureText(before).width + width / 2) / step;
    const i = Math.min(Math.max(Math.floor(middle), 0), points.length - 2);
    const [a, b] = [points[i], points[i + 1]];
    const share = middle - i;
    spots.push({ letter, width, x: a[0] + (b[0] - a[0]) * share, y: a[1] + (b[1] - a[1]) * share, angle: Math.atan2(b[1] - a[1], b[0] - a[0]) });
    before += letter;
  }
  for (const pass of ["stroke", "fill"]) {
    for (const spot of spots) {
      context.save();
      context.translate(spot.x, spot.y);
      context.rotate(spot.angle);
      if (pass === "stroke") {
        context.strokeStyle = halo;
        context.lineWidth = 3;
        context.strokeText(spot.letter, -spot.width / 2, 0);
      } else {
        context.fillStyle = colour;
        context.fillText(spot.letter, -spot.width / 2, 0);
      }
      context.restore();
    }
  }
}
