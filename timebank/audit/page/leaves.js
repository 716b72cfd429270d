// Leaves: exactly the bytes that the log format page describes, and nothing else.

const WORD = /^[a-z][a-z0-9_]{0,39}$/;
const ID = /^(?=.{1,80}$)[a-z0-9]+(?:_[a-z0-9]+)*$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._/:@~-]{0,119}$/;
const POLICY = /^[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,79}$/;
const VKEY = /^[A-Za-z0-9][A-Za-z0-9._/:@~-]{0,119}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{4,4000}$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const RND = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const MONTH = /^(?:19[7-9][0-9]|2[0-9]{3})-(?:0[1-9]|1[0-2])$/;
const HASH = /^[0-9a-f]{64}$/;
const LAST_MS = 253402300799999;
const MOST_MINUTES = 2147483647;
const MOST_MOVEMENTS = 500;

const COMMON = ["v", "n", "t", "kind", "id", "rnd"];
const ENTRY = ["no", "on", "pol", "post"];
const MEMBERS = {
  genesis: ["origin", "vkey", "operator", "pol", "roots"],
  key: ["vkey", "role"],
  revocation: ["of", "reason"],
  freeze: ["successor"],
  policy: ["pol"],
  account: ["account"],
  hold: ["hold"],
  release: ["of"],
  expiry: ["of"],
  batch: [],
  fact: [],
  outcome: ["of", "rows"],
  refused: ["hash", "code", "by"],
  closing: ["closing"],
};
const OPTIONAL = { genesis: ["cosigners", "predecessor"], key: ["of"] };
const UNSUBMITTED = ["genesis", "outcome", "refused"];
const ON_THEIR_OWN = ["batch", "closing"];
const CLOSING = [
  "period", "from", "until", "first", "last", "entries", "late", "minutes", "accounts", "balances",
  "kinds",
];
const WITH_OF = ["settlement", "reversal"];

const has = (record, name) => Object.prototype.hasOwnProperty.call(record, name);

function sameMembers(record, names) {
  const found = Object.keys(record);
  return found.length === names.length && names.every((name) => has(record, name));
}

function need(condition, message) {
  if (!condition) throw new Rejected(message);
}

function formed(record, name, pattern) {
  need(typeof record[name] === "string" && pattern.test(record[name]), `${name} is not of its form`);
  return record[name];
}

function whole(record, name, least, most = Number.MAX_SAFE_INTEGER) {
  const value = record[name];
  need(isInteger(value) && value >= least && value <= most, `${name} is not a number in its range`);
  return value;
}

function calendarDay(record, name) {
  const day = formed(record, name, DAY);
  const moment = new Date(`${day}T00:00:00Z`);
  const real = !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === day;
  need(real && day >= "1970" && day < "3000", `${name} is not a calendar date`);
  return day;
}

// The leaf as {index, recordedMs, kind, id, sub, ref, type, ...}; `type` is the kind, or "entry".
function parseLeaf(bytes) {
  need(bytes.length <= MOST_BYTES, `${bytes.length} bytes, at most ${MOST_BYTES}`);
  const record = readJson(textOf(bytes), { bounds: false });
  need(isObject(record) && COMMON.every((name) => has(record, name)),
    "not an object with v n t kind id rnd");
  need(record.v === 1, "unknown version");
  const kind = formed(record, "kind", WORD);
  need(sameMembers(record, membersOf(kind, record)), `wrong members for ${kind}`);
  formed(record, "rnd", RND);
  const ref = has(record, "ref") ? record.ref : null;
  need(ref === null ? !has(record, "ref") : isPair(ref), "ref is not a leaf index and a place");
  const sub = has(record, "sub") ? record.sub : null;
  need(!has(record, "sub") || typeof sub === "string", "sub is not text");
  const form = kind === "key" ? NAME : kind === "policy" ? POLICY : ID;
  const type = has(record, "post") ? "entry" : kind;
  return {
    index: whole(record, "n", 0),
    recordedMs: whole(record, "t", 0, LAST_MS),
    kind,
    id: formed(record, "id", form),
    sub,
    ref,
    type,
    ...BODIES[type](record),
  };
}

const isPair = (value) => Array.isArray(value) && value.length === 2 && value.every(isCount);

function membersOf(kind, record) {
  const posts = has(record, "post");
  const known = has(MEMBERS, kind);
  need(!(posts && known), `${kind} moves nothing`);
  need(posts || known, `unknown kind ${kind}`);
  const [hasSub, hasRef] = [has(record, "sub"), has(record, "ref")];
  const carried = Number(hasSub) + Number(hasRef);
  need(carried === (UNSUBMITTED.includes(kind) ? 0 : 1) && !(ON_THEIR_OWN.includes(kind) && hasRef),
    `sub and ref do not fit ${kind}`);
  const own = posts ? [...ENTRY, ...(WITH_OF.includes(kind) ? ["of"] : [])] : MEMBERS[kind];
  const optional = (has(OPTIONAL, kind) ? OPTIONAL[kind] : []).filter((name) => has(record, name));
  return [...COMMON, ...own, ...optional, ...(hasSub ? ["sub"] : []), ...(hasRef ? ["ref"] : [])];
}

const BODIES = {
  genesis: genesisOf,
  key: (record) => ({
    vkey: formed(record, "vkey", VKEY),
    role: formed(record, "role", WORD),
    of: has(record, "of") ? formed(record, "of", NAME) : null,
  }),
  revocation: (record) => ({
    of: formed(record, "of", NAME),
    reason: formed(record, "reason", WORD),
  }),
  freeze: (record) => ({ successor: formed(record, "successor", NAME) }),
  policy: (record) => ({ policy: formed(record, "pol", POLICY) }),
  account: (record) => accountOf(record.account),
  entry: entryOf,
  hold: (record) => holdOf(record.hold),
  release: (record) => ({ of: formed(record, "of", ID) }),
  expiry: (record) => ({ of: formed(record, "of", ID) }),
  batch: () => ({}),
  fact: () => ({}),
  outcome: outcomeOf,
  refused: (record) => ({
    hash: formed(record, "hash", HASH),
    code: formed(record, "code", WORD),
    by: formed(record, "by", NAME),
  }),
  closing: (record) => closingOf(record.closing),
};

const areVkeys = (list) =>
  Array.isArray(list) && list.every((one) => typeof one === "string" && VKEY.test(one));

function genesisOf(record) {
  const { roots } = record;
  need(isObject(roots) && sameMembers(roots, ["needed", "vkeys"]), "roots has needed and vkeys");
  const { vkeys } = roots;
  need(areVkeys(vkeys), "roots names verifier keys");
  const cosigners = has(record, "cosigners") ? record.cosigners : [];
  need(areVkeys(cosigners) && (cosigners.length || !has(record, "cosigners")),
    "cosigners names verifier keys");
  need(!has(record, "predecessor") || typeof record.predecessor === "string",
    "predecessor is not text");
  return {
    origin: formed(record, "origin", NAME),
    vkey: formed(record, "vkey", VKEY),
    operator: formed(record, "operator", VKEY),
    policy: formed(record, "pol", POLICY),
    roots: { needed: whole(roots, "needed", 1), vkeys },
    cosigners,
  };
}

function accountOf(value) {
  need(isObject(value) && sameMembers(value, ["kind", "floor", "ceiling"]),
    "account has kind, floor and ceiling");
  for (const name of ["floor", "ceiling"]) {
    if (value[name] !== null) whole(value, name, -Number.MAX_SAFE_INTEGER);
  }
  const { floor, ceiling } = value;
  need((floor === null || floor <= 0) && (ceiling === null || ceiling >= 0),
    "an account opens at zero, which its limits exclude");
  return { accountKind: formed(value, "kind", WORD), floor, ceiling };
}

function holdOf(value) {
  need(isObject(value) && sameMembers(value, ["from", "to", "minutes", "expires"]),
    "hold has from, to, minutes and expires");
  const payer = formed(value, "from", ID);
  const payee = formed(value, "to", ID);
  const minutes = whole(value, "minutes", 1, MOST_MINUTES);
  need(payer !== payee, "not a hold from one account for another");
  return { payer, payee, minutes, expiresMs: whole(value, "expires", 0, LAST_MS) };
}

function entryOf(record) {
  const { post } = record;
  need(Array.isArray(post) && post.length > 0 && post.length % 2 === 0,
    "post is not a list of pairs of postings");
  need(post.length <= 2 * MOST_MOVEMENTS, "too many postings");
  const movements = [];
  for (let at = 0; at < post.length; at += 2) movements.push(movementOf(post[at], post[at + 1]));
  return {
    number: whole(record, "no", 0),
    on: calendarDay(record, "on"),
    policy: formed(record, "pol", POLICY),
    movements,
    of: has(record, "of") ? formed(record, "of", ID) : null,
  };
}

// Two postings that belong together sum to zero: the same minutes, first taken, then given.
function movementOf(taking, giving) {
  const lists = Array.isArray(taking) && Array.isArray(giving);
  need(lists && taking.length === 2 && giving.length === 2, "two postings do not make a movement");
  const [[giver, taken], [receiver, minutes]] = [taking, giving];
  const paired =
    isInteger(minutes) && minutes > 0 && minutes <= MOST_MINUTES && taken === -minutes &&
    typeof giver === "string" && typeof receiver === "string" && giver !== receiver &&
    ID.test(giver) && ID.test(receiver);
  need(paired, "two postings do not make a movement");
  return [giver, receiver, minutes];
}

function outcomeOf(record) {
  const { of, rows } = record;
  need(Array.isArray(of) && of.length > 0 && Array.isArray(rows),
    "an outcome has lists of leaves and rows");
  need(of.every(isCount) && rows.every((row) => typeof row === "string" && ID.test(row)),
    "an outcome names leaves by index and rows by id or code");
  return { of, rows };
}

function closingOf(value) {
  need(isObject(value) && sameMembers(value, CLOSING), "closing has not the members of a closing");
  const period = formed(value, "period", MONTH);
  const [from, until] = ["from", "until"].map((name) => whole(value, name, 0, LAST_MS));
  need(maybeBegins(period, from) && maybeBegins(nameAfter(period), until),
    `${period} has these bounds in no time zone`);
  for (const name of ["first", "last"]) if (value[name] !== null) whole(value, name, 0);
  for (const name of ["entries", "late", "minutes", "accounts"]) whole(value, name, 0);
  formed(value, "balances", HASH);
  need(Array.isArray(value.kinds), "kinds is not a list");
  for (const total of value.kinds) {
    need(isObject(total) && sameMembers(total, ["kind", "opening", "in", "out", "closing"]),
      "kinds has kind, opening, in, out and closing");
    formed(total, "kind", WORD);
    for (const name of ["in", "out"]) whole(total, name, 0);
    for (const name of ["opening", "closing"]) whole(total, name, -Number.MAX_SAFE_INTEGER);
  }
  return { stated: value };
}
