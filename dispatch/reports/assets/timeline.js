// One lane per vehicle: driving, pausing, waiting, setting up, serving, against the clock.

const HOUR = 3600;
const time = { from: 0, to: 1, bars: [], lanes: [] };

function fillTimeline() {
  const seconds = data.routes.flatMap((route) => [route.departure, route.arrival, ...route.shift]);
  if (!seconds.length) {
    $("timeline").replaceChildren(make("p", { class: "note foot" }, say("noRoutes")));
    return;
  }
  const busy = data.routes.flatMap((route) => [route.departure, route.arrival]);
  time.from = Math.floor(Math.min(...busy) / HOUR) * HOUR;
  time.to = Math.max(Math.ceil(Math.max(...busy) / HOUR) * HOUR, time.from + HOUR);
  time.bars = [];
  time.lanes = data.routes.map(lane);
  const hours = Math.round((time.to - time.from) / HOUR);
  $("timeline").replaceChildren(make("div", { class: "lanes", style: { "--hours": hours } }, axis(hours), ...time.lanes), key());
  lightBars();
}

const left = (second) => `${((second - time.from) / (time.to - time.from)) * 100}%`;
const long = (seconds) => `${(seconds / (time.to - time.from)) * 100}%`;

function axis(hours) {
  const every = hours > 16 ? 2 : 1;
  const ticks = [];
  for (let i = 0; i <= hours; i += every) {
    const second = time.from + i * HOUR;
    ticks.push(make("span", { class: "tick", style: { left: left(second) } }, clock(second)));
  }
  return make("div", { class: "axis" }, make("span", { class: "lane-name" }), make("div", { class: "track" }, ...ticks));
}

function key() {
  const sample = (kind) => make("span", {}, make("i", { class: `bar ${kind}` }), say(kind));
  return make("p", { class: "key", "aria-hidden": "true" }, sample("drive"), ...(pausing() ? [sample("pause")] : []), sample("wait"), sample("setup"), sample("serve"), make("span", {}, make("i", { class: "bar window" }), say("window")));
}

function lane(route, r) {
  const target = { route: r, stop: null };
  const bars = [make("i", { class: "shift", style: { left: left(Math.max(route.shift[0], time.from)), width: long(Math.min(route.shift[1], time.to) - Math.max(route.shift[0], time.from)) } })];
  time.bars[r] = [];
  let now = route.departure;
  route.stops.forEach((stop, s) => {
    const own = stopBars(stop, now, { route: r, stop: s });
    time.bars[r][s] = own;
    bars.push(...own);
    now = stop.departure;
  });
  bars.push(bar("drive", now, route.arrival - now, target));
  const words = say("selected", { vehicle: route.vehicle, stops: count("stops", route.stops.length), from: clock(route.departure, route.zone), to: clock(route.arrival, route.zone) });
  return make("div", { class: "lane", style: { "--route": routeColour(r), "--on": inkOn(routeColour(r)) } },
    make("button", {
      type: "button", class: "lane-name", title: route.vehicle, "aria-label": words,
      onclick: () => pick(target), onkeydown: (event) => walk(event, r),
      onpointerenter: () => change({ hover: target }), onpointerleave: () => change({ hover: null }),
    }, swatch(r), make("span", {}, route.vehicle)),
    make("div", { class: "track" }, ...bars));
}

function stopBars(stop, now, target) {
  const bars = [];
  for (const [from, to] of windowsOf(stop)) {
    const [start, end] = [Math.max(from ?? time.from, time.from), Math.min(to ?? time.to, time.to)];
    if (end >= start) bars.push(make("i", { class: "bar window", style: { left: left(start), width: long(end - start) } }));
  }
  bars.push(bar("drive", now, stop.arrival - now, target));
  for (const visit of stop.visits) {
    const [before, after] = visit.pause;
    const begin = visit.arrival + before + visit.wait;
    if (before) bars.push(bar("pause", visit.arrival, before, target));
    if (visit.wait) bars.push(bar("wait", visit.arrival + before, visit.wait, target));
    if (visit.setup) bars.push(bar("setup", begin, visit.setup, target));
    bars.push(bar(`serve${visit.onTime ? "" : " late"}`, begin + visit.setup, visit.service, target));
    if (after) bars.push(bar("pause", begin + visit.setup + visit.service, after, target));
  }
  const [visit] = stop.visits;
  const first = visit.arrival + visit.pause[0] + visit.wait + visit.setup;
  const sign = make("b", { class: stop.number > 9 ? "wide" : null }, String(stop.number));
  bars.push(make("i", { class: "bar sign", style: { left: left(first), width: long(served(stop) - first) } }, sign));
  return bars;
}

/** Return when the last service of a stop is done. */
function served(stop) {
  return stop.departure - stop.visits[stop.visits.length - 1].pause[1];
}

const pausing = () => data.routes.some((route) => route.stops.some((stop) => stop.visits.some((visit) => visit.pause[0] || visit.pause[1])));

function bar(kind, from, seconds, target) {
  return make("i", {
    class: `bar ${kind}`, style: { left: left(from), width: long(seconds) },
    onclick: () => pick(target),
    onpointermove: (event) => { change({ hover: target }); tip.at(target, event.clientX, event.clientY); },
    onpointerleave: () => { change({ hover: null }); tip.at(null); },
  });
}

/** Step through the stops of a lane with the arrow keys. */
function walk(event, r) {
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const last = data.routes[r].stops.length - 1;
  const at = page.picked && page.picked.route === r && page.picked.stop !== null ? page.picked.stop : -1;
  change({ picked: { route: r, stop: Math.min(Math.max(at + steps[event.key], 0), last) } });
}

function lightBars() {
  const focus = focused();
  time.lanes.forEach((lane, r) => {
    lane.classList.toggle("lit", Boolean(focus) && focus.route === r);
    lane.classList.toggle("dim", Boolean(focus) && focus.route >= 0 && focus.route !== r);
  });
  time.bars.forEach((stops, r) => stops.forEach((bars, s) => {
    const lit = Boolean(focus) && focus.route === r && focus.stop === s;
    bars.forEach((one) => one.classList.toggle("lit", lit));
  }));
}

/** Let the line above the timeline be dragged, or moved by the arrow keys. */
function startDivider() {
  const divider = $("divider");
  const set = (height) => {
    const most = innerHeight - 260;
    document.body.style.setProperty("--timeline", `${Math.round(Math.min(Math.max(height, 72), most))}px`);
  };
  const height = () => $("timeline").offsetHeight;
  divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) set(innerHeight - event.clientY);
  });
  divider.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp") set(height() + 24);
    else if (event.key === "ArrowDown") set(height() - 24);
    else return;
    event.preventDefault();
  });
}

function startTimeline() {
  fillTimeline();
  startDivider();
  listen((changed) => {
    if (changed.has("language") || changed.has("theme")) fillTimeline();
    else lightBars();
    if (changed.has("picked") && page.picked && page.picked.route >= 0) time.lanes[page.picked.route].scrollIntoView({ block: "nearest" });
  });
}
