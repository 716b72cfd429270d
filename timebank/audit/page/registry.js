// The keys of a log: which of them counts at which leaf, and by whose word.  A key counts from the
// leaf after the one that introduced it and up to the one that ended it, by leaf index.

const FIRST_PREV = "0".repeat(64);
const OPERATOR = "operator";
const LOG = "log";
const ROLES = [OPERATOR, "station", "device", "staff", "scheduler", LOG];
const ROLES_OF_ROOTS = [OPERATOR, LOG];
const SUBMITTING_KINDS = [ED25519, ECDSA_P256];
const MOST_ROOTS = 16;
const ML_DSA_44 = 0x06;
const ML_DSA_44_BYTES = 1312;
const OTHER = 0xff;

const noteText = (origin, kind, body) => `${origin} ${kind}/v1\n${canonical(body)}\n`;
const keyIdentifier = (vkey, role) => (role === LOG ? `${vkey.name}:${vkey.keyId}` : vkey.name);
const memberOf = (body, name) => (has(body, name) ? body[name] : null);

// The note, if it is over exactly this text; else null.
function noteOver(note, text) {
  if (typeof note !== "string") return null;
  try {
    const parsed = parseNote(note);
    return parsed.text === text ? parsed : null;
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}

function parseRoots({ needed, vkeys }) {
  const keys = vkeys.map((text) => parseVkey(text));
  if (needed > keys.length || keys.length > MOST_ROOTS) {
    throw new Rejected(`${needed} of ${keys.length} root keys`);
  }
  if (!keys.every((key) => isOfFullOrder(key.publicKey))) {
    throw new Rejected("an Ed25519 key that is not canonical or not of full order");
  }
  const distinct = (member) => new Set(keys.map(member)).size === keys.length;
  if (!distinct((key) => hexOf(key.publicKey)) || !distinct((key) => key.name)) {
    throw new Rejected("the same root key twice");
  }
  return { needed, keys };
}

// A key of a further kind by its form alone; null for one that has no byte of its own (国密).
function parseFurther(text) {
  const [name, keyId] = text.split("+", 2);
  const data = base64Bytes(text.slice(name.length + keyId.length + 2));
  if (data[0] === OTHER) return null;
  if (data[0] !== ML_DSA_44 || data.length !== 1 + ML_DSA_44_BYTES) {
    throw new Rejected("not a verifier key of a kind that may stand here");
  }
  if (hexOf(sha256(bytesOf(`${name}\n`), data).subarray(0, 4)) !== keyId) {
    throw new Rejected("the key id does not belong to this name and key");
  }
  return { name, kind: data[0] };
}

class Registry {
  constructor(say, origin, options) {
    this.say = say;
    this.origin = origin;
    this.options = options;
    this.keys = new Map();
    this.keyIds = new Set();
    this.frozenAt = null;
    this.roots = null;
    this.unchecked = []; // [leaf, name]: proofs of possession that this browser cannot check.
  }

  // The keys that must have signed a checkpoint over all leaves so far, the oldest first.
  logKeys() {
    return [...this.keys.values()].filter((one) => one.role === LOG && one.endedAt === null);
  }

  submitter(name) {
    const record = this.keys.get(name);
    return record && record.endedAt === null ? record : null;
  }

  // What one leaf does to the keys; its submission is judged elsewhere.
  async check(leaf, submission) {
    const body = submission === null ? {} : submission.body;
    const by = submission === null ? "" : submission.by;
    if (this.frozenAt !== null) {
      this.say(leaf.index, "frozen", `the log ended with leaf ${this.frozenAt}`);
    }
    if (leaf.type === "genesis") this.found(leaf);
    else if (leaf.type === "key") await this.add(leaf, body, by);
    else if (leaf.type === "revocation") await this.revoke(leaf, body, by);
    else if (leaf.type === "freeze") {
      await this.approved(leaf, { do: "freeze", successor: leaf.successor }, body);
      this.byOperator(leaf, by);
      this.frozenAt = leaf.index;
    }
  }

  found(leaf) {
    let keys;
    try {
      this.roots = parseRoots(leaf.roots);
      keys = [[parseVkey(leaf.vkey), LOG], [parseVkey(leaf.operator), OPERATOR]];
    } catch (error) {
      this.rejected(leaf, error);
      return;
    }
    for (const [vkey, role] of keys) this.enter(leaf, vkey, role, keyIdentifier(vkey, role));
    this.nameCosigners(leaf);
  }

  // The log's keys of further kinds, one a kind.  Their lines are not verified here.
  nameCosigners(leaf) {
    const kinds = new Set();
    for (const text of leaf.cosigners) {
      let vkey;
      try {
        vkey = parseFurther(text);
      } catch (error) {
        this.rejected(leaf, error);
        continue;
      }
      if (vkey === null) continue;
      if (vkey.name !== this.origin) {
        this.say(leaf.index, "key_form", `${vkey.name} is not the name to sign under`);
      }
      if (kinds.has(vkey.kind)) this.say(leaf.index, "key_repeated", "a second key of one type");
      kinds.add(vkey.kind);
    }
  }

  async add(leaf, body, by) {
    let vkey;
    try {
      vkey = parseVkey(leaf.vkey, SUBMITTING_KINDS);
    } catch (error) {
      this.rejected(leaf, error);
      return;
    }
    const { role } = leaf;
    const identifier = keyIdentifier(vkey, role);
    const ofRoots = ROLES_OF_ROOTS.includes(role);
    if (!ROLES.includes(role) || (ofRoots && vkey.kind !== ED25519)) {
      this.say(leaf.index, "key_role", `${identifier} may not be ${role}`);
    }
    // The roots may bring in a first helper, who then submits for themselves.
    if (!(role === OPERATOR && by === identifier)) this.byOperator(leaf, by);
    await this.possessed(leaf, vkey, role, body);
    if (ofRoots) await this.approved(leaf, { do: "add_key", role, vkey: vkey.text }, body);
    if (leaf.id !== identifier) {
      this.say(leaf.index, "key_form", `${leaf.id} is not its identifier`);
    }
    if (leaf.of !== null) {
      const replaced = this.end(leaf, leaf.of);
      if (role === LOG || (replaced !== null && replaced.role !== role)) {
        this.say(leaf.index, "key_role", `${identifier} replaces a key of another role`);
      }
    }
    this.enter(leaf, vkey, role, identifier);
  }

  enter(leaf, vkey, role, identifier) {
    if ((vkey.name === this.origin) !== (role === LOG)) {
      this.say(leaf.index, "key_form", `${vkey.name} is not the name to sign under`);
    }
    if (this.keyIds.has(vkey.keyId)) {
      this.say(leaf.index, "key_repeated", `${identifier} has the key id of another key`);
    }
    if (this.keys.has(identifier)) {
      this.say(leaf.index, "key_repeated", identifier);
      return;
    }
    this.keyIds.add(vkey.keyId);
    this.keys.set(identifier, {
      vkey, role, addedAt: leaf.index, endedAt: null, nextSeq: 0, prev: FIRST_PREV, refused: [],
    });
  }

  async revoke(leaf, body, by) {
    this.byOperator(leaf, by);
    const record = this.end(leaf, leaf.of);
    if (record === null || !ROLES_OF_ROOTS.includes(record.role)) return;
    await this.approved(leaf, { do: "revoke_key", key: leaf.of }, body);
    const left = [...this.keys.values()];
    if (!left.some((one) => one.role === record.role && one.endedAt === null)) {
      this.say(leaf.index, "key_role", `no key is left to be ${record.role}`);
    }
  }

  end(leaf, identifier) {
    const record = this.submitter(identifier);
    if (record === null) {
      this.say(leaf.index, "key_unknown", `${identifier} is no key that could end here`);
    } else {
      record.endedAt = leaf.index;
    }
    return record;
  }

  byOperator(leaf, by) {
    const record = this.keys.get(by);
    if (record && record.role !== OPERATOR) {
      this.say(leaf.index, "key_role", `${by} is no key of an operator`);
    }
  }

  async possessed(leaf, vkey, role, body) {
    const text = noteText(this.origin, "possession", { role, vkey: vkey.text });
    const note = noteOver(memberOf(body, "possession"), text);
    const held = note === null ? false : await this.holds(note, vkey);
    if (held === null) this.unchecked.push([leaf.index, vkey.name]);
    else if (!held) {
      this.say(leaf.index, "key_possession", `nobody has shown to hold ${vkey.name}`);
    }
  }

  // A key that enters is judged more strictly than one that signs: in the group of the base point,
  // and its proof not by the one signature about which libraries differ, whose R is of low order.
  async holds({ text, lines }, vkey) {
    const [{ name, keyId, signature }] = lines;
    if (lines.length !== 1 || name !== vkey.name || keyId !== vkey.keyId) return false;
    if (vkey.kind === ED25519) {
      const sound = isOfFullOrder(vkey.publicKey) && !isOfLowOrder(signature.subarray(0, 32));
      if (!sound) return false;
    }
    const job = { vkey, text: bytesOf(text), signature };
    return (await signaturesVerify([job], this.options))[0];
  }

  async approved(leaf, statement, body) {
    if (this.roots === null) return;
    const text = noteText(this.origin, "approval", statement);
    const { needed, keys } = this.roots;
    const note = noteOver(memberOf(body, "approval"), text);
    const signed = note === null ? [] : await signersOf(note, keys, this.options).catch(asNone);
    if (signed.length < needed) {
      const evidence = `${needed} root keys must sign ${canonical(statement)}`;
      this.say(leaf.index, "key_approval", evidence);
    }
  }

  rejected(leaf, error) {
    if (!(error instanceof Rejected)) throw error;
    this.say(leaf.index, "key_form", error.message);
  }
}

// A line of a root key that does not verify spoils the whole note.
function asNone(error) {
  if (error instanceof Rejected) return [];
  throw error;
}
