// The files of a bundle: key, checkpoint, manifest and hashes.

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

async function readVkey(folder, findings) {
  const data = await present(folder, VKEY_FILE, findings);
  if (data === null) return null;
  return findings.attempt(VKEY_FILE, "vkey", () => {
    const line = textOf(data);
    if (!line.endsWith("\n")) throw new Rejected("not the one line of the key");
    return parseVkey(line.slice(0, -1));
  });
}

async function readCheckpoint(data, shown, vkey, findings, options) {
  if (data === null) return null;
  return findings.attempt(shown, "checkpoint", async () => {
    const checkpoint = parseCheckpoint(await openNote(data, vkey, options));
    if (checkpoint.origin !== vkey.name) {
      throw new Rejected("the origin is not the name of the log's key");
    }
    return checkpoint;
  });
}

// What the text says, whoever signed it: only to find the files to look at.
async function unsignedCheckpoint(folder) {
  try {
    return parseCheckpoint(parseNote(textOf(await folder.bytes(CHECKPOINT))).text);
  } catch {
    return null;
  }
}

// The given key, else the folder's, else the one that the genesis leaf names.
async function trustedKey(folder, given, findings) {
  const own = await readVkey(folder, findings);
  if (given !== null) {
    if (own !== null && own.text !== given.text) {
      findings.add(VKEY_FILE, null, "vkey", "is not the key that was given");
    }
    return given;
  }
  if (own !== null) return own;
  const head = await unsignedCheckpoint(folder);
  try {
    const width = Math.min(WIDTH, (head && head.size) || WIDTH);
    const { entries, rest } = splitBundle(await folder.tile("entries", 0, width), width);
    if (entries.length !== width || rest) return null;
    const leaf = parseLeaf(entries[0]);
    return leaf.type === "genesis" ? parseVkey(leaf.vkey) : null;
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}

// Where note and file differ, the note is believed if its signature holds.
async function checkManifest(folder, vkey, findings, options) {
  const data = await present(folder, MANIFEST, findings);
  const note = await present(folder, MANIFEST_NOTE, findings);
  let bytes = data;
  if (note !== null) {
    const signed = await findings.attempt(
      MANIFEST_NOTE, "note", () => openNote(note, vkey, options),
    );
    if (signed !== null) {
      bytes = bytesOf(signed);
      if (data !== null && !sameBytes(data, bytes)) {
        findings.add(MANIFEST, null, "manifest_differs", "is not the text of its note");
      }
    }
  }
  if (bytes === null) return null;
  return findings.attempt(MANIFEST, "manifest_form", () => parseManifest(bytes));
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
  const found = new Set(folder.files.keys());
  found.delete(MANIFEST);
  found.delete(MANIFEST_NOTE);
  const regenerated = new Set(EXPORTS.map((format) => format.name));
  const required = new Set([CHECKPOINT, VKEY_FILE, ...tilesOf(checkpoint.size)]);
  for (const format of EXPORTS) if (!format.optional) required.add(format.name);
  const listed = manifest === null ? required : new Set(manifest.hashes.keys());
  for (const path of [...new Set([...required, ...listed])].sort()) {
    if (!found.has(path)) findings.add(path, null, "file_missing", "is not in the folder");
  }
  for (const path of [...found].sort()) {
    const known = listed.has(path) || (manifest === null && regenerated.has(path));
    if (!known) findings.add(path, null, "file_extra", "the manifest does not name it");
  }
  if (manifest === null) return [];
  for (const path of [...required].sort()) {
    if (!listed.has(path)) findings.add(MANIFEST, null, "manifest_form", `does not name ${path}`);
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
  if (named.origin !== checkpoint.origin || named.size !== checkpoint.size ||
      !sameBytes(named.root, checkpoint.root)) {
    findings.add(MANIFEST, null, "manifest_tree", "names another tree than the checkpoint");
  }
  return both.filter((path) => !required.has(path) && !regenerated.has(path));
}
