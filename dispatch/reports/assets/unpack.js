// Integers out of base64: the other end of dispatch/reports/packing.py.

/** Return `{next, end}`: one integer of 0 and more after the other, from base64 of LEB128. */
function integers(text) {
  const bytes = atob(text);
  let at = 0;
  return {
    end: () => at >= bytes.length,
    next() {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = bytes.charCodeAt(at++);
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        scale *= 128;
      }
    },
  };
}

function allIntegers(text) {
  const source = integers(text);
  const values = [];
  while (!source.end()) values.push(source.next());
  return values;
}

/** Return lines as Int32Array [x, y, x, y, ...]; `counts` says how many points each has. */
function unpackLines(counts, text) {
  const source = integers(text);
  let x = 0;
  let y = 0;
  const step = () => {
    const value = source.next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  return counts.map((points) => {
    const line = new Int32Array(2 * points);
    for (let i = 0; i < line.length; i += 2) {
      line[i] = x += step();
      line[i + 1] = y += step();
    }
    return line;
  });
}

/** Return [west, north, east, south] of some lines. */
function boundsOf(lines) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      if (line[i] < box[0]) box[0] = line[i];
      if (line[i] > box[2]) box[2] = line[i];
      if (line[i + 1] < box[1]) box[1] = line[i + 1];
      if (line[i + 1] > box[3]) box[3] = line[i + 1];
    }
  }
  return box;
}

/** Return the features of the map by layer: {flags, name, size, lines, box}. */
function unpackMap(map) {
  const [layer, flags, name, size, parts] = [map.layer, map.flags, map.name, map.size, map.parts].map(allIntegers);
  const lines = unpackLines(allIntegers(map.points), map.xy);
  const byLayer = Array.from({ length: 64 }, () => []);
  let at = 0;
  layer.forEach((number, i) => {
    const own = lines.slice(at, at += parts[i]);
    byLayer[number].push({ flags: flags[i], name: name[i], size: size[i], lines: own, box: boundsOf(own) });
  });
  return byLayer;
}

/** Give each route its legs, and each leg its line. */
function unpackPaths() {
  const lines = unpackLines(allIntegers(data.paths.points), data.paths.xy);
  let at = 0;
  for (const route of data.routes) {
    route.legs = lines.slice(at, at += route.stops.length + 1);
    route.box = boundsOf(route.legs);
  }
}
