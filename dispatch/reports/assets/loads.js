// How full a vehicle is along its route.

const DIMENSIONS = [["weight", "kg"], ["volume", "l"]];

/** Return what is on board after the start and after each stop, in one dimension. */
function loadsAlong(route, dimension) {
  return [route.load[dimension] || 0, ...route.stops.map((stop) => stop.load[dimension] || 0)];
}

function peakOf(route, dimension) {
  return Math.max(...loadsAlong(route, dimension));
}

/** A thin bar: the fullest that the vehicle gets, of what it can carry. */
function peakBar(route, dimension) {
  const [name, unit] = DIMENSIONS[dimension];
  const [peak, capacity] = [peakOf(route, dimension), route.capacity[dimension]];
  const full = capacity ? Math.min(peak / capacity, 1) : 0;
  const title = capacity
    ? say("peak", { a: kilograms(peak), b: kilograms(capacity), unit: say(unit), share: share(peak, capacity) })
    : `${kilograms(peak)} ${say(unit)} · ${say("noLimit")}`;
  return make("span", { class: "peak", title: `${say(name)}: ${title}` },
    make("span", { class: "peak-name" }, say(name)),
    make("span", { class: `bar-track${peak > (capacity || Infinity) ? " over" : ""}` }, make("i", { style: { width: `${full * 100}%` } })),
    make("span", { class: "peak-share" }, capacity ? share(peak, capacity) : `${kilograms(peak)} ${say(unit)}`));
}

/** A step line of the load along the stops, with the capacity as a dashed line. */
function loadChart(route, dimension) {
  const [name, unit] = DIMENSIONS[dimension];
  const loads = loadsAlong(route, dimension);
  const capacity = route.capacity[dimension];
  const top = Math.max(capacity || 0, ...loads, 1) * 1.06;
  const x = (i) => (i / loads.length) * 100;
  const y = (load) => 40 - (load / top) * 40;
  let line = `M0 ${y(loads[0])}`;
  loads.forEach((load, i) => { line += `L${x(i)} ${y(load)}L${x(i + 1)} ${y(load)}`; });
  const words = capacity ? say("of", { a: kilograms(peakOf(route, dimension)), b: `${kilograms(capacity)} ${say(unit)}` }) : `${kilograms(peakOf(route, dimension))} ${say(unit)}`;
  return make("figure", { class: "load" },
    make("figcaption", {}, make("span", {}, say(name)), make("b", {}, words)),
    draw("svg", { viewBox: "0 0 100 40", preserveAspectRatio: "none", role: "img", "aria-label": `${say(name)}: ${words}` },
      draw("path", { class: "fill", d: `${line}L100 40L0 40Z` }),
      draw("path", { class: "edge", d: line }),
      capacity ? draw("line", { class: "limit", x1: 0, x2: 100, y1: y(capacity), y2: y(capacity) }) : []));
}
