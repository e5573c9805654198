// What most functions return, as one string: writing JSON takes this engine longer than the rest of
// a call together. Anything unusual gives '' here, and is written as JSON instead.
(function (host) {
  'use strict';

  const BETWEEN = '\u001f';
  const { isArray } = Array;
  const wellFormed = Function.prototype.call.bind(String.prototype.toWellFormed);

  const again = () => (host.repeats ? 'repeats' : '');

  let pairs = 0;

  // Names and values of a map whose entries have one value each; null if it is anything else.
  function flatMap(map) {
    if (typeof map !== 'object' || map === null || isArray(map)) return null;
    let text = '';
    pairs = 0;
    for (const name in map) {
      const entry = map[name];
      if (typeof entry !== 'object' || entry === null || typeof entry.value !== 'string') return null;
      if (entry.multiValue !== undefined || entry.attributes !== undefined) return null;
      text += BETWEEN + name + BETWEEN + entry.value;
      pairs++;
    }
    return text;
  }

  // The last field says whether the same event would bring the same. The reader counts: a value with
  // the separator in it does not come out even, and one with a NUL, at which strings end on their way
  // out of here, lacks the end.
  host.flat = function flat(value) {
    if (typeof value !== 'object' || value === null || value.body !== undefined) return '';
    const cookies = flatMap(value.cookies), cookiePairs = pairs;
    const headers = cookies === null ? null : flatMap(value.headers), headerPairs = pairs;
    if (headers === null) return '';
    const counts = BETWEEN + headerPairs + BETWEEN + cookiePairs + BETWEEN;
    const { uri, statusCode } = value;
    if (statusCode !== undefined) {
      const described = value.statusDescription;
      if (typeof statusCode !== 'number' || typeof described !== 'string') return '';
      if (statusCode % 1 !== 0 || statusCode < 100 || statusCode > 999) return '';
      const said = BETWEEN + statusCode + BETWEEN + described;
      return wellFormed('response' + counts + 0 + said + headers + cookies + BETWEEN + again());
    }
    if (typeof value.method !== 'string' || typeof uri !== 'string') return '';
    const query = flatMap(value.querystring);
    if (query === null) return '';
    const own = BETWEEN + value.method + BETWEEN + uri;
    return wellFormed('request' + counts + pairs + own + headers + cookies + query + BETWEEN + again());
  };
})(globalThis.$host);
