// Which leaf shows the truth, where a rule knows the file that is at fault and no leaf.

const GENESIS = 0;
const LOG_PREFIX = "log/";
const TILE =
  /^tile\/(entries|0|[1-5]?[0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

const unprefixed = (path) => (path.startsWith(LOG_PREFIX) ? path.slice(LOG_PREFIX.length) : path);

// {level, number, width} of a path inside log/, or null where it names no tile.
function parseTilePath(path) {
  const shape = TILE.exec(path);
  if (shape === null) return null;
  const level = shape[1] === "entries" ? shape[1] : Number(shape[1]);
  const number = Number(shape[2].replace(/[/x]/g, ""));
  const width = Number(shape[3] || WIDTH);
  const known = width <= WIDTH && tilePath(level, number, width) === LOG_PREFIX + path;
  return known ? { level, number, width } : null;
}

// The first leaf under the item at `place` of a tile or bundle.
function firstLeaf(level, number, place = 0) {
  const item = number * WIDTH + place;
  return level === "entries" ? item : item * WIDTH ** level;
}

// The leaf from which a whole file follows, in a log of `size` leaves; null without any.
function leafOf(path, size) {
  if (size === 0) return null;
  const inner = unprefixed(path);
  if (inner === "vkey" || EXPORTS.some((format) => format.name === inner)) return GENESIS;
  const tile = parseTilePath(inner);
  return tile === null ? size - 1 : Math.min(firstLeaf(tile.level, tile.number), size - 1);
}

// Where two texts part; the length of the shorter one where it is the other's beginning.
function firstDifference(one, other) {
  const shorter = Math.min(one.length, other.length);
  let at = 0;
  while (at < shorter && one[at] === other[at]) at += 1;
  return at;
}

// How many leaves a folder has by the names of its bundles and tiles of leaf hashes alone.
function leavesHeld(folder) {
  let held = 0;
  for (const path of folder.files.keys()) {
    const tile = path.startsWith(LOG_PREFIX) ? parseTilePath(unprefixed(path)) : null;
    if (tile !== null && (tile.level === "entries" || tile.level === 0)) {
      held = Math.max(held, tile.number * WIDTH + tile.width);
    }
  }
  return held;
}
