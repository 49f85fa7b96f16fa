// Where the map looks: units of the drawing to pixels of the screen, and back.

/** `whole`: shows the whole plan, and goes on doing so when the window changes. */
const camera = { x: 0, y: 0, k: 1, width: 1, height: 1, pixelRatio: 1, whole: true };
const EQUATOR_PIXEL_M = 156543.03392804097; // Web Mercator metres per pixel at zoom 0 with 256 px tiles.
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
let flight = null;

const toScreenX = (x) => (x - camera.x) * camera.k + camera.width / 2;
const toScreenY = (y) => (y - camera.y) * camera.k + camera.height / 2;
const toMapX = (x) => (x - camera.width / 2) / camera.k + camera.x;
const toMapY = (y) => (y - camera.height / 2) / camera.k + camera.y;

/** Return the zoom level as web maps count it. */
function zoomLevel() {
  return Math.log2(EQUATOR_PIXEL_M / (data.map.unit / camera.k));
}

/** Return metres on the ground per pixel at the middle of the view. */
function metresPerPixel() {
  const north = data.map.north - camera.y * data.map.unit;
  const latitude = 2 * Math.atan(Math.exp(north / 6378137)) - Math.PI / 2;
  return (data.map.unit / camera.k) * Math.cos(latitude);
}

/** Return [west, north, east, south] of what is seen, in units, with a margin in pixels. */
function seen(margin = 0) {
  return [toMapX(-margin), toMapY(-margin), toMapX(camera.width + margin), toMapY(camera.height + margin)];
}

function within(box, view) {
  return box[0] <= view[2] && box[2] >= view[0] && box[1] <= view[3] && box[3] >= view[1];
}

/** Return the box around the whole plan. */
function planBox() {
  const points = [...data.depots, ...data.unplanned, ...data.routes.flatMap((route) => route.stops)].map((place) => place.xy);
  return boundsOf([...points, ...data.routes.flatMap((route) => route.legs)]);
}

/** Return the view {x, y, k} that shows a box, clear of what lies over the map's edges. */
function viewOf(box) {
  const pad = Math.min(64, camera.width / 7, camera.height / 7);
  const [right, bottom] = [camera.width - pad, camera.height - pad];
  const [legendRight, legendBottom] = legendCorner().map((edge) => edge + 24);
  const whole = fitted(box, [pad, pad, right, bottom]);
  if (whole.left > legendRight || whole.top > legendBottom) return whole;
  const beside = fitted(box, [Math.max(pad, legendRight), pad, right, bottom]);
  const below = fitted(box, [pad, Math.max(pad, legendBottom), right, bottom]);
  return beside.k > below.k ? beside : below;
}

/**
 * Return the view that shows a box within [left, top, right, bottom] of the window, as near to its
 * middle as may be; with `left` and `top`, where the box then begins.
 */
function fitted(box, [left, top, right, bottom]) {
  const [across, down] = [box[2] - box[0], box[3] - box[1]].map((side) => Math.max(side, 1));
  const k = Math.min(Math.max(right - left, 40) / across, Math.max(bottom - top, 40) / down, scaleOf(17));
  const between = (value, least, most) => Math.max(least, Math.min(value, most));
  const x = between((camera.width - across * k) / 2, left, right - across * k);
  const y = between((camera.height - down * k) / 2, top, bottom - down * k);
  return { x: box[0] + (camera.width / 2 - x) / k, y: box[1] + (camera.height / 2 - y) / k, k, left: x, top: y };
}

/** Return the right and bottom edge of the legend over the map; without one 0, 0. */
function legendCorner() {
  const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = $("legend");
  return offsetWidth ? [offsetLeft + offsetWidth, offsetTop + offsetHeight] : [0, 0];
}

function scaleOf(zoom) {
  return (data.map.unit * 2 ** zoom) / EQUATOR_PIXEL_M;
}

/** Keep the view on the drawing: what lies beyond was never drawn. */
function limit(view) {
  const { width, height } = data.map;
  const least = Math.min(Math.max(camera.width / width, camera.height / height), viewOf(planBox()).k);
  const k = Math.min(Math.max(view.k, least), scaleOf(19.5));
  const [halfX, halfY] = [camera.width / 2 / k, camera.height / 2 / k];
  const between = (value, half, whole) => (2 * half >= whole ? whole / 2 : Math.min(Math.max(value, half), whole - half));
  return { x: between(view.x, halfX, width), y: between(view.y, halfY, height), k };
}

function look(view) {
  Object.assign(camera, limit(view), { whole: false });
  map.moved();
}

/** Zoom by a factor, with the map under a pixel staying there. */
function zoomBy(factor, x = camera.width / 2, y = camera.height / 2) {
  const [mapX, mapY] = [toMapX(x), toMapY(y)];
  const k = limit({ ...camera, k: camera.k * factor }).k;
  look({ k, x: mapX - (x - camera.width / 2) / k, y: mapY - (y - camera.height / 2) / k });
}

/** Show the whole plan, and keep to it. */
function showWhole() {
  fly(viewOf(planBox()), () => { camera.whole = true; });
}

/** Go to a view; in a short flight where motion is welcome. */
function fly(target, then = () => {}) {
  cancelAnimationFrame(flight);
  const end = limit(target);
  if (reducedMotion.matches || document.hidden) {
    look(end);
    return then();
  }
  const begin = { x: camera.x, y: camera.y, k: camera.k };
  const started = performance.now();
  const step = (now) => {
    const share = Math.min((now - started) / 420, 1);
    const eased = 1 - (1 - share) ** 3;
    const k = begin.k * (end.k / begin.k) ** eased;
    // The place moves as the scale does, so that the flight keeps to a straight course.
    const way = Math.abs(end.k - begin.k) < 1e-9 ? eased : (1 / begin.k - 1 / k) / (1 / begin.k - 1 / end.k);
    look({ k, x: begin.x + (end.x - begin.x) * way, y: begin.y + (end.y - begin.y) * way });
    if (share < 1) flight = requestAnimationFrame(step);
    else then();
  };
  flight = requestAnimationFrame(step);
}

function land() {
  cancelAnimationFrame(flight);
}
