// TextEncoder, TextDecoder: runtime 2.0 has them, the engine does not.
(function (host) {
  'use strict';

  const { utf8Bytes, repaired } = host.bytes;

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }

    encode(text) {
      return utf8Bytes(text === undefined ? '' : String(text));
    }

    encodeInto(text, target) {
      let read = 0, written = 0;
      for (const character of String(text)) {
        const bytes = utf8Bytes(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    constructor(label, options) {
      const name = label === undefined ? 'utf-8' : String(label).trim().toLowerCase();
      if (name !== 'utf-8' && name !== 'utf8') {
        throw new RangeError('The "' + label + '" encoding is not supported');
      }
      this.encoding = 'utf-8';
      this.fatal = Boolean(options && options.fatal);
      this.ignoreBOM = Boolean(options && options.ignoreBOM);
    }

    decode(data) {
      if (data === undefined) return '';
      const bytes = data instanceof ArrayBuffer
        ? new Uint8Array(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const text = repaired(bytes, this.fatal);
      return this.ignoreBOM || text.charCodeAt(0) !== 0xfeff ? text : text.slice(1);
    }
  }

  host.text = { TextEncoder, TextDecoder };
})(globalThis.$host);
