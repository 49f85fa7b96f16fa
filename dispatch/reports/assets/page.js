// What the page knows and what is being looked at; everything else listens to it.

const data = JSON.parse(document.getElementById("data").textContent);
const words = JSON.parse(document.getElementById("words").textContent);
const $ = (id) => document.getElementById(id);

/** The state of the page. `hover` and `picked` are {route, stop} by index; stop may be null. */
const page = {
  language: null,
  theme: null,
  hover: null,
  picked: null,
  view: "map",
  list: "routes",
};
const listeners = [];

/** Call `listener(changed)` after each change; `changed` is the set of names that changed. */
function listen(listener) {
  listeners.push(listener);
}

function change(values) {
  const changed = new Set();
  for (const [name, value] of Object.entries(values)) {
    if (same(page[name], value)) continue;
    page[name] = value;
    changed.add(name);
  }
  if (changed.size) listeners.forEach((listener) => listener(changed));
}

function same(a, b) {
  if (a === b) return true;
  if (!a || !b || typeof a !== "object") return false;
  return a.route === b.route && a.stop === b.stop && a.open === b.open;
}

/** What to emphasise: what the pointer is on, else what was picked. */
function focused() {
  return page.hover || page.picked;
}

/** Pick a route or stop, or let go of it when it is picked already. */
function pick(target) {
  change({ picked: same(page.picked, target) ? null : target });
}

/** Make an element with classes, attributes and children; text never becomes markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.flat());
  return element;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [key, part] of Object.entries(value)) element.style.setProperty(key, part);
  else element.setAttribute(name, value === true ? "" : value);
}

/** Remember a choice for the next visit; a page opened from a disk may not be allowed to. */
function remember(name, value) {
  try { localStorage.setItem(`milkrun.${name}`, value); } catch { /* the choice holds for now */ }
}

function remembered(name) {
  try { return localStorage.getItem(`milkrun.${name}`); } catch { return null; }
}

const icons = {
  sun: "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8",
  moon: "M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2Z",
  print: "M7 9V3.5h10V9M7 17H4.5v-6.5A1.5 1.5 0 0 1 6 9h12a1.5 1.5 0 0 1 1.5 1.5V17H17M7 14h10v6.5H7Z",
  all: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  map: "m9 4-5.5 2.2V20L9 17.8m0-13.8 6 2.2M9 4v13.8m6-11.6L20.5 4v13.8L15 20m0-13.8V20m0 0-6-2.2",
  routes: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  timeline: "M3.5 6.5h9M7.5 12h10M11.500 17.5h9",
  open: "M12 8v5M12 16.200v.3M12 3.500 2.800 19.500h18.400Z",
  chevron: "m8 10 4 4 4-4",
};

function icon(name, size = 20) {
  const path = draw("path", { d: icons[name] });
  return draw("svg", { viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": "true" }, path);
}
