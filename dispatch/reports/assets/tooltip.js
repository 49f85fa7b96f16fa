// The card that tells about what the pointer is on, or what was picked on the map.

const tip = {
  element: $("tip"),
  shown: null,

  /** Show the card for a target at a place of the window; null hides it. */
  at(target, x = 0, y = 0) {
    const card = target && cardFor(target);
    if (!card) {
      tip.shown = null;
      tip.element.hidden = true;
      tip.follow();
      return;
    }
    if (!same(tip.shown, target)) tip.element.replaceChildren(...card);
    tip.shown = target;
    tip.put(x, y, 14);
  },

  /** Keep the card at the picked stop while nothing else is pointed at. */
  follow() {
    if (tip.shown) return;
    const target = page.picked;
    const place = target && (target.route < 0 ? data.unplanned[target.open] : data.routes[target.route].stops[target.stop]);
    const [x, y] = place ? [toScreenX(place.xy[0]), toScreenY(place.xy[1])] : [-1, -1];
    const hidden = !place || x < 0 || y < 0 || x > camera.width || y > camera.height || !$("map").offsetParent;
    tip.element.hidden = hidden;
    if (hidden) { tip.pinned = null; return; }
    if (!same(tip.pinned, target) || tip.language !== page.language) tip.element.replaceChildren(...cardFor(target));
    tip.pinned = target;
    tip.language = page.language;
    const box = canvas.getBoundingClientRect();
    tip.put(box.left + x, box.top + y, 18);
  },

  put(x, y, away) {
    const { element } = tip;
    element.hidden = false;
    tip.pinned = tip.shown ? null : tip.pinned;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = x + away + width > innerWidth - 8 ? x - away - width : x + away;
    const top = Math.min(Math.max(y - height / 2, 8), innerHeight - height - 8);
    element.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    element.style.top = `${left < 8 ? Math.max(8, y - height - away) : top}px`;
  },
};

/** Return the card's elements for a route, a stop or an order that is not planned. */
function cardFor(target) {
  if (target.route < 0) return openCard(data.unplanned[target.open]);
  const route = data.routes[target.route];
  if (!route) return null;
  return target.stop === null || target.stop === undefined ? routeCard(route, target.route) : stopCard(route, target);
}

function routeCard(route, index) {
  return [
    cardHead(swatch(index), route.vehicle, profileName(route.profile)),
    facts([
      [say("shift"), span(route.departure, route.arrival, route.zone)],
      [say("total.distance"), `${kilometres(route.distance)} · ${lasting(route.drive)}`],
      [say("total.cost"), money(route.cost)],
    ]),
    make("p", { class: "note" }, `${count("stops", route.stops.length)} · ${count("orders", ordersOf(route))}`),
  ];
}

function stopCard(route, target) {
  const stop = route.stops[target.stop];
  const names = [stop.name, stop.address].filter(Boolean);
  return [
    cardHead(swatch(target.route, stop.number), names[0] || say("stop", { n: stop.number }), route.vehicle),
    names[1] ? make("p", { class: "note" }, names[1]) : null,
    facts([
      [say("arrive"), clock(stop.arrival, route.zone)],
      [say("windowShort"), windowWords(windowsOf(stop), route.zone)],
      waitOf(stop) ? [say("wait"), lasting(waitOf(stop))] : null,
      [say("serve"), lasting(serviceOf(stop))],
      [say("leave"), clock(stop.departure, route.zone)],
      [say("ordersWord"), stop.visits.map((visit) => visit.order).join(say("list"))],
      [say("load"), loadWords(stop.load)],
    ]),
  ].filter(Boolean);
}

function openCard(order) {
  return [
    cardHead(make("span", { class: "badge bad" }, "!"), order.name || order.order, order.name ? order.order : ""),
    make("p", { class: "note" }, reasonHead(order)),
    facts([
      [say("windowShort"), windowWords(order.windows)],
      [say("weight"), `${kilograms(order.weight)} ${say("kg")}`],
      [say("volume"), `${litres(order.volume)} ${say("l")}`],
    ]),
  ];
}

function cardHead(mark, title, note) {
  return make("p", { class: "head" }, mark, make("strong", {}, title), make("span", { class: "note" }, note));
}

function facts(pairs) {
  const rows = pairs.filter(Boolean).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("dl", { class: "facts" }, ...rows);
}

/** The sign of a route: its colour, with a stripe where colours repeat, and a number if given. */
function swatch(route, text = "") {
  const colour = routeColour(route);
  const classes = `swatch${striped(route) ? " striped" : ""}${text === "" ? "" : " numbered"}`;
  return make("span", { class: classes, style: { "--route": colour, "--on": inkOn(colour) } }, String(text));
}

const ordersOf = (route) => route.stops.reduce((sum, stop) => sum + stop.visits.length, 0);
const waitOf = (stop) => stop.visits.reduce((sum, visit) => sum + visit.wait, 0);
const serviceOf = (stop) => stop.visits.reduce((sum, visit) => sum + visit.setup + visit.service, 0);

/** Return the different windows of a stop's orders, in order. */
function windowsOf(stop) {
  const seenOnce = new Map(stop.visits.flatMap((visit) => visit.windows).map((window) => [window.join(), window]));
  const end = ([, to]) => to ?? Infinity;
  return [...seenOnce.values()].sort((a, b) => a[0] - b[0] || (end(a) < end(b) ? -1 : 1));
}

function loadWords(load) {
  return `${kilograms(load[0] || 0)} ${say("kg")} · ${litres(load[1] || 0)} ${say("l")}`;
}
