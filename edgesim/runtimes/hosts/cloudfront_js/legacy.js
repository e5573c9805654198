// Byte strings of runtime 1.0: each character is a byte.
(function (host) {
  'use strict';

  const { encodingOf, latin1Bytes, latin1Text, utf8Bytes, utf8Text } = host.bytes;

  function defined(target, name, value) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }

  host.addByteStrings = function addByteStrings() {
    defined(String, 'bytesFrom', function bytesFrom(source, name) {
      if (typeof source === 'string') return latin1Text(encodingOf(name).bytes(source));
      return latin1Text(Uint8Array.from(source));
    });
    defined(String.prototype, 'fromBytes', function fromBytes(start, end) {
      return this.slice(start, end);
    });
    defined(String.prototype, 'fromUTF8', function fromUTF8(start, end) {
      return utf8Text(latin1Bytes(this.slice(start, end)));
    });
    defined(String.prototype, 'toBytes', function toBytes(start, end) {
      const part = this.slice(start, end);
      return /^[\u0000-\u00ff]*$/.test(part) ? part : null;
    });
    defined(String.prototype, 'toUTF8', function toUTF8(start, end) {
      return latin1Text(utf8Bytes(this.slice(start, end)));
    });
  };
})(globalThis.$host);
