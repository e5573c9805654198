// Text as bytes and back: UTF-8, hex, base64 and base64url, as lenient as Node.js.
(function (host) {
  'use strict';

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const DIGITS = '0123456789abcdef';
  const SEXTETS = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) SEXTETS[ALPHABET.charCodeAt(i)] = i;
  SEXTETS['-'.charCodeAt(0)] = 62;
  SEXTETS['_'.charCodeAt(0)] = 63;

  const wellFormed = String.prototype.toWellFormed;
  const escaped = globalThis.escape;
  const unescaped = globalThis.unescape;
  const encodeURIComponent = globalThis.encodeURIComponent;
  const decodeURIComponent = globalThis.decodeURIComponent;
  const fromCharCode = String.fromCharCode;

  function latin1Bytes(text) {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  function latin1Text(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += fromCharCode(bytes[i]);
    return text;
  }

  function utf8Bytes(text) {
    return latin1Bytes(unescaped(encodeURIComponent(wellFormed.call(text))));
  }

  function utf8Text(bytes) {
    try {
      return decodeURIComponent(escaped(latin1Text(bytes)));
    } catch (error) {
      return repaired(bytes, false);
    }
  }

  // The Encoding Standard's decoder: each maximal ill-formed part becomes one U+FFFD.
  function repaired(bytes, fatal) {
    let text = '';
    let needed = 0, point = 0, lower = 0x80, upper = 0xbf;
    function broken() {
      if (fatal) throw new TypeError('The encoded data was not valid');
      text += '\ufffd';
    }
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (needed) {
        if (byte < lower || byte > upper) {
          needed = 0, lower = 0x80, upper = 0xbf;
          broken();
          i--;
          continue;
        }
        lower = 0x80, upper = 0xbf;
        point = (point << 6) | (byte & 0x3f);
        if (--needed === 0) text += String.fromCodePoint(point);
      } else if (byte < 0x80) {
        text += fromCharCode(byte);
      } else if (byte >= 0xc2 && byte <= 0xdf) {
        needed = 1, point = byte & 0x1f;
      } else if (byte >= 0xe0 && byte <= 0xef) {
        if (byte === 0xe0) lower = 0xa0;
        if (byte === 0xed) upper = 0x9f;
        needed = 2, point = byte & 0x0f;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        if (byte === 0xf0) lower = 0x90;
        if (byte === 0xf4) upper = 0x8f;
        needed = 3, point = byte & 0x07;
      } else {
        broken();
      }
    }
    if (needed) broken();
    return text;
  }

  function hexBytes(text) {
    const bytes = [];
    for (let i = 0; i + 1 < text.length; i += 2) {
      const pair = text.slice(i, i + 2);
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) break;
      bytes.push(parseInt(pair, 16));
    }
    return Uint8Array.from(bytes);
  }

  function hexText(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += DIGITS[bytes[i] >> 4] + DIGITS[bytes[i] & 15];
    return text;
  }

  function base64Bytes(text) {
    const bytes = [];
    let bits = 0, held = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 61) break;
      const sextet = code < 128 ? SEXTETS[code] : -1;
      if (sextet < 0) continue;
      held = ((held << 6) | sextet) & 0xffffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((held >> bits) & 0xff);
      }
    }
    return Uint8Array.from(bytes);
  }

  function base64Text(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const left = bytes.length - i;
      const three = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
      text += ALPHABET[three >> 18] + ALPHABET[(three >> 12) & 63];
      text += left > 1 ? ALPHABET[(three >> 6) & 63] : '=';
      text += left > 2 ? ALPHABET[three & 63] : '=';
    }
    return text;
  }

  function base64urlText(bytes) {
    return base64Text(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  const ENCODINGS = {
    utf8: { bytes: utf8Bytes, text: utf8Text },
    hex: { bytes: hexBytes, text: hexText },
    base64: { bytes: base64Bytes, text: base64Text },
    base64url: { bytes: base64Bytes, text: base64urlText },
  };

  // The encoding of that name, or undefined; none is UTF-8.
  function encoding(name) {
    const key = name === undefined || name === null ? 'utf8' : String(name).toLowerCase();
    const known = key === 'utf-8' ? 'utf8' : key;
    return Object.prototype.hasOwnProperty.call(ENCODINGS, known) ? ENCODINGS[known] : undefined;
  }

  function encodingOf(name) {
    const found = encoding(name);
    if (!found) throw new TypeError('"' + name + '" encoding is not supported');
    return found;
  }

  host.bytes = { utf8Bytes, utf8Text, repaired, latin1Bytes, latin1Text, encoding, encodingOf };
})(globalThis.$host);
