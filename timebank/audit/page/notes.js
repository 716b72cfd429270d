// Canonical JSON, signed notes, verifier keys and checkpoints, read as strictly as the log format
// page says.  What is not of its form is thrown as Rejected and becomes a finding.

class Rejected extends Error {}

const MOST_BYTES = 61440;
const MOST_DEPTH = 8;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Rejected("not UTF-8");
  }
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isInteger = Number.isSafeInteger;
const isCount = (value) => isInteger(value) && value >= 0;

function canonical(value, depth, bounds) {
  if (typeof value === "string") {
    if (/\p{Surrogate}/u.test(value)) throw new Rejected("lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    // Floats are not in the profile; no form below has one, so they are refused at once.
    if (!isInteger(value)) throw new Rejected("a number beyond the profile");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (bounds && depth > MOST_DEPTH) throw new Rejected(`deeper than ${MOST_DEPTH}`);
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item, depth + 1, bounds)).join(",")}]`;
  }
  const members = Object.keys(value).sort().map((key) => {
    if (bounds && /[^\0-\x7f]/.test(key)) throw new Rejected("a key is not ASCII text");
    return `${canonical(key)}:${canonical(value[key], depth + 1, bounds)}`;
  });
  return `{${members.join(",")}}`;
}

// Only the one spelling of a value passes; that excludes duplicate members without a search.
function readJson(text, { bounds = true } = {}) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Rejected("not JSON");
  }
  let again;
  try {
    again = canonical(value, 1, bounds);
  } catch (error) {
    throw error instanceof RangeError ? new Rejected("too deep") : error;
  }
  if (again !== text) throw new Rejected("not the canonical spelling");
  return value;
}

function base64Bytes(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Rejected("not base64");
  }
  if (btoa(binary) !== text) throw new Rejected("not the canonical base64");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));

// Keys ----------------------------------------------------------------------------------------

const BLANK = /[\0-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;

function checkName(name) {
  if (name === "" || BLANK.test(name)) throw new Rejected("cannot be the name of a key");
}

function parseVkey(text, kinds = [ED25519]) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw new Rejected("not a verifier key");
  const name = text.slice(0, first);
  const data = base64Bytes(text.slice(second + 1));
  const kind = data[0];
  if (!kinds.includes(kind)) throw new Rejected("not a verifier key of a kind that may stand here");
  checkName(name);
  const publicKey = data.subarray(1);
  if (!KINDS.get(kind).isKey(publicKey)) throw new Rejected(`not a public key of type 0x0${kind}`);
  // The witness that introduced P-256 hashes the key alone.
  const named = kind === ECDSA_P256 ? sha256(publicKey) : sha256(bytesOf(`${name}\n`), data);
  const keyId = hexOf(named.subarray(0, 4));
  if (text.slice(first + 1, second) !== keyId) {
    throw new Rejected("the key id does not belong to this name and key");
  }
  return { name, keyId, kind, publicKey, text };
}

// Notes ---------------------------------------------------------------------------------------

const MOST_SIGNATURES = 64;
const LINE_START = "— ";

function parseNote(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) throw new Rejected("no blank line before the signatures");
  const text = note.slice(0, cut + 1);
  if (/[\0-\x09\x0b-\x1f]/.test(text)) throw new Rejected("control characters");
  const rows = note.slice(cut + 2).split("\n").slice(0, -1);
  if (rows.length === 0 || rows.length > MOST_SIGNATURES) {
    throw new Rejected(`1 to ${MOST_SIGNATURES} signatures, not ${rows.length}`);
  }
  return { text, lines: rows.map(parseLine) };
}

function parseLine(row) {
  if (!row.startsWith(LINE_START)) {
    throw new Rejected("a signature line starts with an em dash and a space");
  }
  const rest = row.slice(LINE_START.length);
  const space = rest.indexOf(" ");
  const name = space < 0 ? rest : rest.slice(0, space);
  checkName(name);
  const data = base64Bytes(space < 0 ? "" : rest.slice(space + 1));
  if (data.length < 5) throw new Rejected("a signature has more than its key id");
  return { name, keyId: hexOf(data.subarray(0, 4)), signature: data.subarray(4) };
}

// Those of the Ed25519 `keys` that signed a note; lines of other keys are ignored.
async function signersOf({ text, lines }, keys, options) {
  const known = lines.map((line) => [line,
    keys.find((key) => key.name === line.name && key.keyId === line.keyId)]);
  const jobs = known.filter(([, key]) => key)
    .map(([{ signature }, vkey]) => ({ vkey, text: bytesOf(text), signature }));
  if (jobs.length === 0) throw new Rejected("no known key signed this note");
  const answers = await signaturesVerify(jobs, options);
  jobs.forEach(({ vkey }, at) => {
    if (!answers[at]) throw new Rejected(`the signature of ${vkey.name} does not verify`);
  });
  const signers = jobs.map(({ vkey }) => vkey);
  if (new Set(signers).size < signers.length) throw new Rejected("two signatures of one key");
  return signers;
}

// The text of a note that `vkey` signed.
async function openNote(bytes, vkey, options) {
  const note = parseNote(textOf(bytes));
  await signersOf(note, [vkey], options);
  return note.text;
}

// Checkpoints ---------------------------------------------------------------------------------

function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.pop() !== "" || lines.some((line) => line === "")) {
    throw new Rejected("not a checkpoint");
  }
  const [origin, size, root] = lines;
  const hash = base64Bytes(root);
  if (!/^[0-9]+$/.test(size) || hash.length !== 32) throw new Rejected("not a checkpoint");
  if (size.length > 16 || !isInteger(Number(size))) throw new Rejected("the size is out of range");
  if (String(Number(size)) !== size) {
    throw new Rejected("not the canonical spelling of a checkpoint");
  }
  return { origin, size: Number(size), root: hash };
}
