// The head of the page: which day, what it comes to, and the words of every button.

function fillHead() {
  document.documentElement.lang = page.language === "zh" ? "zh-CN" : "en";
  $("day").textContent = day();
  $("where").textContent = `Milkrun · ${data.title}`;
  const totals = data.totals;
  const rows = [
    ["total.orders", `${number(totals.planned)}`, `/ ${number(totals.orders)}`, totals.planned < totals.orders],
    ["total.onTime", share(totals.onTime, totals.planned), "", totals.onTime < totals.planned],
    ["total.vehicles", number(totals.used), `/ ${number(totals.vehicles)}`],
    ["total.stops", number(totals.stops)],
    ["total.distance", kilometres(totals.distance)],
    ["total.duration", lasting(totals.duration)],
    ["total.cost", money(totals.cost)],
  ];
  $("totals").replaceChildren(...rows.map(([key, value, of = "", bad = false]) => make("div", { class: bad ? "bad" : null },
    make("dt", {}, say(key)), make("dd", {}, value, of ? make("small", {}, ` ${of}`) : null))));
}

function fillWords() {
  document.querySelectorAll("[data-word]").forEach((element) => { element.textContent = say(element.dataset.word); });
  document.querySelectorAll("[data-label]").forEach((element) => element.setAttribute("aria-label", say(element.dataset.label)));
  const label = (id, key) => { $(id).title = say(key); $(id).setAttribute("aria-label", say(key)); };
  $("language").textContent = say("language");
  label("language", "languageHint");
  label("theme", "theme");
  label("print", "print");
  label("zoom-in", "zoomIn");
  label("zoom-out", "zoomOut");
  label("zoom-all", "zoomAll");
  $("credit").textContent = data.attribution;
  canvas.setAttribute("aria-label", say("mapHint", { routes: count("routes", data.routes.length), orders: count("orders", data.totals.planned) }));
  fillViews();
  fillLegend();
}

/** The lower bar of a phone: which part of the page fills the screen. */
function fillViews() {
  const names = ["map", "routes", "timeline", "open"];
  $("views").replaceChildren(...names.map((name) => make("button", {
    type: "button", "aria-pressed": String(page.view === name), onclick: () => change({ view: name, list: name === "open" ? "open" : "routes" }),
  }, icon(name, 22), make("span", {}, say(name)), name === "open" && numBad() ? make("span", { class: "badge bad" }, number(numBad())) : null)));
}

function fillLegend() {
  const rows = data.zones.map((zone) => {
    const who = zone.profiles.map(profilesName).join(say("list")) || say("who.all");
    const rule = say(zone.action === "forbid" ? "zoneForbid" : "zoneSlow", { who });
    return make("span", { class: `zone ${zone.action}` }, make("i"), [zone.name, rule].filter(Boolean).join(" · "));
  });
  $("legend").replaceChildren(...rows);
  $("legend").hidden = !rows.length;
}

function showTheme() {
  document.documentElement.dataset.theme = page.theme;
  $("theme").replaceChildren(icon(page.theme === "dark" ? "sun" : "moon"));
}

function startHead() {
  $("print").append(icon("print"));
  $("language").addEventListener("click", () => {
    const language = page.language === "zh" ? "en" : "zh";
    remember("language", language);
    change({ language });
  });
  $("theme").addEventListener("click", () => {
    const theme = page.theme === "dark" ? "light" : "dark";
    remember("theme", theme);
    change({ theme });
  });
  $("print").addEventListener("click", () => window.print());
  showTheme();
  fillHead();
  fillWords();
}
