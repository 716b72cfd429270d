// Ed25519 (RFC 8032), verification only, own code for browsers whose WebCrypto has none.
//
// Strict as the command-line verifier: S below the group's order, keys in their one spelling and
// not of low order, and the comparison without cofactor: encode(S·B − h·A) must be the bytes of R.

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const MASK255 = (1n << 255n) - 1n;

const mod = (value) => ((value %= P) < 0n ? value + P : value);

function power(base, exponent) {
  let result = 1n;
  for (; exponent; exponent >>= 1n, base = (base * base) % P) {
    if (exponent & 1n) result = (result * base) % P;
  }
  return result;
}

const inverse = (value) => power(mod(value), P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);

function numberOf(bytes) {
  let hex = "0x";
  for (let at = bytes.length - 1; at >= 0; at--) hex += bytes[at].toString(16).padStart(2, "0");
  return BigInt(hex);
}

function spelled(number) {
  const hex = number.toString(16).padStart(64, "0");
  const bytes = new Uint8Array(32);
  for (let at = 0; at < 32; at++) bytes[at] = parseInt(hex.slice(62 - 2 * at, 64 - 2 * at), 16);
  return bytes;
}

// y of the eight points whose order divides 8; the last two are those of order 8.
const LOW_ORDER_Y = new Set([
  0n, 1n, P - 1n,
  numberOf(Uint8Array.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    .match(/../g), (pair) => parseInt(pair, 16))),
  numberOf(Uint8Array.from("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    .match(/../g), (pair) => parseInt(pair, 16))),
]);

const isOfLowOrder = (bytes) => LOW_ORDER_Y.has(numberOf(bytes) & MASK255);

function isEd25519Key(bytes) {
  if (bytes.length !== 32) return false;
  return (numberOf(bytes) & MASK255) < P && !isOfLowOrder(bytes);
}

// Points are [X, Y, Z, T] with x = X/Z, y = Y/Z, x·y = T/Z (RFC 8032, 5.1.4).
const NEUTRAL = [0n, 1n, 1n, 0n];

function addPoints([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % P;
  const b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (((2n * t1 * t2) % P) * D) % P;
  const d = (2n * z1 * z2) % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

// The same for an affine point kept as [y − x, y + x, 2·d·x·y]: one multiplication in four less.
function addReady([x1, y1, z1, t1], [minus, plus, product]) {
  const a = ((y1 - x1) * minus) % P;
  const b = ((y1 + x1) * plus) % P;
  const c = (t1 * product) % P;
  const d = 2n * z1;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function pointOf(bytes) {
  const number = numberOf(bytes);
  const y = number & MASK255;
  const square = (y * y) % P;
  const ratio = mod((square - 1n) * inverse(D * square + 1n));
  let x = power(ratio, (P + 3n) / 8n);
  if ((x * x) % P !== ratio) x = (x * ROOT_OF_MINUS_1) % P;
  if ((x * x) % P !== ratio) return null;
  if ((x & 1n) !== number >> 255n) x = mod(-x);
  return [x, y, 1n, (x * y) % P];
}

// Whether a key is in the group of the base point: ORDER times it is the neutral point.
function isOfFullOrder(publicKey) {
  const point = pointOf(publicKey);
  if (point === null) return false;
  let sum = NEUTRAL;
  for (const bit of ORDER.toString(2)) {
    sum = addPoints(sum, sum);
    if (bit === "1") sum = addPoints(sum, point);
  }
  return mod(sum[0]) === 0n && mod(sum[1] - sum[2]) === 0n;
}

// One inversion for a whole list (Montgomery's trick).
function inverses(values) {
  const before = [];
  let product = 1n;
  for (const value of values) {
    before.push(product);
    product = (product * value) % P;
  }
  let rest = inverse(product);
  const result = new Array(values.length);
  for (let at = values.length - 1; at >= 0; at--) {
    result[at] = mod(rest * before[at]);
    rest = (rest * values[at]) % P;
  }
  return result;
}

// All multiples j·2^(width·i) of a point: a product is then only a sum, without doublings.
function multiplesOf(point, width) {
  const rows = [];
  const perRow = (1 << width) - 1;
  for (let i = 0; i < 256 / width; i++) {
    let multiple = point;
    for (let j = 0; j < perRow; j++) {
      rows.push(multiple);
      multiple = addPoints(multiple, point);
    }
    point = multiple;
  }
  const scales = inverses(rows.map((row) => row[2]));
  const ready = rows.map(([x, y], at) => {
    const [ax, ay] = [mod(x * scales[at]), mod(y * scales[at])];
    return [mod(ay - ax), mod(ay + ax), mod(2n * D * ax * ay)];
  });
  return { ready, width, perRow };
}

function addProduct(sum, { ready, width, perRow }, scalar) {
  for (let at = 0; at < 32; at++) {
    for (let shift = 0, row = (at * 8) / width; shift < 8; shift += width, row++) {
      const digit = (scalar[at] >> shift) & perRow;
      if (digit) sum = addReady(sum, ready[row * perRow + digit - 1]);
    }
  }
  return sum;
}

const BASE_Y = mod(4n * inverse(5n));
let baseMultiples = null;
const keyMultiples = new Map();
const MOST_TABLES = 400; // About a quarter of a megabyte each.

function multiplesOfKey(publicKey) {
  const name = hexOf(publicKey);
  if (!keyMultiples.has(name)) {
    const point = isEd25519Key(publicKey) ? pointOf(publicKey) : null;
    const negative = point && [mod(-point[0]), point[1], 1n, mod(-point[3])];
    if (keyMultiples.size >= MOST_TABLES) keyMultiples.clear();
    keyMultiples.set(name, negative && multiplesOf(negative, 4));
  }
  return keyMultiples.get(name);
}

// jobs: [{publicKey, text, signature}], all bytes; answers a list of booleans in their order.
function ownEd25519Verifies(jobs) {
  if (baseMultiples === null) baseMultiples = multiplesOf(pointOf(spelled(BASE_Y)), 8);
  const sums = jobs.map(({ publicKey, text, signature }) => {
    if (signature.length !== 64 || numberOf(signature.subarray(32)) >= ORDER) return null;
    const multiples = multiplesOfKey(publicKey);
    if (multiples === null) return null;
    const h = numberOf(sha512(signature.subarray(0, 32), publicKey, text)) % ORDER;
    return addProduct(
      addProduct(NEUTRAL, baseMultiples, signature.subarray(32)), multiples, spelled(h),
    );
  });
  const scales = inverses(sums.map((sum) => (sum === null ? 1n : sum[2])));
  return sums.map((sum, at) => {
    if (sum === null) return false;
    const x = mod(sum[0] * scales[at]);
    const y = mod(sum[1] * scales[at]);
    return sameBytes(spelled(y | ((x & 1n) << 255n)), jobs[at].signature.subarray(0, 32));
  });
}

// WebCrypto, where it has Ed25519: ten times as fast.  It does not look at the key's order.
let subtleHasEd25519 = null;

async function hasSubtleEd25519() {
  if (subtleHasEd25519 === null) {
    try {
      await subtleKey(spelled(BASE_Y));
      subtleHasEd25519 = true;
    } catch {
      subtleHasEd25519 = false;
    }
  }
  return subtleHasEd25519;
}

const subtleKey = (bytes) =>
  crypto.subtle.importKey("raw", bytes, { name: "Ed25519" }, false, ["verify"]);

async function subtleEd25519Verifies(jobs) {
  const keys = new Map();
  for (const { publicKey } of jobs) {
    const name = hexOf(publicKey);
    if (!keys.has(name)) {
      keys.set(name, isEd25519Key(publicKey) ? subtleKey(publicKey).catch(() => null) : null);
    }
  }
  return Promise.all(
    jobs.map(async ({ publicKey, text, signature }) => {
      const key = await keys.get(hexOf(publicKey));
      return key !== null && crypto.subtle.verify({ name: "Ed25519" }, key, signature, text);
    }),
  );
}

async function ed25519Verifies(jobs, { own }) {
  if (own || !(await hasSubtleEd25519())) return ownEd25519Verifies(jobs);
  return subtleEd25519Verifies(jobs);
}
