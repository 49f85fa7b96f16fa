// Puts the parts together.

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function firstLanguage() {
  const kept = remembered("language");
  if (kept in words) return kept;
  return (navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
}

function firstTheme() {
  const kept = remembered("theme");
  if (kept === "light" || kept === "dark") return kept;
  return prefersDark.matches ? "dark" : "light";
}

/** Say what was picked to those who do not see it. */
function announce() {
  const target = page.picked;
  if (!target) return;
  if (target.route < 0) {
    const order = data.unplanned[target.open];
    $("said").textContent = `${order.order}: ${reasonHead(order)}`;
    return;
  }
  const route = data.routes[target.route];
  const stop = target.stop === null ? null : route.stops[target.stop];
  $("said").textContent = stop
    ? `${route.vehicle}, ${say("stop", { n: stop.number })}: ${stop.name || stop.address}, ${clock(stop.arrival, route.zone)}`
    : say("selected", { vehicle: route.vehicle, stops: count("stops", route.stops.length), from: clock(route.departure, route.zone), to: clock(route.arrival, route.zone) });
}

/** The map on A4, in the styles' millimetres at 96 pixels an inch; other paper scales it. */
const PAPER = { width: 1039, height: 401 };

/** On paper: light, everything in view, as sharp as paper is. */
function startPrinting() {
  let kept = null;
  const before = () => {
    if (kept) return;
    kept = { theme: page.theme, picked: page.picked, hover: null };
    // On paper the picture comes first, on the screen the list that a keyboard reaches first.
    $("panel").parentElement.append($("panel"));
    change({ theme: "light", picked: null, hover: null });
    map.size(PAPER.width, PAPER.height, 2.5);
  };
  const after = () => {
    $("panel").parentElement.prepend($("panel"));
    const values = kept;
    kept = null;
    change(values);
    map.resize();
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
}

page.language = firstLanguage();
page.theme = firstTheme();
unpackPaths();
assignLanes();
startHead();
startPanel();
startTimeline();
startMap();
startPrinting();
map.resize();

listen((changed) => {
  if (changed.has("theme")) showTheme();
  if (changed.has("language") || changed.has("view")) { fillHead(); fillWords(); }
  if (changed.has("picked")) announce();
  if (changed.has("view")) {
    document.body.dataset.view = page.view;
    map.resize();
    tip.at(null);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { tip.at(null); change({ picked: null, hover: null }); }
});

prefersDark.addEventListener("change", () => {
  if (!remembered("theme")) change({ theme: prefersDark.matches ? "dark" : "light" });
});
