// ECDSA on P-256 with SHA-256 (type 0x02): what is a key is judged here, signatures by WebCrypto.
//
// As strict as the command-line verifier: of a key and of a signature there is one DER spelling.

const P256_FIELD = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

// Of a SubjectPublicKeyInfo all that stands before x and y, the mark of an uncompressed point included.
const SPKI_HEAD = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

const bigEndian = (bytes) => BigInt(`0x${hexOf(bytes)}`);

function isP256Key(bytes) {
  if (bytes.length !== 91 || hexOf(bytes.subarray(0, 27)) !== SPKI_HEAD) return false;
  const [x, y] = [bigEndian(bytes.subarray(27, 59)), bigEndian(bytes.subarray(59))];
  if (x >= P256_FIELD || y >= P256_FIELD) return false;
  return (y * y - x * x * x + 3n * x - P256_B) % P256_FIELD === 0n;
}

// SEQUENCE { INTEGER r, INTEGER s } as the 64 bytes r ‖ s that WebCrypto wants; null for any other.
function rawOfDer(der) {
  if (der.length < 8 || der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1];
    const number = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || length === 0 || number.length !== length || number[0] >= 0x80) return null;
    const padded = length > 1 && number[0] === 0;
    if (padded && number[1] < 0x80) return null;
    const value = padded ? number.subarray(1) : number;
    if (value.length > 32) return null;
    raw.set(value, end - value.length);
    at += 2 + length;
  }
  return at === der.length ? raw : null;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const P256_BASE =
  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
let subtleHasP256 = null;

const subtleP256Key = (bytes) => crypto.subtle.importKey("spki", bytes, P256, false, ["verify"]);

async function hasSubtleP256() {
  if (subtleHasP256 === null) {
    try {
      const base = Uint8Array.from((SPKI_HEAD + P256_BASE).match(/../g), (pair) => parseInt(pair, 16));
      await subtleP256Key(base);
      subtleHasP256 = true;
    } catch {
      subtleHasP256 = false;
    }
  }
  return subtleHasP256;
}

// As ed25519Verifies; null is the answer where there is nothing to verify with.
async function p256Verifies(jobs, { own }) {
  if (jobs.length === 0) return [];
  const able = !own && (await hasSubtleP256());
  const keys = new Map();
  return Promise.all(
    jobs.map(async ({ publicKey, text, signature }) => {
      const raw = isP256Key(publicKey) ? rawOfDer(signature) : null;
      if (raw === null) return false;
      if (!able) return null;
      const name = hexOf(publicKey);
      if (!keys.has(name)) keys.set(name, subtleP256Key(publicKey));
      return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, await keys.get(name), raw, text);
    }),
  );
}

// Every kind of key that a note here may be signed with, by its type byte.
const ED25519 = 0x01;
const ECDSA_P256 = 0x02;
const KINDS = new Map([
  [ED25519, { isKey: isEd25519Key, verifies: ed25519Verifies }],
  [ECDSA_P256, { isKey: isP256Key, verifies: p256Verifies }],
]);

// jobs: [{vkey, text, signature}]; answers in their order true, false, or null: not checked.
async function signaturesVerify(jobs, options) {
  const answers = new Array(jobs.length).fill(false);
  for (const [kind, { verifies }] of KINDS) {
    const places = [...jobs.keys()].filter((at) => jobs[at].vkey.kind === kind);
    const ofKind = places.map((at) => ({ ...jobs[at], publicKey: jobs[at].vkey.publicKey }));
    (await verifies(ofKind, options)).forEach((answer, at) => (answers[places[at]] = answer));
  }
  return answers;
}
