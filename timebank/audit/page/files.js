// The files of a bundle: manifest and hashes.

const MANIFEST = "manifest.json";
const MANIFEST_NOTE = "manifest.note";
const CHECKPOINT = "log/checkpoint";
const VKEY_FILE = "log/vkey";
const MOST_FINDINGS = 1000;
const SLICE_BYTES = 4194304;

class Findings {
  constructor() {
    this.items = [];
    this.leftOut = 0;
    this.rules = new Set();
  }

  add(file, leaf, rule, evidence) {
    this.rules.add(rule);
    if (this.items.length < MOST_FINDINGS) this.items.push({ file, leaf, rule, evidence });
    else this.leftOut += 1;
  }

  // Gives a leaf to each fault that was noted without one: that which another fault of the same
  // file names, because that one was found by looking inside; failing that the file's.
  nameLeaves(size) {
    const seen = new Map();
    for (const { file, leaf } of this.items) {
      if (leaf !== null && !seen.has(file)) seen.set(file, leaf);
    }
    for (const item of this.items) {
      if (item.leaf !== null) continue;
      item.leaf = seen.has(item.file) ? seen.get(item.file) : leafOf(item.file, size);
    }
  }

  // Runs a reading; what is not of its form becomes a finding, and null the answer.
  async attempt(file, rule, read) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.add(file, null, rule, error.message.slice(0, 200));
      return null;
    }
  }
}

async function present(folder, path, findings) {
  const data = await folder.bytes(path).catch(() => null);
  if (data === null) findings.add(path, null, "file_missing", "cannot be read");
  return data;
}

// Where note and file differ, the note is believed if its signature holds.
async function checkManifest(folder, vkey, findings, options) {
  const data = await present(folder, MANIFEST, findings);
  const note = await present(folder, MANIFEST_NOTE, findings);
  const noted = new Findings();
  const signed = note === null ? null : await noted.attempt(
    MANIFEST_NOTE, "note", async () => bytesOf(await openNote(note, vkey, options)),
  );
  const bytes = signed || data;
  const manifest = bytes === null ? null
    : await findings.attempt(MANIFEST, "manifest_form", () => parseManifest(bytes));
  for (const { file, rule, evidence } of noted.items) {
    findings.add(file, leafWhere(manifest, bytes, note), rule, evidence);
  }
  if (signed !== null && data !== null && !sameBytes(data, signed)) {
    const evidence = `from its note, at byte ${firstDifference(signed, data)}`;
    findings.add(MANIFEST, leafWhere(manifest, signed, data), "manifest_differs", evidence);
  }
  return manifest;
}

// The leaf of the first entry of `manifest`, written as `bytes`, that `other` lacks.
function leafWhere(manifest, bytes, other) {
  if (manifest === null) return null;
  const at = firstDifference(bytes, other);
  let end = '{"files":{'.length;
  for (const path of [...manifest.hashes.keys()].sort()) {
    // The comma or brace behind an entry is part of it.
    end += bytesOf(canonical({ [path]: manifest.hashes.get(path) })).length - 1;
    if (at < end) return leafOf(path, manifest.checkpoint.size);
  }
  return leafOf(MANIFEST, manifest.checkpoint.size);
}

function parseManifest(bytes) {
  const text = textOf(bytes);
  if (!text.endsWith("\n")) throw new Rejected("not the canonical spelling");
  const value = readJson(text.slice(0, -1), { bounds: false });
  need(isObject(value) && sameMembers(value, ["v", "origin", "size", "root", "files"]),
    "not v origin size root files");
  const { v, origin, size, root, files } = value;
  need(v === 1 && isObject(files), "unknown version");
  need(typeof origin === "string" && isInteger(size) && typeof root === "string",
    "origin, size and root are text, a number and text");
  const hashes = new Map(Object.entries(files));
  need([...hashes.values()].every((hash) => typeof hash === "string"), "a hash is not text");
  return { checkpoint: parseCheckpoint(`${origin}\n${size}\n${root}\n`), hashes };
}

async function hashOfFile(file, onBytes) {
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    const slice = file.slice(at, at + SLICE_BYTES);
    hash.update(new Uint8Array(await slice.arrayBuffer()));
    await onBytes(slice.size);
  }
  return hexOf(hash.digest());
}

// Answers the files that only their hash covers.
async function checkHashes(folder, manifest, checkpoint, findings, onBytes) {
  const { size } = checkpoint;
  const found = new Set(folder.files.keys());
  found.delete(MANIFEST);
  found.delete(MANIFEST_NOTE);
  const regenerated = new Set(EXPORTS.map((format) => format.name));
  const required = new Set([CHECKPOINT, VKEY_FILE, ...tilesOf(size)]);
  for (const format of EXPORTS) if (!format.optional) required.add(format.name);
  const listed = manifest === null ? required : new Set(manifest.hashes.keys());
  for (const path of [...new Set([...required, ...listed])].sort()) {
    if (!found.has(path)) findings.add(path, null, "file_missing", "is not in the folder");
  }
  const extra = [...found].sort().filter((path) => !listed.has(path));
  if (manifest === null) {
    for (const path of extra.filter((one) => !regenerated.has(one))) {
      findings.add(path, null, "file_extra", "no manifest names it");
    }
    return [];
  }
  await nameExtraFiles(folder, manifest, extra, size, findings);
  for (const path of [...required].sort()) {
    if (!listed.has(path)) {
      findings.add(MANIFEST, leafOf(path, size), "manifest_form", `does not name ${path}`);
    }
  }
  const both = [...listed].filter((path) => found.has(path)).sort();
  for (const path of both) {
    try {
      const hash = await hashOfFile(folder.files.get(path), onBytes);
      if (hash !== manifest.hashes.get(path)) {
        findings.add(path, null, "manifest_hash", "differs from the hash in the manifest");
      }
    } catch (error) {
      findings.add(path, null, "file_kind", error.message);
    }
  }
  const named = manifest.checkpoint;
  if (named.origin !== checkpoint.origin || named.size !== size ||
      !sameBytes(named.root, checkpoint.root)) {
    const leaf = size ? Math.min(named.size, size - 1) : null;
    findings.add(MANIFEST, leaf, "manifest_tree", "names another tree than the checkpoint");
  }
  return both.filter((path) => !required.has(path) && !regenerated.has(path));
}

// Files that the manifest does not name; one with the bytes of another stands at that one's leaf.
async function nameExtraFiles(folder, manifest, paths, size, findings) {
  const names = new Map([...manifest.hashes].map(([path, hash]) => [hash, path]).sort(
    ([, left], [, right]) => (left < right ? -1 : 1),
  ));
  for (const path of paths) {
    let evidence = "the manifest does not name it";
    // One too many, whether or not it can be read.
    const hash = await hashOfFile(folder.files.get(path), () => {}).catch(() => null);
    const named = names.has(hash) ? names.get(hash) : null;
    if (named !== null) evidence += `; it has the bytes of ${named}`;
    findings.add(path, named === null ? null : leafOf(named, size), "file_extra", evidence);
  }
}
