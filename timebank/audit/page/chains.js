// Submissions: who signed what, in an order without gaps; and what became of each row of a batch.

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
  const by = note.lines[0].name;
  return { origin: header[1], body, note, by, text, textHash: hexOf(sha256(text)) };
}

const ABOUT_KEYS = ["genesis", "key", "revocation", "freeze"];

class Chains {
  constructor(say, origin, options) {
    this.say = say;
    this.origin = origin;
    this.options = options;
    this.signatures = 0;
    this.registry = new Registry(say, origin, options);
    this.unchecked = this.registry.unchecked;
    this.batches = new Map();
    this.jobs = [];
  }

  // Answers the body of the submission that the leaf carries, null where it has none.
  async check(leaf) {
    const { registry } = this;
    let submission = null;
    if (leaf.sub !== null) submission = this.submission(leaf);
    else if (leaf.ref !== null) this.reference(leaf, ...leaf.ref);
    if (ABOUT_KEYS.includes(leaf.type) || registry.frozenAt !== null) {
      const bringsItself = submission !== null && registry.submitter(submission.by) === null;
      await registry.check(leaf, submission);
      // The submission of a key whose own leaf this may be, now that it counts.
      if (bringsItself) this.signedBy(leaf, submission, registry.submitter(submission.by));
    } else if (leaf.type === "refused" && registry.keys.has(leaf.by)) {
      registry.keys.get(leaf.by).refused.push(leaf.hash);
    } else if (leaf.type === "outcome") this.outcome(leaf);
    else if (leaf.type === "closing" && submission !== null) registry.byOperator(leaf, submission.by);
    return submission && submission.body;
  }

  async verifySignatures() {
    const jobs = this.jobs.splice(0);
    const results = await signaturesVerify(jobs, this.options);
    jobs.forEach(({ index, vkey: { name } }, at) => {
      if (results[at] === null) this.unchecked.push([index, name]);
      else if (!results[at]) {
        this.say(index, "signature", `the signature of ${name} does not verify`);
      }
    });
    this.signatures += jobs.length;
  }

  finish() {
    for (const [index, batch] of this.batches) {
      if (batch.told === null) this.say(index, "outcome_missing", batch.id);
      else this.say(index, "outcome_differs", "names leaves that do not use its rows");
    }
  }

  // Signatures and chains.

  submission(leaf) {
    let submission;
    try {
      submission = parseSubmission(leaf.sub);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      this.say(leaf.index, "submission_form", error.message);
      return null;
    }
    if (submission.origin !== this.origin) {
      this.say(leaf.index, "submission_origin", submission.origin.slice(0, 80));
    }
    if (submission.note.lines.length !== 1) {
      this.say(leaf.index, "submission_form", "not exactly one signature");
    }
    const record = this.registry.submitter(submission.by);
    // A key may bring itself in, which is looked at once its leaf has been judged.
    if (record !== null || leaf.type !== "key") this.signedBy(leaf, submission, record);
    if (leaf.kind === "batch") this.openBatch(leaf, submission.body);
    return submission;
  }

  signedBy(leaf, submission, record) {
    const [{ keyId, signature }] = submission.note.lines;
    if (record === null || record.vkey.keyId !== keyId || record.role === LOG) {
      this.say(leaf.index, "key_unknown", `${submission.by} does not count at this leaf`);
      return;
    }
    this.jobs.push({ index: leaf.index, vkey: record.vkey, text: submission.text, signature });
    this.follow(leaf, submission, record);
  }

  // A refused submission that had been signed took a number as well.
  follow(leaf, { body, textHash, by }, chain) {
    const skipped = body.seq - chain.nextSeq;
    const follows =
      skipped === 0
        ? body.prev === chain.prev
        : skipped > 0 && skipped <= chain.refused.length && chain.refused.includes(body.prev);
    if (!follows) {
      const evidence = `${by} ${body.seq}, expected ${chain.nextSeq}`;
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
}
