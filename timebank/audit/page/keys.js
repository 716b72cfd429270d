// Whose log it is: the keys that signed its checkpoints, before and after one took over.

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

const isSigned = async (data, vkey, options) =>
  (await readCheckpoint(data, "", vkey, new Findings(), options)) !== null;

// What the text says, whoever signed it.
function unsignedCheckpoint(data) {
  if (data === null) return null;
  try {
    return parseCheckpoint(parseNote(textOf(data)).text);
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}

// The key that the checkpoint `data` must bear: the given one, else the folder's, else leaf 0's.
//
// Where the given key signed the older checkpoint, the folder's may have taken over from it;
// whether it has is for the leaves to say.  Where nothing is given, the folder's key did not sign
// the checkpoint and leaf 0's did, the file with the key is at fault and nothing else.
async function trustedKey(folder, data, given, olderData, findings, options) {
  const own = await readVkey(folder, findings);
  const same = (one, other) => one.text === other.text;
  if (given !== null) {
    if (own === null || same(own, given)) return given;
    // Both sign while one takes over.
    if ((await isSigned(data, own, options)) && (await isSigned(data, given, options))) return given;
    if (own.name === given.name && (await isSigned(olderData, given, options))) return own;
    findings.add(VKEY_FILE, null, "vkey", "is not the key that was given");
    return given;
  }
  const named = await keyOfGenesis(folder, unsignedCheckpoint(data));
  if (own === null || named === null || same(own, named)) return own || named;
  if ((await isSigned(data, own, options)) || !(await isSigned(data, named, options))) return own;
  findings.add(VKEY_FILE, GENESIS, "vkey", "is not the key that leaf 0 names");
  return named;
}

async function keyOfGenesis(folder, head) {
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

// Every key that counts now must have signed a checkpoint that the `trusted` one signed.
async function checkLines(folder, data, trusted, registry, findings, options) {
  if (!(await isSigned(data, trusted, options))) return; // Reported already.
  const own = await readVkey(folder, new Findings());
  const counting = registry.logKeys();
  if (own !== null && counting.length && !counting.some(({ vkey }) => vkey.text === own.text)) {
    findings.add(VKEY_FILE, GENESIS, "vkey", "is no key of this log");
  }
  for (const { vkey, addedAt } of counting) {
    if (!(await isSigned(data, vkey, options))) {
      const evidence = `lacks the line of ${vkey.text}, which leaf ${addedAt} brought in`;
      findings.add(CHECKPOINT, addedAt, "log_key", evidence);
    }
  }
}

// The keys that were the log's at `size` leaves, and one `besides`; the first was before any leaf.
function keysAt(size, registry, besides) {
  const counted = [...registry.keys.values()].filter(({ role, addedAt, endedAt }) =>
    role === LOG && (addedAt < size || addedAt === GENESIS) && (endedAt === null || endedAt >= size));
  const vkeys = counted.map(({ vkey }) => vkey);
  const known = besides === null || vkeys.some((one) => one.text === besides.text);
  return known ? vkeys : [...vkeys, besides];
}

// Whether the older checkpoint is signed by one of `keys`; a `given` key must be among those that
// signed it, or be the log's today.
async function checkOlder({ data, shown }, keys, registry, given, findings, options) {
  const signers = await findings.attempt(shown, "checkpoint", () =>
    signersOf(parseNote(textOf(data)), keys, options));
  if (signers === null) return false;
  const believed = [...signers, ...registry.logKeys().map(({ vkey }) => vkey)];
  if (given !== null && !believed.some((one) => one.text === given.text)) {
    findings.add(shown, null, "checkpoint", "is not signed by the key that was given");
    return false;
  }
  return true;
}

// Every file with a further key must have one that a leaf names; the key itself is not judged here.
async function checkNamed(folder, origin, registry, findings) {
  for (const [kind, path] of [[ML_DSA_44, "log/vkey-mldsa"], [OTHER, "log/vkey-sm2"]]) {
    if (!folder.files.has(path)) continue;
    const text = await findings.attempt(path, "vkey", async () => {
      const line = textOf(await folder.bytes(path));
      const vkey = line.slice(0, -1);
      if (!line.endsWith("\n") || !/^[^\s+]+\+[0-9a-f]{8}\+[^\s]+$/.test(vkey)) {
        throw new Rejected("not the one line of the key");
      }
      parseFurther(vkey);
      if (kindIn(vkey) !== kind) throw new Rejected("not a key of its kind");
      if (!vkey.startsWith(`${origin}+`)) throw new Rejected("is not named by the origin");
      return vkey;
    });
    if (text === null || registry.cosigners.has(text)) continue;
    const [named] = [...registry.cosigners].filter(([one]) => kindIn(one) === kind);
    const evidence = named ? `is not the key of its kind that leaf ${named[1]} names`
      : "is a key that no leaf names";
    findings.add(path, named ? named[1] : null, "vkey", evidence);
  }
}
