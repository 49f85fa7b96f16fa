// The lists: routes with their stops, and orders that are not planned.

const drawn = { routes: [], stops: [], open: [] };
const opened = new Set();

function fillPanel() {
  $("tab-routes").replaceChildren(say("routes"), make("span", { class: "badge" }, number(data.routes.length)));
  $("tab-open").replaceChildren(say("open"), make("span", { class: `badge${numBad() ? " bad" : ""}` }, number(numBad())));
  drawn.routes = data.routes.map(routeItem);
  const unused = data.unused.length ? make("p", { class: "note foot" }, say("unused", { names: data.unused.join(say("list")) })) : null;
  const none = data.routes.length ? null : make("p", { class: "note foot" }, say("noRoutes"));
  $("routes").replaceChildren(...[none, make("ol", { class: "routes" }, ...drawn.routes), unused].filter(Boolean));
  fillOpen();
  showFocus();
}

/** How many orders are on no route: left out, or never read. */
function numBad() {
  return data.unplanned.length + data.faults.length;
}

function routeItem(route, r) {
  const target = { route: r, stop: null };
  const id = `stops-${r}`;
  const head = make("button", {
    type: "button", class: "route-head", "aria-expanded": String(opened.has(r)), "aria-controls": id,
    onclick: () => toggle(r),
  },
  swatch(r),
  make("span", { class: "who" }, make("strong", {}, route.vehicle), make("span", { class: "note" }, `${profileName(route.profile)} · ${route.depot}`)),
  make("span", { class: "when" }, span(route.departure, route.arrival, route.zone), icon("chevron", 16)),
  make("span", { class: "figures" }, `${count("stops", route.stops.length)} · ${count("orders", ordersOf(route))} · ${kilometres(route.distance)} · ${money(route.cost)}`),
  make("span", { class: "peaks" }, peakBar(route, 0), peakBar(route, 1)));
  const item = make("li", {
    class: "route", style: { "--route": routeColour(r), "--on": inkOn(routeColour(r)) },
    onpointerenter: () => change({ hover: target }), onpointerleave: () => change({ hover: null }),
  }, head, make("div", { class: "body", id }, make("div", { class: "loads" }, loadChart(route, 0), loadChart(route, 1)), stopList(route, r)));
  item.classList.toggle("closed", !opened.has(r));
  return item;
}

function stopList(route, r) {
  drawn.stops[r] = route.stops.map((stop, s) => stopItem(route, r, stop, s));
  const end = (words, second, note) => make("li", { class: "end" }, make("span", { class: "dot" }), make("span", { class: "at" }, clock(second, route.zone)), make("span", {}, words), make("span", { class: "note" }, note));
  return make("ol", { class: "stops" },
    end(say("start", { depot: route.depot }), route.departure, loadWords(route.load)),
    ...drawn.stops[r],
    end(say("end", { depot: route.depot }), route.arrival, kilometres(route.back.distance)));
}

function stopItem(route, r, stop, s) {
  const target = { route: r, stop: s };
  const late = stop.visits.some((visit) => !visit.onTime);
  const title = stop.name || stop.address || stop.visits[0].order;
  return make("li", {}, make("button", {
    type: "button", class: `stop${late ? " late" : ""}`,
    onclick: () => pick(target),
    onfocus: () => change({ hover: target }), onblur: () => change({ hover: null }),
    onpointerenter: () => change({ hover: target }), onpointerleave: () => change({ hover: { route: r, stop: null } }),
  },
  swatch(r, stop.number),
  make("span", { class: "at" }, clock(stop.arrival, route.zone)),
  make("span", { class: "name" }, title, late ? make("em", {}, say("late")) : null),
  make("span", { class: "window" }, windowWords(windowsOf(stop), route.zone)),
  make("span", { class: "orders" }, stop.visits.map((visit) => visit.order).join(say("list"))),
  make("span", { class: "left" }, loadWords(stop.load)),
  stop.name && stop.address ? make("span", { class: "address" }, stop.address) : null));
}

function toggle(r) {
  const open = !opened.has(r);
  if (open) opened.add(r);
  else opened.delete(r);
  drawn.routes[r].classList.toggle("closed", !open);
  drawn.routes[r].firstElementChild.setAttribute("aria-expanded", String(open));
  change({ picked: open ? { route: r, stop: null } : null });
}

function fillOpen() {
  drawn.open = data.unplanned.map(openItem);
  const parts = [];
  if (drawn.open.length) parts.push(make("ol", { class: "open-list" }, ...drawn.open));
  else parts.push(make("p", { class: "note foot good" }, say("allPlanned")));
  if (data.faults.length) {
    parts.push(make("h2", {}, say("faults")), make("p", { class: "note foot" }, say("faultsHint")));
    parts.push(make("ol", { class: "open-list" }, ...data.faults.map(faultItem)));
  }
  $("open").replaceChildren(...parts);
}

/** Return a short headline for why an order was left out, in the chosen language. */
function reasonHead(order) {
  const code = order.reasons.length ? order.reasons[0].code : "other";
  const key = `reason.${code}`;
  return key in words.en ? say(key) : say("reason.other");
}

/** Why, with its numbers: in the chosen language where the planner speaks it. */
function causeOf(reason) {
  return reason[page.language]?.cause ?? reason.cause;
}

/** What helps: in the chosen language, at least in general words. */
function helpFor(reason) {
  return reason[page.language]?.action ?? words.help[page.language]?.[reason.code] ?? reason.action;
}

function openItem(order, i) {
  const target = { route: -1, stop: null, open: i };
  const reasons = order.reasons.map((reason) => make("li", {},
    make("p", {}, causeOf(reason)),
    make("p", { class: "help" }, make("b", {}, `${say("action")}: `), helpFor(reason))));
  return make("li", {}, make("button", {
    type: "button", class: "open-order", onclick: () => pick(target),
    onpointerenter: () => change({ hover: target }), onpointerleave: () => change({ hover: null }),
    onfocus: () => change({ hover: target }), onblur: () => change({ hover: null }),
  },
  make("span", { class: "badge bad" }, "!"),
  make("span", { class: "who" }, make("strong", {}, order.order), make("span", { class: "note" }, [order.name, order.address].filter(Boolean).join(" · "))),
  make("span", { class: "window" }, windowWords(order.windows)),
  make("span", { class: "why" }, reasonHead(order)),
  make("span", { class: "left" }, loadWords([order.weight, order.volume]))),
  make("ul", { class: "reasons" }, ...reasons));
}

function faultItem(fault) {
  const [cause, ...more] = [words.faults[page.language]?.[fault.code], fault.cause, fault.action].filter(Boolean);
  return make("li", { class: "fault" },
    make("strong", {}, placeOfFault(fault)), make("p", {}, cause), ...more.map((text) => make("p", { class: "help" }, text)));
}

/** Return where a fault lies: "Orders, row 3, column latest". */
function placeOfFault({ table, row, column }) {
  const key = `table.${table}`;
  const named = key in words.en ? say(key) : table;
  if (!row) return [named, column].filter(Boolean).join(say("list"));
  return say(column ? "faultIn" : "faultAt", { table: named, row, column });
}

/** Mark in the lists what is pointed at or picked; bring what was picked into view. */
function showFocus(scroll = false) {
  const focus = focused();
  drawn.routes.forEach((item, r) => item.classList.toggle("lit", Boolean(focus) && focus.route === r));
  drawn.stops.forEach((items, r) => items.forEach((item, s) => {
    item.firstElementChild.classList.toggle("lit", Boolean(focus) && focus.route === r && focus.stop === s);
    item.firstElementChild.classList.toggle("picked", same(page.picked, { route: r, stop: s }));
  }));
  drawn.open.forEach((item, i) => item.firstElementChild.classList.toggle("lit", Boolean(focus) && focus.open === i));
  if (scroll && page.picked) bringIntoView();
}

function bringIntoView() {
  const { route, stop, open } = page.picked;
  if (route < 0) {
    change({ list: "open" });
    drawn.open[open].scrollIntoView({ block: "nearest" });
    return;
  }
  change({ list: "routes" });
  if (stop !== null && !opened.has(route)) {
    opened.add(route);
    drawn.routes[route].classList.remove("closed");
    drawn.routes[route].firstElementChild.setAttribute("aria-expanded", "true");
  }
  (stop === null ? drawn.routes[route].firstElementChild : drawn.stops[route][stop]).scrollIntoView({ block: "nearest" });
}

function showList() {
  const wanted = page.view === "open" ? "open" : page.view === "routes" ? "routes" : page.list;
  for (const name of ["routes", "open"]) {
    const on = name === wanted;
    $(`tab-${name}`).setAttribute("aria-selected", String(on));
    $(`tab-${name}`).tabIndex = on ? 0 : -1;
    $(name).hidden = !on;
  }
}

function startPanel() {
  for (const name of ["routes", "open"]) {
    $(`tab-${name}`).addEventListener("click", () => change({ list: name, view: page.view === "map" ? "map" : name }));
    $(`tab-${name}`).addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = name === "routes" ? "open" : "routes";
      change({ list: other });
      $(`tab-${other}`).focus();
    });
  }
  listen((changed) => {
    if (changed.has("language") || changed.has("theme")) fillPanel();
    if (changed.has("list") || changed.has("view")) showList();
    showFocus(changed.has("picked"));
  });
  if (!data.routes.length && data.unplanned.length) page.list = "open";
  fillPanel();
  showList();
}
