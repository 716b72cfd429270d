// SHA-256 and SHA-512 (FIPS 180-4), own code: most messages here are shorter than what one call of
// WebCrypto costs, and the result is needed at once.

const bytesOf = (text) => new TextEncoder().encode(text);
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function sameBytes(left, right) {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Constants are computed, not copied: the first 64 bits of the fractions of roots of primes.
function fractionBits(prime, degree) {
  // The largest n with n^degree <= prime * 2^(64 * degree), by bisection.
  const target = BigInt(prime) << BigInt(64 * degree);
  let low = 0n;
  let high = 1n << 72n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= target) low = middle;
    else high = middle;
  }
  return BigInt.asUintN(64, low);
}

const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const CUBES = PRIMES.map((prime) => fractionBits(prime, 3));
const SQUARES = PRIMES.slice(0, 8).map((prime) => fractionBits(prime, 2));

const K256 = Int32Array.from(CUBES.slice(0, 64), (bits) => Number(bits >> 32n) | 0);
const START256 = Int32Array.from(SQUARES, (bits) => Number(bits >> 32n) | 0);

class Sha256 {
  constructor() {
    this.state = START256.slice();
    this.block = new Uint8Array(64);
    this.filled = 0;
    this.length = 0;
  }

  update(data) {
    this.length += data.length;
    let at = 0;
    if (this.filled) {
      at = Math.min(64 - this.filled, data.length);
      this.block.set(data.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return this;
      compress256(this.state, this.block, 0);
      this.filled = 0;
    }
    for (; at + 64 <= data.length; at += 64) compress256(this.state, data, at);
    this.block.set(data.subarray(at));
    this.filled = data.length - at;
    return this;
  }

  digest() {
    const length = this.length;
    const padding = new Uint8Array((this.filled < 56 ? 64 : 128) - this.filled);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(padding.length - 4, (length << 3) >>> 0);
    this.update(padding);
    const digest = new Uint8Array(32);
    const out = new DataView(digest.buffer);
    this.state.forEach((word, place) => out.setInt32(4 * place, word));
    return digest;
  }
}

const WORDS256 = new Int32Array(64);

function compress256(state, data, at) {
  const w = WORDS256;
  for (let i = 0; i < 16; i++, at += 4) {
    w[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

// SHA-512: 64-bit words as pairs of 32-bit halves, because BigInt would cost twenty times as much.
const K512 = Int32Array.from(
  CUBES.flatMap((bits) => [Number(bits >> 32n) | 0, Number(bits & 0xffffffffn) | 0]),
);
const START512 = Int32Array.from(
  SQUARES.flatMap((bits) => [Number(bits >> 32n) | 0, Number(bits & 0xffffffffn) | 0]),
);
const WORDS512 = new Int32Array(160);

// The carry out of a 32-bit sum of halves is what exceeds 2^32 in exact arithmetic.
const carryOf = (sum) => Math.floor(sum / 0x100000000);

function compress512(state, data, at) {
  const w = WORDS512;
  for (let i = 0; i < 32; i++, at += 4) {
    w[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
  }
  for (let i = 32; i < 160; i += 2) {
    const xh = w[i - 30];
    const xl = w[i - 29];
    const yh = w[i - 4];
    const yl = w[i - 3];
    const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
    const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
    const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6);
    const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
    const low = (w[i - 31] >>> 0) + (s0l >>> 0) + (w[i - 13] >>> 0) + (s1l >>> 0);
    w[i + 1] = low | 0;
    w[i] = (w[i - 32] + s0h + w[i - 14] + s1h + carryOf(low)) | 0;
  }
  let [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl] = state;
  for (let i = 0; i < 160; i += 2) {
    const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
    const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
    const low1 =
      (hl >>> 0) + (s1l >>> 0) + (((el & fl) ^ (~el & gl)) >>> 0) + (K512[i + 1] >>> 0) +
      (w[i + 1] >>> 0);
    const high1 = (hh + s1h + ((eh & fh) ^ (~eh & gh)) + K512[i] + w[i] + carryOf(low1)) | 0;
    const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
    const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
    const low2 = (s0l >>> 0) + (((al & bl) ^ (al & cl) ^ (bl & cl)) >>> 0);
    const high2 = (s0h + ((ah & bh) ^ (ah & ch) ^ (bh & ch)) + carryOf(low2)) | 0;
    [hh, hl, gh, gl, fh, fl] = [gh, gl, fh, fl, eh, el];
    let low = (dl >>> 0) + ((low1 | 0) >>> 0);
    el = low | 0;
    eh = (dh + high1 + carryOf(low)) | 0;
    [dh, dl, ch, cl, bh, bl] = [ch, cl, bh, bl, ah, al];
    low = ((low1 | 0) >>> 0) + ((low2 | 0) >>> 0);
    al = low | 0;
    ah = (high1 + high2 + carryOf(low)) | 0;
  }
  const sums = [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl];
  for (let i = 0; i < 16; i += 2) {
    const low = (state[i + 1] >>> 0) + (sums[i + 1] >>> 0);
    state[i + 1] = low | 0;
    state[i] = (state[i] + sums[i] + carryOf(low)) | 0;
  }
}

function sha512(...parts) {
  const data = joined(parts);
  const rest = data.length % 128;
  const padded = new Uint8Array(data.length - rest + (rest < 112 ? 128 : 256));
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 0x20000000));
  view.setUint32(padded.length - 4, (data.length << 3) >>> 0);
  const state = START512.slice();
  for (let at = 0; at < padded.length; at += 128) compress512(state, padded, at);
  const digest = new Uint8Array(64);
  const out = new DataView(digest.buffer);
  state.forEach((word, place) => out.setInt32(4 * place, word));
  return digest;
}
