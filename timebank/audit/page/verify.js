// One verification from beginning to end.  Reports every fault and goes on; only the books stop
// before the first damaged leaf, because nothing that follows from it can be held against others.

// Whether a closing may be in these bytes; nearly all that have none are told at once.
const oneByteEach = new TextDecoder("latin1");
const mayClose = (bytes) => oneByteEach.decode(bytes).includes('"kind":"closing"');

// What cannot be read is null here; it is reported where it is judged.
function asRejected(error) {
  if (error instanceof Rejected) return null;
  throw error;
}

function readLeaf(bytes) {
  try {
    return parseLeaf(bytes);
  } catch (error) {
    return asRejected(error);
  }
}

class LogPass {
  constructor(folder, target, logKey, findings, olderSize, options) {
    this.folder = folder;
    this.target = target;
    this.logKey = logKey;
    this.findings = findings;
    this.olderSize = olderSize;
    this.judged = 0;
    this.builder = new TileBuilder();
    this.complete = true;
    this.sound = true;
    this.suspects = [];
    const say = (index, rule, evidence) => this.say(index, rule, evidence);
    this.books = new Books(say);
    this.periods = new Periods(say);
    this.chains = new Chains(say, target.origin, options);
    this.exports = EXPORTS.filter((format) => folder.files.has(format.name)).map((format) =>
      new ExportCheck(format, folder.files.get(format.name), target.origin, findings));
  }

  // The tiles say which leaf is damaged: where they give the signed root, a leaf that hashes
  // otherwise is at fault; where they do not but the leaves do, the tile is.
  async readTiles() {
    const frontier = new Frontier(this.olderSize);
    this.tilesHold = false;
    this.fromLeaves = new Frontier(this.olderSize);
    for (let start = 0; start < this.target.size; start += WIDTH) {
      const expected = await this.expected(start / WIDTH, this.widthAt(start));
      if (expected.length === 0) return;
      for (const hash of expected) frontier.append(hash);
    }
    this.tilesHold = sameBytes(frontier.root(), this.target.root);
    this.olderRoot = frontier.olderRoot;
  }

  // A first look: which periods does some closing of the log name?
  async closings() {
    const found = [];
    for (let start = 0; start < this.target.size; start += WIDTH) {
      const width = this.widthAt(start);
      const data = await this.folder.tile("entries", start / WIDTH, width).catch(asRejected);
      if (data === null || !mayClose(data)) continue;
      for (const entry of splitBundle(data, width).entries.filter(mayClose)) {
        const leaf = readLeaf(entry);
        if (leaf !== null && leaf.type === "closing") found.push(leaf.stated);
      }
    }
    return found;
  }

  async run(onLeaves) {
    await this.readTiles();
    this.periods.expect(await this.closings());
    for (let start = 0; start < this.target.size; start += WIDTH) {
      const width = this.widthAt(start);
      await this.bundle(start / WIDTH, width);
      await this.chains.verifySignatures();
      if (this.sound) for (const check of this.exports) await check.compare();
      await onLeaves(start + width);
    }
    await this.finishTree();
    if (this.sound) {
      this.chains.finish();
      this.checkLogKey();
      this.books.finish();
      for (const check of this.exports) await check.finish(this.books.totals);
    }
  }

  widthAt(start) {
    return Math.min(WIDTH, this.target.size - start);
  }

  async expected(number, width) {
    try {
      return hashesIn(await this.folder.tile(0, number, width));
    } catch (error) {
      if (error instanceof Rejected) return []; // Reported where the tile is compared.
      throw error;
    }
  }

  async bundle(number, width) {
    const path = tilePath("entries", number, width);
    const start = number * WIDTH;
    const expected = await this.expected(number, width);
    let entries = [];
    let rest = 0;
    try {
      ({ entries, rest } = splitBundle(await this.folder.tile("entries", number, width), width));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.findings.add(path, start, "bundle", error.message);
      this.sound = false;
    }
    const hashes = entries.map(leafHash);
    const framed = entries.length === width && rest === 0;
    const damaged = this.compare(start, path, hashes, expected, framed);
    if (!framed && this.sound) {
      const place = damaged.size ? Math.min(...damaged) : Math.min(entries.length, width - 1);
      const evidence = `${entries.length} of ${width} leaves can be cut, ${rest} bytes are left over`;
      this.findings.add(path, start + place, "bundle_form", evidence);
      damaged.add(place);
    }
    await this.grow(this.tilesHold ? expected : hashes, width);
    for (const [place, data] of entries.entries()) {
      if (damaged.has(place)) this.sound = false;
      else await this.leaf(path, start + place, data);
    }
    this.sound = this.sound && framed;
  }

  // Places whose leaf is damaged for certain; what is undecided becomes a suspect.
  compare(start, path, hashes, expected, framed) {
    const differ = [];
    const common = Math.min(hashes.length, expected.length);
    for (let place = 0; place < common; place++) {
      if (!sameBytes(hashes[place], expected[place])) differ.push(place);
    }
    if (!this.tilesHold) {
      for (const place of differ) this.suspects.push([start + place, path]);
      return new Set();
    }
    // A damaged length shifts all that follows: name the leaf where it begins.
    for (const place of framed ? differ : differ.slice(0, 1)) {
      const evidence = `hashes to ${hexOf(hashes[place])}, the tree has ${hexOf(expected[place])}`;
      this.findings.add(path, start + place, "leaf_hash", evidence);
    }
    return new Set(differ);
  }

  async leaf(path, index, data) {
    let leaf;
    try {
      leaf = parseLeaf(data);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.findings.add(path, index, "leaf_form", error.message);
      return;
    }
    if (leaf.index !== index) {
      this.findings.add(path, index, "leaf_index", `says that it is leaf ${leaf.index}`);
    }
    if (!this.sound) return;
    if (leaf.type === "genesis" && leaf.origin !== this.target.origin) {
      this.findings.add(path, index, "genesis", `names the origin ${leaf.origin}`);
    }
    this.judged = index + 1;
    this.periods.before(leaf, this.books.totals);
    this.books.check(leaf);
    const signed = await this.chains.check(leaf);
    this.periods.after(leaf, signed, this.books.totals);
    for (const check of this.exports) check.leaf(leaf, this.books.totals);
  }

  async grow(hashes, width) {
    this.complete = this.complete && hashes.length === width;
    if (!this.complete) return;
    if (!this.tilesHold) for (const hash of hashes) this.fromLeaves.append(hash);
    for (const tile of this.builder.push(hashes)) await this.checkTile(tile);
  }

  async checkTile({ level, number, hashes }) {
    const path = tilePath(level, number, hashes.length);
    let published;
    try {
      published = hashesIn(await this.folder.tile(level, number, hashes.length));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      const place = await this.placeOfDamage(path, joined(hashes));
      this.findings.add(path, firstLeaf(level, number, place), "tile", error.message);
      return;
    }
    hashes.forEach((hash, place) => {
      if (!sameBytes(hash, published[place])) {
        const evidence = `hash ${place} is not that of the leaves`;
        this.findings.add(path, firstLeaf(level, number, place), "tile_hash", evidence);
      }
    });
  }

  // Where a tile of another length parts from what it should be; missing, at once.
  async placeOfDamage(path, tile) {
    const data = await this.folder.bytes(path).catch(() => null);
    if (data === null) return 0;
    return Math.floor(Math.min(firstDifference(tile, data), tile.length - 1) / 32);
  }

  async finishTree() {
    if (this.complete) {
      for (const tile of this.builder.partialTiles()) await this.checkTile(tile);
    }
    if (this.tilesHold) return;
    this.olderRoot = this.fromLeaves.olderRoot;
    const root = this.fromLeaves.root();
    if (this.complete && sameBytes(root, this.target.root)) return;
    this.sound = false;
    const evidence = `the leaves give ${base64Of(root)}, not ${base64Of(this.target.root)}`;
    this.findings.add(CHECKPOINT, this.parting(), "root", evidence);
    for (const [index, path] of this.suspects) {
      this.findings.add(path, index, "leaf_hash", "differs from its tile");
    }
  }

  // The key that was trusted so far must be one that the leaves make the log's.
  checkLogKey() {
    const known = this.chains.registry.logKeys();
    if (known.length === 0 || this.logKey === null) return;
    if (!known.some(({ vkey }) => vkey.text === this.logKey.text)) {
      const evidence = "names another log key, and no later leaf brings in this one";
      this.say(GENESIS, "genesis", evidence);
    }
  }

  // The first leaf that is lacking, or that is not its tile's; null where none can be told.
  parting() {
    const lacking = this.complete ? [] : [this.fromLeaves.size];
    const leaves = [...lacking, ...this.suspects.map(([index]) => index)];
    return leaves.length ? Math.min(...leaves) : null;
  }

  say(index, rule, evidence) {
    const number = Math.floor(index / WIDTH);
    this.findings.add(
      tilePath("entries", number, this.widthAt(number * WIDTH)), index, rule, evidence,
    );
  }
}

// Keeps an absurd size from being searched for a lifetime.
function canBeWhole(folder, target, findings) {
  const bundles = Math.ceil(target.size / WIDTH);
  const files = [...folder.files.keys()].filter((path) => path.startsWith("log/")).length;
  if (bundles > files) {
    const evidence = `${target.size} leaves need ${bundles} entry bundles, the log has ${files} files`;
    findings.add(CHECKPOINT, null, "file_missing", evidence);
  }
  return bundles <= files;
}

// The tree to look for: where the checkpoint cannot be believed, the manifest names it, or failing
// that the checkpoint's unsigned text, but no more leaves than are there.
async function treeToLookFor(folder, data, key, findings, options) {
  if (key === null) {
    const evidence = "no key can be read that its signature could be held against";
    findings.add(CHECKPOINT, null, "checkpoint", evidence);
  } else if (data === null) {
    findings.add(CHECKPOINT, null, "file_missing", "cannot be read");
  }
  const believed =
    key === null ? null : await readCheckpoint(data, CHECKPOINT, key, findings, options);
  const manifest = key === null ? null : await checkManifest(folder, key, findings, options);
  let target = believed || (manifest && manifest.checkpoint);
  if (target === null) {
    const told = unsignedCheckpoint(data);
    target = told && { ...told, size: Math.min(told.size, leavesHeld(folder)) };
  }
  return { target, manifest };
}

// {data, shown, checkpoint} of the older checkpoint's file; null where it has none that could be.
function olderOf(data, shown, target, findings) {
  const checkpoint = unsignedCheckpoint(data);
  if (checkpoint === null) {
    findings.add(shown, null, "checkpoint", "no checkpoint can be read there");
    return null;
  }
  if (checkpoint.size > target.size) {
    const evidence = `has ${checkpoint.size} leaves, this log ${target.size}`;
    findings.add(shown, null, "since", evidence);
    return null;
  }
  return { data, shown, checkpoint };
}

// Whether this log extends the older checkpoint, which a key of its time must have signed.
async function extendsOlder(older, pass, key, given, findings, options) {
  const { checkpoint, shown } = older;
  // Behind a damaged leaf nobody knows which keys came and went.
  const { registry } = pass.chains;
  const keys = keysAt(checkpoint.size, registry, pass.sound ? null : key);
  if (!(await checkOlder(older, keys, registry, given, findings, options))) return false;
  if (!(pass.olderRoot && sameBytes(pass.olderRoot, checkpoint.root))) {
    const leaf = checkpoint.size ? checkpoint.size - 1 : null;
    findings.add(shown, leaf, "since", "this log does not extend that checkpoint");
  }
  return true;
}

// files: [[path, File]]; vkey: text or null; since: File or null; own: use no WebCrypto;
// onProgress(part of 1).  A vkey that cannot be read is thrown as Rejected.
async function verifyBundle({ files, vkey, since, own }, onProgress) {
  const options = { own };
  const findings = new Findings();
  const folder = new Folder(files);
  const given = vkey === null ? null : parseVkey(vkey);
  const breathe = breather(onProgress);
  const data = await folder.bytes(CHECKPOINT).catch(() => null);
  const olderData = since === null ? null : new Uint8Array(await since.arrayBuffer());
  const key = await trustedKey(folder, data, given, olderData, findings, options);
  const { target, manifest } = await treeToLookFor(folder, data, key, findings, options);
  if (target === null || !canBeWhole(folder, target, findings)) {
    if (findings.items.length === 0) {
      findings.add(".", null, "no_log", "no checkpoint of a log can be read here");
    }
    findings.nameLeaves(leavesHeld(folder));
    return reportOf(findings, { files: folder.files.size });
  }
  const allBytes = files.reduce((sum, [, file]) => sum + file.size, 1);
  let hashed = 0;
  const hashOnly = await checkHashes(folder, manifest, target, findings, (bytes) => {
    hashed += bytes;
    return breathe((0.3 * hashed) / allBytes);
  });
  const older = olderData && olderOf(olderData, since.name, target, findings);
  const olderSize = older && older.checkpoint.size;
  const pass = new LogPass(folder, target, key, findings, olderSize, options);
  await pass.run((leaves) => breathe(0.3 + (0.7 * leaves) / target.size));
  if (pass.sound && key !== null) {
    await checkLines(folder, data, key, pass.chains.registry, findings, options);
  }
  const freshness =
    older !== null && (await extendsOlder(older, pass, key, given, findings, options));
  findings.nameLeaves(target.size);
  return reportOf(findings, {
    target, pass, hashOnly, identity: given !== null, freshness,
    signedManifest: manifest !== null, files: folder.files.size,
    algorithm: own || !(await hasSubtleEd25519()) ? "own" : "WebCrypto",
  });
}

function reportOf(findings, { target, pass, ...rest }) {
  const totals = pass ? pass.books.totals : new Totals();
  return {
    origin: target ? target.origin : "",
    size: target ? target.size : 0,
    root: target ? base64Of(target.root) : "",
    findings: findings.items,
    leftOut: findings.leftOut,
    rules: [...findings.rules],
    read: target !== undefined,
    judged: pass ? pass.judged : 0,
    entries: totals.entries,
    accounts: totals.accounts.size,
    postedSum: [...totals.accounts.values()].reduce((sum, account) => sum + account.posted, 0),
    signatures: pass ? pass.chains.signatures : 0,
    unchecked: pass ? pass.chains.unchecked : [],
    hashOnly: [],
    identity: false,
    freshness: false,
    ...rest,
  };
}

// Tells how far the work is, at most twenty times a second, and lets the page draw meanwhile.
function breather(onProgress) {
  let last = 0;
  return async (part) => {
    if (Date.now() - last < 50) return;
    last = Date.now();
    onProgress(part);
    await new Promise((resolve) => setTimeout(resolve));
  };
}

// The same text runs as a worker, where there may be one, and in the page itself, where not.
if (typeof WorkerGlobalScope !== "undefined") {
  self.onmessage = async ({ data }) => {
    try {
      const report = await verifyBundle(data, (part) => self.postMessage({ part }));
      self.postMessage({ report });
    } catch (error) {
      self.postMessage({ error: String(error && error.message) });
    }
  };
}
