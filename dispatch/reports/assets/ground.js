// The map under the plan: calm areas, pale roads. Layer numbers as in maps/basemap_classes.py.

const layers = unpackMap(data.map);
const BRIDGE = 1;
const TUNNEL = 2;
const LESSER = 4;
const [STREAM, RIVER, BOUNDARY, FERRY, RUNWAY, RAIL] = [20, 21, 22, 23, 24, 25];
const [PATH, SERVICE, MINOR, TERTIARY, MOTORWAY] = [30, 31, 32, 33, 37];
const BUILDING = 11;

const paints = {
  light: {
    land: "#f4f3ef",
    areas: ["#c6dde9", "#efede7", "#ebe9ee", "#f1ece5", "#f0ebe1", "#f3ecd6", "#e5eed9", "#dbead0", "#d2e5c8", "#c6dde9", "#ebe8e1", "#e4e0d8"],
    buildingEdge: "#d6d1c7",
    stream: "#c6dde9", boundary: "#b9b2c4", ferry: "#9db9cb", runway: "#e2dfdb", rail: "#c9c5be", railTie: "#f4f3ef", path: "#d9d3c6",
    far: "#dbd7ce", farMajor: "#e8cf9c", road: "#ffffff", trunk: "#fdf1d6", motorway: "#fae3b2", casing: "#d9d5cb", casingMajor: "#e0c48c", tunnel: "#ebe8e1",
    text: "#5c636c", place: "#353b43", water: "#4b7c97", green: "#4f7a45", halo: "#fbfaf8", station: "#4a6fa5",
  },
  dark: {
    land: "#14181d",
    areas: ["#0d2536", "#171b20", "#191a22", "#1b1a1e", "#1b1b1d", "#1f1d18", "#16201b", "#15241b", "#14261b", "#0d2536", "#1b1f25", "#1e232a"],
    buildingEdge: "#282e37",
    stream: "#0f2a3d", boundary: "#3a3550", ferry: "#24465c", runway: "#20252c", rail: "#363d47", railTie: "#14181d", path: "#262b33",
    far: "#2a3038", farMajor: "#4a4331", road: "#2b313a", trunk: "#3a382f", motorway: "#4b4433", casing: "#11151a", casingMajor: "#11151a", tunnel: "#1e232a",
    text: "#98a2ae", place: "#c9d1da", water: "#6fa0bd", green: "#7ea378", halo: "#14181d", station: "#8fb4e8",
  },
};

/** Widths in pixels at zoom 10, 12, 14, 16, 18. */
const widths = {
  30: [0, 0, 0.3, 1, 2.2], 31: [0, 0, 0.7, 2.8, 7], 32: [0, 0.5, 1.6, 5, 13], 33: [0.3, 0.9, 2.4, 6.2, 15],
  34: [0.5, 1.3, 3, 7.4, 17], 35: [0.8, 1.7, 3.6, 8.4, 19], 36: [1, 2, 4, 9, 20], 37: [1.2, 2.3, 4.4, 9.6, 22],
  20: [0, 0.3, 0.8, 1.6, 3], 21: [1, 1.6, 3, 6, 12], 22: [0.6, 0.8, 1, 1.2, 1.4], 23: [0.6, 0.8, 1, 1.2, 1.4],
  24: [1, 2, 6, 16, 40], 25: [0.5, 0.8, 1.4, 2.2, 3.4],
};

function widthOf(layer, zoom) {
  const at = Math.min(Math.max((zoom - 10) / 2, 0), 3.999);
  const [low, high] = [widths[layer][Math.floor(at)], widths[layer][Math.floor(at) + 1]];
  return low + (high - low) * (at - Math.floor(at));
}

/** Add a line to a path on the screen, leaving out points closer than a pixel. */
function trace(path, line, closed) {
  const { k } = camera;
  const [left, top] = [camera.width / 2 - camera.x * k, camera.height / 2 - camera.y * k];
  let x = line[0] * k + left;
  let y = line[1] * k + top;
  path.moveTo(x, y);
  const last = line.length - 2;
  for (let i = 2; i <= last; i += 2) {
    const nextX = line[i] * k + left;
    const nextY = line[i + 1] * k + top;
    if (i < last && Math.abs(nextX - x) + Math.abs(nextY - y) < 1) continue;
    x = nextX;
    y = nextY;
    path.lineTo(x, y);
  }
  if (closed) path.closePath();
}

function pathOf(features, view, closed = false, least = 0) {
  const path = new Path2D();
  let some = false;
  for (const feature of features) {
    if (!within(feature.box, view)) continue;
    if (Math.max(feature.box[2] - feature.box[0], feature.box[3] - feature.box[1]) < least) continue;
    for (const line of feature.lines) trace(path, line, closed);
    some = true;
  }
  return some ? path : null;
}

/** Paint the ground for the camera. */
function paintGround(context) {
  const paint = paints[page.theme];
  const view = seen(24);
  const zoom = zoomLevel();
  context.fillStyle = paint.land;
  context.fillRect(0, 0, camera.width, camera.height);
  context.lineJoin = "round";
  paintAreas(context, paint, view, zoom);
  paintLines(context, paint, view, zoom);
  paintRoads(context, paint, view, zoom);
  if (!layers[0].length) paintEdge(context, paint);
}

/** Let the map fade out where its file ends; only a sea goes on beyond. */
function paintEdge(context, paint) {
  const [west, north, east, south] = data.map.edge;
  const [left, top, right, bottom] = [toScreenX(west), toScreenY(north), toScreenX(east), toScreenY(south)];
  const soft = Math.min(right - left, bottom - top) * 0.06;
  const { width, height } = camera;
  // Each side: from where it is clear to where nothing is left, and the strip from there outwards.
  fade(context, paint, [left + soft, 0, left, 0], [0, 0, left + soft, height]);
  fade(context, paint, [right - soft, 0, right, 0], [right - soft, 0, width - right + soft, height]);
  fade(context, paint, [0, top + soft, 0, top], [0, 0, width, top + soft]);
  fade(context, paint, [0, bottom - soft, 0, bottom], [0, bottom - soft, width, height - bottom + soft]);
}

function fade(context, paint, line, [x, y, width, height]) {
  if (width <= 0 || height <= 0) return;
  const gradient = context.createLinearGradient(...line);
  gradient.addColorStop(0, `${paint.land}00`);
  gradient.addColorStop(1, paint.land);
  context.fillStyle = gradient;
  context.fillRect(x, y, width, height);
}

function paintAreas(context, paint, view, zoom) {
  for (let layer = 0; layer <= BUILDING; layer++) {
    if (layer === BUILDING && zoom < 13.5) continue;
    const path = pathOf(layers[layer], view, true, 1.2 / camera.k);
    if (!path) continue;
    context.globalAlpha = layer === BUILDING ? Math.min(1, (zoom - 13.5) / 1.2) : 1;
    context.fillStyle = paint.areas[layer];
    context.fill(path, "evenodd");
    if (layer === BUILDING && zoom > 15.5) stroke(context, path, paint.buildingEdge, 0.7);
    context.globalAlpha = 1;
  }
}

function stroke(context, path, colour, width, dash = [], cap = "butt") {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = cap;
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
}

function paintLines(context, paint, view, zoom) {
  const line = (layer, colour, dash, keep = () => true) => {
    const width = widthOf(layer, zoom);
    const path = width > 0.25 && pathOf(layers[layer].filter(keep), view);
    if (path) stroke(context, path, colour, width, dash, dash.length ? "butt" : "round");
    return path;
  };
  const open = (feature) => !(feature.flags & TUNNEL);
  line(STREAM, paint.stream, [], open);
  line(RIVER, paint.areas[9], [], open);
  if (zoom > 9) line(BOUNDARY, paint.boundary, [5, 3]);
  line(FERRY, paint.ferry, [4, 4]);
  line(RUNWAY, paint.runway, []);
  const rails = line(RAIL, paint.rail, [], (feature) => open(feature) && (zoom > 15 || !(feature.flags & LESSER)));
  if (rails && zoom > 14) stroke(context, rails, paint.railTie, widthOf(RAIL, zoom) * 0.55, [5, 5]);
  if (zoom > 15) line(PATH, paint.path, [3, 2.5], open);
}

function paintRoads(context, paint, view, zoom) {
  const roads = [];
  for (let layer = SERVICE; layer <= MOTORWAY; layer++) {
    for (const lesser of [true, false]) {
      const width = widthOf(layer, zoom) * (lesser ? 0.68 : 1);
      if (width < 0.4) continue;
      const own = layers[layer].filter((feature) => Boolean(feature.flags & LESSER) === lesser);
      const [under, on, over] = [TUNNEL, 0, BRIDGE].map((level) => pathOf(own.filter((f) => (f.flags & 3) === level), view));
      roads.push({ layer, width, under, on, over });
    }
  }
  const near = zoom > 12.6;
  for (const { width, under } of roads) if (under && zoom > 12.6) stroke(context, under, paint.tunnel, width, [6, 4]);
  for (const level of ["on", "over"]) {
    if (near) for (const road of roads) if (road[level] && (road.layer >= TERTIARY || zoom > 13.6)) casing(context, paint, road, road[level]);
    for (const road of roads) if (road[level]) stroke(context, road[level], roadColour(paint, road.layer, near), road.width, [], "round");
  }
}

function casing(context, paint, road, path) {
  const colour = road.layer >= 36 ? paint.casingMajor : paint.casing;
  stroke(context, path, colour, road.width + (road.width > 3 ? 1.6 : 1), [], path === road.over ? "butt" : "round");
}

function roadColour(paint, layer, near) {
  if (layer === MOTORWAY) return near ? paint.motorway : paint.farMajor;
  if (layer === 36) return near ? paint.trunk : paint.farMajor;
  return near ? paint.road : paint.far;
}
