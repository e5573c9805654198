// querystring, as Node.js has it.
(function (host) {
  'use strict';

  const { latin1Bytes, utf8Bytes, utf8Text } = host.bytes;
  const encodeURIComponent = globalThis.encodeURIComponent;
  const decodeURIComponent = globalThis.decodeURIComponent;

  function escape(text) {
    return encodeURIComponent(typeof text === 'object' ? String(text) : text + '');
  }

  function unescape(text) {
    try {
      return decodeURIComponent(text);
    } catch (error) {
      return utf8Text(latin1Bytes(unescapedOctets(String(text))));
    }
  }

  // One character an octet; what is no escape stays.
  function unescapedOctets(text) {
    let octets = '';
    utf8Bytes(text).forEach((byte) => {
      octets += String.fromCharCode(byte);
    });
    return octets.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }

  function parse(text, separator, equals, options) {
    const found = Object.create(null);
    if (typeof text !== 'string' || text === '') return found;
    const between = separator || '&';
    const is = equals || '=';
    const limit = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
    const decode = (options && options.decodeURIComponent) || unescape;
    const decoded = (part) => {
      const spaced = part.replace(/\+/g, '%20');
      try {
        return decode(spaced);
      } catch (error) {
        return unescape(spaced);
      }
    };
    let pairs = text.split(between).filter((pair) => pair !== '');
    if (limit > 0) pairs = pairs.slice(0, limit);
    pairs.forEach((pair) => {
      const at = pair.indexOf(is);
      const name = decoded(at < 0 ? pair : pair.slice(0, at));
      const value = at < 0 ? '' : decoded(pair.slice(at + is.length));
      if (!(name in found)) found[name] = value;
      else if (Array.isArray(found[name])) found[name].push(value);
      else found[name] = [found[name], value];
    });
    return found;
  }

  function plain(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && isFinite(value)) return '' + value;
    return typeof value === 'boolean' ? String(value) : '';
  }

  function stringify(object, separator, equals, options) {
    if (object === null || typeof object !== 'object') return '';
    const encode = (options && options.encodeURIComponent) || api.escape;
    const is = equals || '=';
    const pairs = [];
    Object.keys(object).forEach((name) => {
      const value = object[name];
      const values = Array.isArray(value) ? value : [value];
      values.forEach((one) => pairs.push(encode(plain(name)) + is + encode(plain(one))));
    });
    return pairs.join(separator || '&');
  }

  const api = { parse, stringify, escape, unescape, decode: parse, encode: stringify };
  host.querystring = api;
})(globalThis.$host);
