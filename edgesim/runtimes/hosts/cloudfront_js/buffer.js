// Buffer, as far as runtime 2.0 has it.
(function (host) {
  'use strict';

  const { encoding, encodingOf } = host.bytes;

  function checked(offset, size, length) {
    const at = offset === undefined ? 0 : offset;
    if (typeof at !== 'number') throw new TypeError('index is not a number');
    if (!Number.isInteger(at) || at < 0 || at + size > length) {
      throw new RangeError('index ' + at + ' is outside the bound of the buffer');
    }
    return at;
  }

  function sized(size) {
    if (typeof size !== 'number') throw new TypeError('"size" argument must be a number');
    if (!(size >= 0 && size <= 0x7fffffff)) throw new RangeError('invalid size');
    return new Buffer(Math.floor(size));
  }

  function bytesOf(value, name) {
    if (typeof value === 'string') return encodingOf(name).bytes(value);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    throw new TypeError('argument is not a string or Buffer-like object');
  }

  // Where `value` stands in `buffer`, looking forwards or backwards from `from`.
  function position(buffer, value, from, name, backwards) {
    let start = from, label = name;
    if (typeof from === 'string') start = undefined, label = from;
    const wanted = typeof value === 'number' ? Uint8Array.of(value & 255) : bytesOf(value, label);
    const last = buffer.length - wanted.length;
    let at = start === undefined ? (backwards ? last : 0) : Math.trunc(Number(start));
    if (at !== at) at = backwards ? last : 0;
    if (at < 0) at += buffer.length;
    if (backwards && at < 0) return -1;
    at = backwards ? Math.min(at, last) : Math.max(at, 0);
    if (wanted.length === 0) return Math.min(at, buffer.length);
    for (; backwards ? at >= 0 : at <= last; at += backwards ? -1 : 1) {
      let same = 0;
      while (same < wanted.length && buffer[at + same] === wanted[same]) same++;
      if (same === wanted.length) return at;
    }
    return -1;
  }

  function compared(one, other) {
    const length = Math.min(one.length, other.length);
    for (let i = 0; i < length; i++) {
      if (one[i] !== other[i]) return one[i] < other[i] ? -1 : 1;
    }
    return Math.sign(one.length - other.length);
  }

  class Buffer extends Uint8Array {
    static alloc(size, fill, name) {
      const buffer = sized(size);
      return fill === undefined ? buffer : buffer.fill(fill, name);
    }

    static allocUnsafe(size) {
      return sized(size);
    }

    static byteLength(value, name) {
      return bytesOf(value, name).length;
    }

    static compare(one, other) {
      return compared(one, other);
    }

    static concat(list, length) {
      if (!Array.isArray(list)) throw new TypeError('"list" argument must be an instance of Array');
      const whole = list.reduce((sum, one) => sum + one.length, 0);
      const buffer = sized(length === undefined ? whole : length);
      let at = 0;
      list.forEach((one) => {
        if (at < buffer.length) buffer.set(one.subarray(0, buffer.length - at), at);
        at += one.length;
      });
      return buffer;
    }

    static from(value, name, length) {
      if (typeof value === 'string') return adopted(bytesOf(value, name));
      if (value instanceof ArrayBuffer) return new Buffer(value, name, length);
      if (value && value.type === 'Buffer' && Array.isArray(value.data)) {
        return Buffer.from(value.data);
      }
      if (value && typeof value === 'object' && typeof value.length === 'number') {
        const buffer = sized(value.length);
        for (let i = 0; i < value.length; i++) buffer[i] = value[i];
        return buffer;
      }
      throw new TypeError('first argument is not a string or Buffer-like object');
    }

    static isBuffer(value) {
      return value instanceof Buffer;
    }

    static isEncoding(name) {
      return typeof name === 'string' && encoding(name) !== undefined;
    }

    compare(target, targetStart, targetEnd, start, end) {
      const other = bytesOf(target).subarray(targetStart || 0, targetEnd);
      return compared(this.subarray(start || 0, end), other);
    }

    copy(target, targetStart, start, end) {
      const to = targetStart || 0;
      if (to >= target.length) return 0;
      const part = this.subarray(start || 0, end).subarray(0, target.length - to);
      target.set(part, to);
      return part.length;
    }

    equals(other) {
      return compared(this, bytesOf(other)) === 0;
    }

    fill(value, from, to, name) {
      let start = from, end = to, label = name;
      if (typeof from === 'string') start = 0, end = this.length, label = from;
      else if (typeof to === 'string') end = this.length, label = to;
      if (typeof value === 'number') return super.fill(value & 255, start, end);
      const bytes = bytesOf(value, label);
      const stop = end === undefined ? this.length : Math.min(end, this.length);
      for (let i = start || 0, j = 0; i < stop; i++, j++) {
        this[i] = bytes.length ? bytes[j % bytes.length] : 0;
      }
      return this;
    }

    includes(value, from, name) {
      return position(this, value, from, name, false) >= 0;
    }

    indexOf(value, from, name) {
      return position(this, value, from, name, false);
    }

    lastIndexOf(value, from, name) {
      return position(this, value, from, name, true);
    }

    subarray(start, end) {
      const part = super.subarray(start, end);
      return Object.setPrototypeOf(part, Buffer.prototype);
    }

    slice(start, end) {
      return this.subarray(start, end);
    }

    toJSON() {
      return { type: 'Buffer', data: Array.prototype.slice.call(this) };
    }

    toString(name, start, end) {
      return encodingOf(name).text(this.subarray(start || 0, end));
    }

    toLocaleString(name, start, end) {
      return this.toString(name, start, end);
    }

    write(text, from, length, name) {
      let at = from, most = length, label = name;
      if (typeof from === 'string') at = 0, most = undefined, label = from;
      else if (typeof length === 'string') most = undefined, label = length;
      at = checked(at, 0, this.length);
      const room = Math.min(most === undefined ? Infinity : most, this.length - at);
      let bytes = bytesOf(text, label).subarray(0, room);
      if (encoding(label) === encoding('utf8')) bytes = whole(bytes, text);
      this.set(bytes, at);
      return bytes.length;
    }
  }

  // Without a character that was cut in the middle.
  function whole(bytes, text) {
    let end = bytes.length;
    const all = bytesOf(text);
    while (end > 0 && end < all.length && (all[end] & 0xc0) === 0x80) end--;
    return bytes.subarray(0, end);
  }

  function adopted(bytes) {
    return Object.setPrototypeOf(bytes, Buffer.prototype);
  }

  function swapping(size) {
    return function swap() {
      if (this.length % size) throw new RangeError('Buffer size must be a multiple of ' + size * 8 + '-bits');
      for (let at = 0; at < this.length; at += size) {
        super_reverse.call(this.subarray(at, at + size));
      }
      return this;
    };
  }

  const super_reverse = Uint8Array.prototype.reverse;

  function added(name, value) {
    Object.defineProperty(Buffer.prototype, name, { value, writable: true, configurable: true });
  }

  added('swap16', swapping(2));
  added('swap32', swapping(4));
  added('swap64', swapping(8));

  const VIEWS = [
    ['Int8', 1, 'Int8', -0x80, 0x7f],
    ['UInt8', 1, 'Uint8', 0, 0xff],
    ['Int16', 2, 'Int16', -0x8000, 0x7fff],
    ['UInt16', 2, 'Uint16', 0, 0xffff],
    ['Int32', 4, 'Int32', -0x80000000, 0x7fffffff],
    ['UInt32', 4, 'Uint32', 0, 0xffffffff],
    ['Float', 4, 'Float32', -Infinity, Infinity],
    ['Double', 8, 'Float64', -Infinity, Infinity],
  ];

  VIEWS.forEach(([name, size, kind, low, high]) => {
    (size === 1 ? [''] : ['LE', 'BE']).forEach((order) => {
      added('read' + name + order, function read(offset) {
        const at = checked(offset, size, this.length);
        const view = new DataView(this.buffer, this.byteOffset, this.length);
        return view['get' + kind](at, order === 'LE');
      });
      added('write' + name + order, function write(value, offset) {
        const at = checked(offset, size, this.length);
        const number = Number(value);
        if (number < low || number > high) throw new RangeError('value is out of range');
        new DataView(this.buffer, this.byteOffset, this.length)['set' + kind](at, number, order === 'LE');
        return at + size;
      });
    });
  });

  ['LE', 'BE'].forEach((order) => {
    function at(start, size, i) {
      return order === 'LE' ? start + i : start + size - 1 - i;
    }

    function sizeOf(size) {
      if (!Number.isInteger(size) || size < 1 || size > 6) throw new RangeError('byteLength is 1 to 6');
      return size;
    }

    function readUnsigned(offset, length) {
      const size = sizeOf(length), start = checked(offset, size, this.length);
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + this[at(start, size, i)];
      return value;
    }

    added('readUInt' + order, readUnsigned);
    added('readInt' + order, function readInt(offset, length) {
      const value = readUnsigned.call(this, offset, length);
      return value >= Math.pow(2, 8 * length - 1) ? value - Math.pow(2, 8 * length) : value;
    });

    function written(low, high) {
      return function write(value, offset, length) {
        const size = sizeOf(length), start = checked(offset, size, this.length);
        if (value < low(size) || value > high(size)) throw new RangeError('value is out of range');
        let rest = value < 0 ? value + Math.pow(2, 8 * size) : value;
        for (let i = 0; i < size; i++) {
          this[at(start, size, i)] = rest % 256;
          rest = Math.floor(rest / 256);
        }
        return start + size;
      };
    }

    added('writeUInt' + order, written(() => 0, (size) => Math.pow(2, 8 * size) - 1));
    added('writeInt' + order, written(
      (size) => -Math.pow(2, 8 * size - 1),
      (size) => Math.pow(2, 8 * size - 1) - 1,
    ));
  });

  host.Buffer = Buffer;
})(globalThis.$host);
