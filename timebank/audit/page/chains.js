// Submissions: who signed what, in an order without gaps; and what became of each row of a batch.

const FIRST_PREV = "0".repeat(64);
const OPERATOR = "operator";
const HEADER = /^([!-~]+) ([a-z][a-z0-9_]{0,31})\/v1$/;
const IS_ID = /^[a-z]{2,10}_[0-9a-f]{32}$/;

function parseSubmission(sub) {
  const note = parseNote(sub);
  const lines = note.text.split("\n");
  const header = HEADER.exec(lines[0]);
  if (lines.length !== 3 || !header) {
    throw new Rejected("a submission is a header line and a body line");
  }
  if (bytesOf(lines[1]).length > MOST_BYTES) throw new Rejected("the body: too long");
  const body = readJson(lines[1]);
  if (!isObject(body)) throw new Rejected("the body is not an object");
  if (!isCount(body.seq)) throw new Rejected("seq is not a counting number");
  if (typeof body.prev !== "string" || !HASH.test(body.prev)) {
    throw new Rejected("prev is not a SHA-256 in hex");
  }
  const text = bytesOf(note.text);
  return { origin: header[1], body, note, text, textHash: hexOf(sha256(text)) };
}

class Chains {
  constructor(say, origin, options) {
    this.say = say;
    this.origin = origin;
    this.options = options;
    this.signatures = 0;
    this.keys = new Map();
    this.batches = new Map();
    this.jobs = [];
  }

  check(leaf) {
    if (leaf.type === "genesis") this.addKey(leaf, leaf.operator, null, OPERATOR);
    if (leaf.sub !== null) this.submission(leaf);
    else if (leaf.ref !== null) this.reference(leaf, ...leaf.ref);
    if (leaf.type === "key") this.addKey(leaf, leaf.vkey, leaf.id, leaf.role);
    else if (leaf.type === "refused" && this.keys.has(leaf.by)) {
      this.keys.get(leaf.by).refused.push(leaf.hash);
    } else if (leaf.type === "outcome") this.outcome(leaf);
  }

  async verifySignatures() {
    const jobs = this.jobs.splice(0);
    const results = await ed25519Verifies(jobs, this.options);
    jobs.forEach(({ index, name }, at) => {
      if (!results[at]) this.say(index, "signature", `the signature of ${name} does not verify`);
    });
    this.signatures += jobs.length;
  }

  finish() {
    for (const [index, batch] of this.batches) {
      if (batch.told === null) this.say(index, "outcome_missing", batch.id);
      else this.say(index, "outcome_differs", "names leaves that do not use its rows");
    }
  }

  // Keys and chains: a key counts from the leaf after the one that introduced it.

  addKey(leaf, vkeyText, name, role) {
    let vkey;
    try {
      vkey = parseVkey(vkeyText);
    } catch (error) {
      this.rejected(leaf, "key_form", error);
      return;
    }
    if (vkey.name === this.origin || (name !== null && vkey.name !== name)) {
      this.say(leaf.index, "key_form", `${vkey.name} is not the name to sign under`);
    }
    if (this.keys.has(vkey.name)) {
      this.say(leaf.index, "key_repeated", vkey.name);
      return;
    }
    this.keys.set(vkey.name, { vkey, role, nextSeq: 0, prev: FIRST_PREV, refused: [] });
  }

  submission(leaf) {
    let submission;
    try {
      submission = parseSubmission(leaf.sub);
    } catch (error) {
      this.rejected(leaf, "submission_form", error);
      return;
    }
    if (submission.origin !== this.origin) {
      this.say(leaf.index, "submission_origin", submission.origin.slice(0, 80));
    }
    this.signers(leaf, submission);
    const chain = this.keys.get(submission.note.lines[0].name);
    if (chain) this.follow(leaf, submission, chain);
    if (leaf.kind === "batch") this.openBatch(leaf, submission.body);
  }

  signers(leaf, { text, note }) {
    const [first, ...others] = note.lines;
    const chain = this.keys.get(first.name);
    if (!chain || chain.vkey.keyId !== first.keyId) {
      this.say(leaf.index, "key_unknown", `${first.name} is not known at this leaf`);
    } else {
      this.queue(leaf, chain.vkey, text, first.signature);
      if (leaf.type === "key" && chain.role !== OPERATOR) {
        this.say(leaf.index, "key_role", `${first.name} may not introduce keys`);
      }
    }
    if (leaf.type === "key") this.possession(leaf, text, others);
    else if (others.length) this.say(leaf.index, "submission_form", "more than one signature");
  }

  possession(leaf, text, lines) {
    let vkey;
    try {
      vkey = parseVkey(leaf.vkey);
    } catch (error) {
      if (error instanceof Rejected) return; // Reported where the key is added.
      throw error;
    }
    const [line] = lines;
    if (lines.length === 1 && line.name === vkey.name && line.keyId === vkey.keyId) {
      this.queue(leaf, vkey, text, line.signature);
    } else {
      this.say(leaf.index, "key_possession", `${vkey.name} did not sign second`);
    }
  }

  queue(leaf, { name, publicKey }, text, signature) {
    this.jobs.push({ index: leaf.index, name, publicKey, text, signature });
  }

  // A refused submission that had been signed took a number as well.
  follow(leaf, { body, textHash, note }, chain) {
    const skipped = body.seq - chain.nextSeq;
    const follows =
      skipped === 0
        ? body.prev === chain.prev
        : skipped > 0 && skipped <= chain.refused.length && chain.refused.includes(body.prev);
    if (!follows) {
      const evidence = `${note.lines[0].name} ${body.seq}, expected ${chain.nextSeq}`;
      this.say(leaf.index, "sequence", evidence);
    }
    chain.nextSeq = body.seq + 1;
    chain.prev = textHash;
    chain.refused = [];
  }

  // Batches: each row is used by at most one leaf, and the outcome tells of every row.

  openBatch(leaf, body) {
    if (!Array.isArray(body.rows)) {
      this.say(leaf.index, "batch_form", "no rows");
      return;
    }
    if (has(body, "batch") && body.batch !== leaf.id) {
      this.say(leaf.index, "batch_form", "signed for another batch");
    }
    this.batches.set(leaf.index, { id: leaf.id, usedBy: body.rows.map(() => null), told: null });
  }

  reference(leaf, index, place) {
    const batch = this.batches.get(index);
    if (!batch || place >= batch.usedBy.length) {
      this.say(leaf.index, "ref_unknown", `no open row ${place} in leaf ${index}`);
    } else if (batch.usedBy[place] !== null) {
      this.say(leaf.index, "ref_repeated", `row ${place} of leaf ${index} was used before`);
    } else {
      batch.usedBy[place] = leaf.id;
      if (batch.told !== null) this.compare(leaf, index, batch);
    }
  }

  outcome(leaf) {
    const batches = leaf.of.map((index) => this.batches.get(index));
    const once = new Set(leaf.of).size === leaf.of.length;
    if (!once || batches.some((one) => !one || one.told !== null || one.id !== leaf.id)) {
      this.say(leaf.index, "outcome_unknown", "no such batch is waiting for its outcome");
      return;
    }
    if (batches.reduce((sum, batch) => sum + batch.usedBy.length, 0) !== leaf.rows.length) {
      this.say(leaf.index, "outcome_differs", `${leaf.rows.length} rows`);
    }
    let start = 0;
    batches.forEach((batch, at) => {
      batch.told = leaf.rows.slice(start, start + batch.usedBy.length);
      start += batch.usedBy.length;
      this.compare(leaf, leaf.of[at], batch);
    });
  }

  compare(leaf, index, batch) {
    let waiting = false;
    batch.told.forEach((said, place) => {
      const used = batch.usedBy[place];
      if (used === null && IS_ID.test(said)) waiting = true;
      else if (used !== null && used !== said) {
        const evidence = `row ${place} of leaf ${index} became ${used}, not ${said}`;
        this.say(leaf.index, "outcome_differs", evidence);
      }
    });
    if (!waiting) this.batches.delete(index);
  }

  rejected(leaf, rule, error) {
    if (!(error instanceof Rejected)) throw error;
    this.say(leaf.index, rule, error.message);
  }
}
