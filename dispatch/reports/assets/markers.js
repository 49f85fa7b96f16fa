// Stops, depots and orders without a route as marks on the map.

const FULL = 10; // Radius of a mark with its number.
const SMALL = 4.5; // Where marks would cover one another.

/** Return all marks with their places on the screen, the important ones first. */
function marksOnScreen() {
  const focus = focused();
  const marks = [];
  data.depots.forEach((depot, i) => marks.push(mark("depot", depot.xy, { depot: i })));
  data.unplanned.forEach((order, i) => marks.push(mark("open", order.xy, { target: { route: -1, stop: null, open: i } })));
  data.routes.forEach((route, r) => route.stops.forEach((stop, s) => {
    marks.push(mark("stop", stop.xy, { target: { route: r, stop: s }, number: stop.number }));
  }));
  const rank = (one) => {
    if (one.kind === "depot") return 2;
    if (focus && same(one.target, focus)) return 0;
    if (focus && focus.route >= 0 && one.target.route === focus.route) return 1;
    return one.kind === "open" ? 3 : 4;
  };
  marks.forEach((one) => { one.rank = rank(one); });
  marks.sort((a, b) => a.rank - b.rank);
  return shrinkCrowded(marks, focus);
}

function mark(kind, xy, rest) {
  return { kind, x: toScreenX(xy[0]), y: toScreenY(xy[1]), radius: FULL, ...rest };
}

/** Make small what would cover a more important mark, and drop what is out of sight. */
function shrinkCrowded(marks, focus) {
  const shown = [];
  const named = [];
  for (const one of marks) {
    if (one.x < -20 || one.y < -20 || one.x > camera.width + 20 || one.y > camera.height + 20) continue;
    if (one.kind === "depot") {
      one.radius = 12;
      named.push({ x: one.x, y: one.y + 21, radius: 9 });
    }
    const faint = focus && focus.route !== undefined && one.rank === 4;
    if (faint || (one.rank > 1 && one.kind === "stop" && (crowded(one, shown) || crowded(one, named)))) one.radius = faint ? 3.5 : SMALL;
    one.faint = faint;
    shown.push(one);
  }
  return shown;
}

function crowded(one, shown) {
  return shown.some((other) => Math.hypot(other.x - one.x, other.y - one.y) < (other.radius + one.radius) * 0.86);
}

/** Paint the marks, the most important on top. */
function paintMarks(context, marks) {
  for (const one of [...marks].reverse()) {
    if (one.kind === "depot") paintDepot(context, one);
    else if (one.kind === "open") paintOpen(context, one);
    else paintStop(context, one);
  }
}

function paintStop(context, one) {
  const { route } = one.target;
  const colour = routeColour(route);
  const edge = page.theme === "dark" ? "#0d1014" : "#ffffff";
  const chosen = one.rank === 0;
  const radius = one.radius + (chosen ? 3 : 0);
  context.globalAlpha = one.faint ? 0.45 : 1;
  if (chosen) disc(context, one.x, one.y, radius + 4, `${colour}40`);
  disc(context, one.x, one.y, radius, colour, edge, one.radius === FULL ? 2 : 1.4);
  if (striped(route) && one.radius === FULL) {
    context.beginPath();
    context.arc(one.x, one.y, radius - 2.2, 0, 2 * Math.PI);
    context.strokeStyle = inkOn(colour);
    context.lineWidth = 0.9;
    context.stroke();
  }
  context.globalAlpha = 1;
  if (one.radius < FULL) return;
  centred(context, String(one.number), one.x, one.y, inkOn(colour), one.number > 99 ? 8.5 : 10.5 + (chosen ? 1.5 : 0));
}

function centred(context, text, x, y, colour, size) {
  setFont(context, { size, weight: 700 });
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = colour;
  context.fillText(text, x, y + 0.5);
  context.textAlign = "left";
}

function paintDepot(context, one) {
  const dark = page.theme === "dark";
  const [body, line] = dark ? ["#f2f4f7", "#12161b"] : ["#1d2229", "#ffffff"];
  const { x, y } = one;
  context.beginPath();
  context.roundRect(x - 12, y - 12, 24, 24, 7);
  context.fillStyle = body;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = line;
  context.stroke();
  context.beginPath();
  const house = [[-6.5, 6], [-6.5, -1.5], [0, -6], [6.5, -1.5], [6.5, 6]];
  house.forEach(([dx, dy], i) => (i ? context.lineTo(x + dx, y + dy) : context.moveTo(x + dx, y + dy)));
  context.moveTo(x - 3, y + 6);
  context.lineTo(x - 3, y + 1);
  context.lineTo(x + 3, y + 1);
  context.lineTo(x + 3, y + 6);
  context.lineWidth = 1.6;
  context.lineCap = "round";
  context.stroke();
  setFont(context, { size: 11.5, weight: 700 });
  const name = data.depots[one.depot].id;
  haloed(context, name, x - context.measureText(name).width / 2, y + 21, dark ? "#f2f4f7" : "#1d2229", paints[page.theme].halo);
}

function paintOpen(context, one) {
  const dark = page.theme === "dark";
  const colour = dark ? "#ff8f85" : "#b3261e";
  const radius = one.rank === 0 ? 12 : 9;
  context.setLineDash([3, 2]);
  disc(context, one.x, one.y, radius, dark ? "#14181d" : "#ffffff", colour, 2);
  context.setLineDash([]);
  centred(context, "!", one.x, one.y, colour, 12);
}

/** Return the boxes that names have to keep clear of. */
function obstaclesOf(marks) {
  const [right, bottom] = legendCorner();
  const legend = right ? [[0, 0, right, bottom]] : [];
  return [...legend, ...marks.map(({ kind, x, y, radius }) => [x - radius, y - radius, x + radius, y + radius + (kind === "depot" ? 18 : 0)])];
}

/** Return the mark under a pixel, or null. */
function markAt(marks, x, y, reach) {
  let best = null;
  let nearest = Infinity;
  for (const one of marks) {
    const distance = Math.hypot(one.x - x, one.y - y) - one.radius;
    if (one.kind !== "depot" && distance < reach && distance < nearest) [nearest, best] = [distance, one];
  }
  return best;
}
