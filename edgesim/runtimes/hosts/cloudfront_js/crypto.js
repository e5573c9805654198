// crypto: createHash and createHmac with MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4).
(function (host) {
  'use strict';

  const { DataView } = globalThis;  // runtime 1.0 has none, and we need it all the same
  const { encodingOf, latin1Text, utf8Bytes } = host.bytes;

  const SINES = new Int32Array(64);
  for (let i = 0; i < 64; i++) SINES[i] = Math.floor(Math.abs(Math.sin(i + 1)) * 0x100000000) | 0;
  const MD5_TURNS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

  // The first 32 bits of the fractional parts of the cube and square roots of the primes.
  const K256 = new Int32Array(64);
  const H256 = new Int32Array(8);
  for (let number = 2, found = 0; found < 64; number++) {
    let prime = true;
    for (let factor = 2; factor * factor <= number; factor++) prime = prime && number % factor;
    if (!prime) continue;
    const cube = Math.cbrt(number), square = Math.sqrt(number);
    K256[found] = ((cube - Math.floor(cube)) * 0x100000000) | 0;
    if (found < 8) H256[found] = ((square - Math.floor(square)) * 0x100000000) | 0;
    found++;
  }

  function turned(value, bits) {
    return (value << bits) | (value >>> (32 - bits));
  }

  function md5Block(state, words) {
    let a = state[0], b = state[1], c = state[2], d = state[3];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      let mix, index;
      if (round === 0) mix = (b & c) | (~b & d), index = i;
      else if (round === 1) mix = (d & b) | (~d & c), index = (5 * i + 1) & 15;
      else if (round === 2) mix = b ^ c ^ d, index = (3 * i + 5) & 15;
      else mix = c ^ (b | ~d), index = (7 * i) & 15;
      const sum = (a + mix + SINES[i] + words[index]) | 0;
      a = d, d = c, c = b;
      b = (b + turned(sum, MD5_TURNS[round * 4 + (i & 3)])) | 0;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  }

  function sha1Block(state, words) {
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (let i = 0; i < 80; i++) {
      if (i >= 16) {
        const mixed = words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16];
        words[i] = turned(mixed, 1);
      }
      let mix;
      if (i < 20) mix = ((b & c) | (~b & d)) + 0x5a827999;
      else if (i < 40) mix = (b ^ c ^ d) + 0x6ed9eba1;
      else if (i < 60) mix = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
      else mix = (b ^ c ^ d) + 0xca62c1d6;
      const next = (turned(a, 5) + mix + e + words[i]) | 0;
      e = d, d = c, c = turned(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
  }

  function sha256Block(state, words) {
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < 64; i++) {
      if (i >= 16) {
        const x = words[i - 15], y = words[i - 2];
        const s0 = turned(x, 25) ^ turned(x, 14) ^ (x >>> 3);
        const s1 = turned(y, 15) ^ turned(y, 13) ^ (y >>> 10);
        words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
      }
      const s1 = turned(e, 26) ^ turned(e, 21) ^ turned(e, 7);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[i] + words[i]) | 0;
      const s0 = turned(a, 30) ^ turned(a, 19) ^ turned(a, 10);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g, g = f, f = e, e = (d + t1) | 0, d = c, c = b, b = a, a = (t1 + t2) | 0;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
  }

  const SHA1 = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const ALGORITHMS = {
    md5: { start: SHA1.slice(0, 4), words: 16, block: md5Block, little: true },
    sha1: { start: SHA1, words: 80, block: sha1Block, little: false },
    sha256: { start: H256, words: 64, block: sha256Block, little: false },
  };

  function algorithmOf(name) {
    const known = typeof name === 'string' && Object.prototype.hasOwnProperty.call(ALGORITHMS, name);
    if (!known) throw new TypeError('not supported algorithm: "' + name + '"');
    return ALGORITHMS[name];
  }

  function hashed(algorithm, data) {
    const blocks = ((data.length + 8) >> 6) + 1;
    const padded = new Uint8Array(blocks * 64);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    const little = algorithm.little;
    const low = (data.length << 3) >>> 0, high = Math.floor(data.length / 0x20000000);
    view.setUint32(padded.length - 8, little ? low : high, little);
    view.setUint32(padded.length - 4, little ? high : low, little);
    const state = Int32Array.from(algorithm.start);
    const words = new Int32Array(algorithm.words);
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4, little);
      algorithm.block(state, words);
    }
    const digest = new Uint8Array(state.length * 4);
    const out = new DataView(digest.buffer);
    for (let i = 0; i < state.length; i++) out.setInt32(i * 4, state[i], little);
    return digest;
  }

  function bytesOf(data, encoding) {
    if (typeof data === 'string') {
      return encoding === undefined ? utf8Bytes(data) : encodingOf(encoding).bytes(data);
    }
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
    if (ArrayBuffer.isView(data)) {
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    }
    throw new TypeError('data is not a string or Buffer-like object');
  }

  function joined(parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    parts.forEach((part) => {
      whole.set(part, at);
      at += part.length;
    });
    return whole;
  }

  class Hash {
    #parts = [];
    #finish;

    constructor(finish) {
      this.#finish = finish;
    }

    update(data, encoding) {
      if (!this.#parts) throw new Error('Digest already called');
      this.#parts.push(bytesOf(data, encoding).slice());
      return this;
    }

    digest(encoding) {
      if (!this.#parts) throw new Error('Digest already called');
      const bytes = this.#finish(joined(this.#parts));
      this.#parts = null;
      if (encoding !== undefined) return encodingOf(encoding).text(bytes);
      return host.Buffer ? host.Buffer.from(bytes) : latin1Text(bytes);
    }
  }

  function createHash(name) {
    const algorithm = algorithmOf(name);
    return new Hash((data) => hashed(algorithm, data));
  }

  function createHmac(name, key) {
    const algorithm = algorithmOf(name);
    let secret = bytesOf(key);
    if (secret.length > 64) secret = hashed(algorithm, secret);
    const inner = new Uint8Array(64).fill(0x36);
    const outer = new Uint8Array(64).fill(0x5c);
    for (let i = 0; i < secret.length; i++) inner[i] ^= secret[i], outer[i] ^= secret[i];
    return new Hash((data) => hashed(algorithm, joined([outer, hashed(algorithm, joined([inner, data]))])));
  }

  host.crypto = { createHash, createHmac };
})(globalThis.$host);
