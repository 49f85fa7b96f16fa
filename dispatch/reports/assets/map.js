// The map as a whole: what is painted when, and what fingers, wheel and keys do to it.

const canvas = $("canvas");
const PAD = 140; // Pixels of ground painted around the window, so that dragging shows no gap.
const SETTLED_MS = 110;

/** A picture painted once for some camera, and shown moved and scaled until it is painted anew. */
class Sheet {
  constructor(pad, paint) {
    Object.assign(this, { pad, paint, canvas: document.createElement("canvas"), view: null });
  }

  render() {
    const { width, height, pixelRatio } = camera;
    const [across, down] = [width + 2 * this.pad, height + 2 * this.pad];
    this.canvas.width = Math.round(across * pixelRatio);
    this.canvas.height = Math.round(down * pixelRatio);
    const context = this.canvas.getContext("2d");
    context.scale(pixelRatio, pixelRatio);
    Object.assign(camera, { width: across, height: down });
    this.paint(context);
    Object.assign(camera, { width, height });
    this.view = { x: camera.x, y: camera.y, k: camera.k };
  }

  show(context) {
    const scale = camera.k / this.view.k;
    const [width, height] = [(camera.width + 2 * this.pad) * scale, (camera.height + 2 * this.pad) * scale];
    context.drawImage(this.canvas, toScreenX(this.view.x) - width / 2, toScreenY(this.view.y) - height / 2, width, height);
  }

  /** Return whether the sheet no longer covers the window, or is scaled too far. */
  get outgrown() {
    if (!this.view) return true;
    const scale = camera.k / this.view.k;
    const [dx, dy] = [Math.abs(toScreenX(this.view.x) - camera.width / 2), Math.abs(toScreenY(this.view.y) - camera.height / 2)];
    const spare = (size) => ((size + 2 * this.pad) * scale - size) / 2;
    return scale > 1.7 || scale < 0.6 || dx > spare(camera.width) || dy > spare(camera.height);
  }

  get exact() {
    return this.view && this.view.k === camera.k && this.view.x === camera.x && this.view.y === camera.y;
  }
}

const map = {
  ground: new Sheet(PAD, (context) => paintGround(context)),
  names: new Sheet(0, (context) => paintLabels(context, obstaclesOf(marksOnScreen()))),
  screen: [],
  marks: [],
  waiting: false,
  timer: null,

  /** The camera moved: show it now, and sharpen it when it rests. */
  moved() {
    clearTimeout(map.timer);
    map.timer = setTimeout(() => map.settle(), SETTLED_MS);
    map.repaint();
  },

  settle() {
    if (!map.ground.exact) map.ground.render();
    map.names.render();
    map.repaint();
  },

  /** Forget what was painted: the theme, the language or the size changed. */
  renew() {
    map.ground.view = null;
    map.names.view = null;
    map.settle();
  },

  repaint() {
    if (map.waiting) return;
    map.waiting = true;
    requestAnimationFrame(() => {
      map.waiting = false;
      map.paint();
    });
  },

  paint() {
    if (map.ground.outgrown) map.ground.render();
    const context = canvas.getContext("2d");
    context.setTransform(camera.pixelRatio, 0, 0, camera.pixelRatio, 0, 0);
    map.ground.show(context);
    paintZones(context);
    map.screen = routesOnScreen();
    paintRoutes(context, map.screen);
    if (map.names.view && Math.abs(Math.log2(camera.k / map.names.view.k)) < 0.4) map.names.show(context);
    map.marks = marksOnScreen();
    paintMarks(context, map.marks);
    showScale();
    tip.follow();
  },

  resize() {
    const { clientWidth, clientHeight } = $("map");
    if (clientWidth && clientHeight) map.size(clientWidth, clientHeight, Math.min(devicePixelRatio || 1, 3));
  },

  size(width, height, pixelRatio) {
    Object.assign(camera, { width, height, pixelRatio });
    canvas.width = Math.round(width * pixelRatio);
    canvas.height = Math.round(height * pixelRatio);
    Object.assign(camera, camera.whole ? limit(viewOf(planBox())) : limit(camera));
    map.renew();
    map.paint();
  },
};

/** Paint areas that are closed to some vehicles, or slow. */
function paintZones(context) {
  for (const zone of data.zones) {
    const path = new Path2D();
    for (const ring of zone.rings) trace(path, ring, true);
    const colour = zone.action === "forbid" ? (page.theme === "dark" ? "#ff8f85" : "#b3261e") : (page.theme === "dark" ? "#f5c451" : "#9a6700");
    context.globalAlpha = 0.05;
    context.fillStyle = colour;
    context.fill(path, "evenodd");
    context.globalAlpha = 0.75;
    stroke(context, path, colour, 1.5, [7, 5]);
    context.globalAlpha = 1;
  }
}

function showScale() {
  const per = metresPerPixel();
  const power = 10 ** Math.floor(Math.log10(per * 110));
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= per * 110) || power;
  const label = metres < 1000 ? say("m", { n: number(metres) }) : say("km", { n: number(metres / 1000) });
  $("scale").style.width = `${metres / per}px`;
  if ($("scale").firstElementChild.textContent !== label) $("scale").firstElementChild.textContent = label;
}

/** Return what lies under a pixel as {route, stop}, or null. */
function targetAt(x, y, reach) {
  const found = markAt(map.marks, x, y, reach);
  if (found) return found.target;
  const route = routeAt(map.screen, x, y, reach + 2);
  return route === null ? null : { route, stop: null };
}

const pointers = new Map();
let dragged = 0;

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function pointerDown(event) {
  land();
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, place(event));
  if (pointers.size === 1) dragged = 0;
  canvas.classList.add("held");
}

function pointerMove(event) {
  const [x, y] = place(event);
  const before = pointers.get(event.pointerId);
  if (!before) {
    if (event.pointerType === "mouse") hoverAt(x, y);
    return;
  }
  if (pointers.size === 2) return pinch(event.pointerId, [x, y]);
  pointers.set(event.pointerId, [x, y]);
  dragged += Math.hypot(x - before[0], y - before[1]);
  look({ k: camera.k, x: camera.x - (x - before[0]) / camera.k, y: camera.y - (y - before[1]) / camera.k });
}

function pinch(id, [x, y]) {
  dragged = Infinity;
  const [otherId] = [...pointers.keys()].filter((key) => key !== id);
  const [other, before] = [pointers.get(otherId), pointers.get(id)];
  pointers.set(id, [x, y]);
  const middle = (one) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
  const [from, to] = [middle(before), middle([x, y])];
  const apart = (one) => Math.max(Math.hypot(one[0] - other[0], one[1] - other[1]), 8);
  look({ k: camera.k, x: camera.x - (to[0] - from[0]) / camera.k, y: camera.y - (to[1] - from[1]) / camera.k });
  zoomBy(apart([x, y]) / apart(before), to[0], to[1]);
}

function pointerUp(event) {
  const was = pointers.delete(event.pointerId);
  canvas.classList.toggle("held", pointers.size > 0);
  if (!was || dragged > 5 || event.type === "pointercancel") return;
  const [x, y] = place(event);
  const target = targetAt(x, y, event.pointerType === "mouse" ? 5 : 14);
  change({ hover: null });
  if (target) pick(target);
  else change({ picked: null });
}

function hoverAt(x, y) {
  const target = targetAt(x, y, 4);
  canvas.classList.toggle("over", Boolean(target));
  change({ hover: target });
  tip.at(target, x + canvas.getBoundingClientRect().left, y + canvas.getBoundingClientRect().top);
}

function wheel(event) {
  event.preventDefault();
  land();
  const lines = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? 400 : 1;
  const speed = event.ctrlKey ? 0.012 : 0.0022;
  const [x, y] = place(event);
  zoomBy(Math.exp(-Math.min(Math.max(event.deltaY * lines, -320), 320) * speed), x, y);
}

function mapKey(event) {
  const step = 90 / camera.k;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (moves[event.key]) look({ k: camera.k, x: camera.x + moves[event.key][0], y: camera.y + moves[event.key][1] });
  else if (event.key === "+" || event.key === "=") fly({ ...camera, k: camera.k * 1.6 });
  else if (event.key === "-" || event.key === "_") fly({ ...camera, k: camera.k / 1.6 });
  else if (event.key === "0") showWhole();
  else return;
  event.preventDefault();
}

function startMap() {
  canvas.addEventListener("pointerdown", pointerDown);
  canvas.addEventListener("pointermove", pointerMove);
  canvas.addEventListener("pointerup", pointerUp);
  canvas.addEventListener("pointercancel", pointerUp);
  canvas.addEventListener("pointerleave", () => { if (!pointers.size) { change({ hover: null }); tip.at(null); } });
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("keydown", mapKey);
  canvas.addEventListener("dblclick", (event) => { const [x, y] = place(event); zoomBy(2, x, y); });
  $("zoom-in").addEventListener("click", () => fly({ ...camera, k: camera.k * 1.8 }));
  $("zoom-out").addEventListener("click", () => fly({ ...camera, k: camera.k / 1.8 }));
  $("zoom-all").addEventListener("click", () => { change({ picked: null }); showWhole(); });
  $("zoom-all").append(icon("all", 16));
  new ResizeObserver(() => map.resize()).observe($("map"));
  listen((changed) => {
    if (changed.has("theme") || changed.has("language")) map.renew();
    if (changed.has("picked")) showPicked();
    map.repaint();
  });
}

/** Bring what was picked into view, unless it is well in view already. */
function showPicked() {
  const target = page.picked;
  if (!target || camera.width <= 1) return;
  const place = target.route < 0 ? data.unplanned[target.open] : target.stop === null ? null : data.routes[target.route].stops[target.stop];
  const box = place ? [...place.xy, ...place.xy] : data.routes[target.route].box;
  const view = seen(-40);
  if (box[0] >= view[0] && box[1] >= view[1] && box[2] <= view[2] && box[3] <= view[3]) return;
  fly(place ? { x: place.xy[0], y: place.xy[1], k: camera.k } : viewOf(box));
}
