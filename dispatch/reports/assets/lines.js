// Routes as lines: side by side where they share a street, with arrows, the chosen one on top.

/** Return the colour of a route; after the last colour they begin again, with a stripe. */
function routeColour(route) {
  const colours = data.colours[page.theme];
  return colours[route % colours.length];
}

function striped(route) {
  return Math.floor(route / data.colours.light.length) % 2 === 1;
}

/** Return black or white, whichever reads better on a colour. */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#101418" : "#ffffff";
}

/**
 * Give each segment of each leg its lane: 0 alone on a street, else -1.5, -0.5, 0.5, ... counted
 * to the right, so that both directions and all routes of a street are seen side by side.
 */
function assignLanes() {
  const users = new Map();
  eachSegment((key, forward, route) => {
    if (!users.has(key)) users.set(key, new Map());
    const lane = forward ? route + 1 : -(route + 1);
    users.get(key).set(lane, 0);
  });
  for (const lanes of users.values()) {
    const inOrder = [...lanes.keys()].sort((a, b) => a - b);
    inOrder.forEach((lane, i) => lanes.set(lane, i - (inOrder.length - 1) / 2));
  }
  eachSegment((key, forward, route, lanes, at) => {
    const lane = users.get(key).get(forward ? route + 1 : -(route + 1));
    // Seen along the segment's own direction the right side is the other one.
    lanes[at] = forward ? lane : -lane;
  });
}

function eachSegment(visit) {
  data.routes.forEach((route, number) => {
    route.lanes ||= route.legs.map((line) => new Float32Array(Math.max(line.length / 2 - 1, 0)));
    route.legs.forEach((line, leg) => {
      for (let i = 0; i + 3 < line.length; i += 2) {
        const [ax, ay, bx, by] = [line[i], line[i + 1], line[i + 2], line[i + 3]];
        const forward = ax < bx || (ax === bx && ay < by);
        const key = forward ? `${ax},${ay},${bx},${by}` : `${bx},${by},${ax},${ay}`;
        visit(key, forward, number, route.lanes[leg], i / 2);
      }
    });
  });
}

function lineWidth() {
  const zoom = zoomLevel();
  return Math.min(Math.max(1.2 + (zoom - 10) * 0.5, 2.1), 6);
}

/** Return a leg on the screen, moved to its lane: [[x, y], ...]. */
function legOnScreen(route, leg, spacing) {
  const line = route.legs[leg];
  const lanes = route.lanes[leg];
  const points = [];
  let [lastX, lastY] = [NaN, NaN];
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [toScreenX(line[i]), toScreenY(line[i + 1])];
    const ends = i === 0 || i === line.length - 2;
    if (!ends && Math.abs(x - lastX) + Math.abs(y - lastY) < 1.5) continue;
    [lastX, lastY] = [x, y];
    const at = i / 2;
    const lane = ((lanes[at - 1] ?? lanes[at] ?? 0) + (lanes[at] ?? lanes[at - 1] ?? 0)) / 2;
    points.push([x, y, lane * spacing]);
  }
  return sideways(points);
}

/** Move each point to the right of its way by its third number. */
function sideways(points) {
  return points.map(([x, y, by], i) => {
    if (!by) return [x, y];
    const [before, after] = [points[Math.max(i - 1, 0)], points[Math.min(i + 1, points.length - 1)]];
    const [dx, dy] = [after[0] - before[0], after[1] - before[1]];
    const length = Math.hypot(dx, dy) || 1;
    return [x - (dy / length) * by, y + (dx / length) * by];
  });
}

/** Return what is drawn of each route: its screen lines, by leg; null for legs out of sight. */
function routesOnScreen() {
  const view = seen(40);
  const spacing = lineWidth() + 2;
  return data.routes.map((route) => route.legs.map((line, leg) => {
    if (line.length < 4) return null;
    route.legBoxes ||= route.legs.map((own) => boundsOf([own]));
    return within(route.legBoxes[leg], view) ? legOnScreen(route, leg, spacing) : null;
  }));
}

/** Paint all routes; the focused one last, the others faint behind it. */
function paintRoutes(context, screen) {
  const focus = focused();
  const chosen = focus ? focus.route : null;
  const order = data.routes.map((_, i) => i).filter((i) => i !== chosen);
  context.lineJoin = "round";
  if (chosen !== null && chosen !== undefined) {
    context.globalAlpha = page.theme === "dark" ? 0.26 : 0.2;
    order.forEach((route) => paintRoute(context, route, screen[route], false));
    context.globalAlpha = 1;
    if (chosen >= 0) paintRoute(context, chosen, screen[chosen], true);
    return;
  }
  order.forEach((route) => paintRoute(context, route, screen[route], true));
}

function paintRoute(context, route, legs, clear) {
  const path = new Path2D();
  for (const points of legs) {
    if (!points) continue;
    points.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  }
  const width = lineWidth() + (clear && focused() ? 1 : 0);
  const dark = page.theme === "dark";
  if (clear) stroke(context, path, dark ? "rgba(13,16,20,.9)" : "rgba(255,255,255,.92)", width + 2.6, [], "round");
  stroke(context, path, routeColour(route), width, [], "round");
  if (striped(route)) stroke(context, path, dark ? "#14181d" : "#ffffff", width * 0.36, [], "round");
  if (clear) legs.forEach((points) => points && paintArrows(context, points, width, route));
}

/** Paint arrow heads along a line, one every so many pixels, where it runs straight enough. */
function paintArrows(context, points, width, route) {
  const every = focused() ? 90 : 150;
  const size = Math.max(width * 0.52, 2);
  context.strokeStyle = striped(route) ? routeColour(route) : inkOn(routeColour(route));
  context.lineWidth = Math.max(width * 0.3, 1.2);
  context.lineCap = "round";
  context.beginPath();
  let until = every / 2;
  for (let i = 1; i < points.length; i++) {
    const [ax, ay] = points[i - 1];
    const [bx, by] = points[i];
    const length = Math.hypot(bx - ax, by - ay);
    while (until <= length && length > 0) {
      const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
      const [x, y] = [ax + ux * until, ay + uy * until];
      if (length > size * 2) arrowHead(context, x, y, ux, uy, size);
      until += every;
    }
    until -= length;
  }
  context.stroke();
}

function arrowHead(context, x, y, ux, uy, size) {
  context.moveTo(x - ux * size * 0.5 - uy * size * 0.62, y - uy * size * 0.5 + ux * size * 0.62);
  context.lineTo(x + ux * size * 0.5, y + uy * size * 0.5);
  context.lineTo(x - ux * size * 0.5 + uy * size * 0.62, y - uy * size * 0.5 - ux * size * 0.62);
}

/** Return the route whose line is nearest to a pixel, or null when none is near. */
function routeAt(screen, x, y, reach) {
  let best = null;
  let nearest = reach;
  screen.forEach((legs, route) => {
    for (const points of legs) {
      if (!points) continue;
      for (let i = 1; i < points.length; i++) {
        const distance = fromSegment(x, y, points[i - 1], points[i]);
        if (distance < nearest) [nearest, best] = [distance, route];
      }
    }
  });
  return best;
}

function fromSegment(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const share = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return Math.hypot(x - ax - dx * share, y - ay - dy * share);
}
