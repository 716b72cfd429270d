// The tree of RFC 6962 and its tiles.

const WIDTH = 256;
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);
const EMPTY_ROOT = sha256(new Uint8Array(0));

const leafHash = (leaf) => sha256(LEAF_PREFIX, leaf);
const nodeHash = (left, right) => sha256(NODE_PREFIX, left, right);

// The roots of the full subtrees at the right edge; it also keeps the root at an older size.
class Frontier {
  constructor(olderSize = null) {
    this.size = 0;
    this.nodes = [];
    this.olderSize = olderSize;
    this.olderRoot = olderSize === 0 ? EMPTY_ROOT : null;
  }

  append(hash) {
    let level = 0;
    for (; this.nodes[level]; level++) {
      hash = nodeHash(this.nodes[level], hash);
      this.nodes[level] = null;
    }
    this.nodes[level] = hash;
    this.size += 1;
    if (this.size === this.olderSize) this.olderRoot = this.root();
  }

  root() {
    let root = null;
    for (const node of this.nodes) if (node) root = root ? nodeHash(node, root) : node;
    return root || EMPTY_ROOT;
  }
}

function rootOf(hashes) {
  const frontier = new Frontier();
  for (const hash of hashes) frontier.append(hash);
  return frontier.root();
}

function tilePath(level, number, width = WIDTH) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `log/tile/${level}/${name}${width === WIDTH ? "" : `.p/${width}`}`;
}

function* tilesOf(size) {
  const levels = [["entries", size]];
  for (let level = 0, items = size; items; level++, items = Math.floor(items / WIDTH)) {
    levels.push([level, items]);
  }
  for (const [level, items] of levels) {
    const full = Math.floor(items / WIDTH);
    for (let number = 0; number < full; number++) yield tilePath(level, number);
    if (items % WIDTH) yield tilePath(level, full, items % WIDTH);
  }
}

// As many of `width` entries as can be cut, and how many bytes are left over.
function splitBundle(data, width) {
  const entries = [];
  let at = 0;
  while (entries.length < width && at + 2 <= data.length) {
    const end = at + 2 + ((data[at] << 8) | data[at + 1]);
    if (end > data.length) break;
    entries.push(data.subarray(at + 2, end));
    at = end;
  }
  return { entries, rest: data.length - at };
}

function hashesIn(tile) {
  const hashes = [];
  for (let at = 0; at < tile.length; at += 32) hashes.push(tile.subarray(at, at + 32));
  return hashes;
}

// Grows the hash tiles from the leaf hashes and keeps only the right edge.
class TileBuilder {
  constructor() {
    this.edge = [];
  }

  // Adds hashes that at most fill the current tile; answers the tiles that fill up.
  push(hashes) {
    const full = [];
    for (let level = 0, carried = hashes; carried.length; level++) {
      if (level === this.edge.length) this.edge.push({ number: 0, hashes: [] });
      const tile = this.edge[level];
      tile.hashes = tile.hashes.concat(carried);
      carried = [];
      if (tile.hashes.length === WIDTH) {
        full.push({ level, ...tile });
        carried = [rootOf(tile.hashes)];
        this.edge[level] = { number: tile.number + 1, hashes: [] };
      }
    }
    return full;
  }

  partialTiles() {
    const tiles = this.edge.map((tile, level) => ({ level, ...tile }));
    return tiles.filter((tile) => tile.hashes.length);
  }
}

// The chosen files by their path from the bundle's folder.
class Folder {
  constructor(files) {
    this.files = new Map(files);
  }

  // Bytes of a file, or null where there is none.
  async bytes(path) {
    const file = this.files.get(path);
    if (file === undefined) return null;
    try {
      return new Uint8Array(await file.arrayBuffer());
    } catch (error) {
      throw new Rejected(`${path}: ${error.message}`);
    }
  }

  // A partial tile that is gone was replaced by the full one, whose beginning then counts.
  async tile(level, number, width) {
    const path = tilePath(level, number, width);
    let data = await this.bytes(path);
    if (data === null && width < WIDTH) {
      data = await this.bytes(tilePath(level, number));
      if (data !== null && level === "entries") {
        data = data.subarray(0, data.length - splitBundle(data, width).rest);
      } else if (data !== null) {
        data = data.subarray(0, 32 * width);
      }
    }
    if (data === null) throw new Rejected(`${path} is missing`);
    if (level !== "entries" && data.length !== 32 * width) {
      throw new Rejected(`${path} has ${data.length} bytes`);
    }
    return data;
  }
}
