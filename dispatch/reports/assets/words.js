// The words of the chosen language, and numbers, times and money as people write them.

/** Return the words for `key`, with `{name}` replaced from `values`. */
function say(key, values = {}) {
  const text = words[page.language][key] ?? words.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return "1 order", "12 orders". */
function count(key, n) {
  return say(`${key}.${n === 1 ? "one" : "many"}`, { n });
}

function locale() {
  return page.language === "zh" ? "zh-CN" : "en-GB";
}

function number(value, digits = 0) {
  return value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function kilometres(metres) {
  if (metres < 1000) return say("m", { n: number(metres) });
  const km = metres / 1000;
  return say("km", { n: number(km, km < 100 ? 1 : 0) });
}

function lasting(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return say("minutes", { m: minutes });
  return say("hours", { h: number(Math.floor(minutes / 60)), m: minutes % 60 });
}

function money(fen) {
  return `¥${number(fen / 100, fen < 100000 ? 2 : 0)}`;
}

function share(part, whole) {
  if (!whole) return "—";
  return (part / whole).toLocaleString(locale(), { style: "percent", maximumFractionDigits: 0 });
}

function kilograms(grams) {
  return number(grams / 1000, grams % 1000 && grams < 100000 ? 1 : 0);
}

const litres = kilograms;

const clocks = new Map();

/** Return the time on the wall, "08:30", at a second of the plan; a later day gets "+1". */
function clock(second, zone = data.zone) {
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    }));
  }
  const parts = {};
  for (const { type, value } of clocks.get(zone).formatToParts(new Date((data.start + second) * 1000))) parts[type] = value;
  const day = Date.UTC(+parts.year, +parts.month - 1, +parts.day);
  const days = Math.round((day - Date.parse(`${data.date}T00:00:00Z`)) / 86400000);
  return `${parts.hour}:${parts.minute}${days ? ` ${days > 0 ? "+" : "−"}${Math.abs(days)}` : ""}`;
}

function span(from, to, zone) {
  return `${clock(from, zone)}–${clock(to, zone)}`;
}

/** Return the windows of a stop or order in words. */
function windowWords(windows, zone) {
  if (!windows.length) return say("anyTime");
  return windows.map(([from, to]) => windowSpan(from, to, zone)).join(say("list"));
}

/** Return "09:00–12:00", or "from 14:00", "until 11:30" where one end is open. */
function windowSpan(from, to, zone) {
  if (from === null) return say("until", { t: clock(to, zone) });
  if (to === null) return say("from", { t: clock(from, zone) });
  return span(from, to, zone);
}

function day() {
  const date = new Date(`${data.date}T12:00:00Z`);
  const options = { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" };
  return date.toLocaleDateString(locale(), options);
}

/** Return a name of the map in the chosen language: [local, Chinese, Latin]. */
function placeName(names) {
  const [local, chinese, latin] = names;
  return (page.language === "zh" ? chinese : latin) || local;
}

/** Return the vehicles of a profile in words: "trucks". */
function profilesName(profile) {
  const key = `who.${profile}`;
  return key in words.en ? say(key) : profile;
}

function profileName(profile) {
  const key = `profile.${profile}`;
  return key in words.en ? say(key) : profile;
}
