// A clock that stands still while a function runs, in UTC as at the edge, and its random numbers.
(function (host) {
  'use strict';

  const Real = globalThis.Date;
  const construct = Reflect.construct;
  const realOffset = Real.prototype.getTimezoneOffset;
  const UTC = Real.UTC;
  const ZONED = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)(?:\s*\([^)]*\))?\s*$|^[+-]?\d{4,6}(?:-\d\d){0,2}$/i;

  let now = 0;
  let seed = 0;

  host.setClock = function setClock(milliseconds, number) {
    now = milliseconds;
    seed = number | 0;
  };

  function present() {
    host.repeats = false;
    return now;
  }

  function parsed(text) {
    const value = Real.parse(text);
    if (value !== value || ZONED.test(text)) return value;
    return value - realOffset.call(new Real(value)) * 60000;
  }

  function instant(given) {
    if (given.length === 0) return present();
    if (given.length > 1) return UTC.apply(null, given);
    const one = given[0];
    if (one instanceof Real) return one.getTime();
    return typeof one === 'string' ? parsed(one) : Number(one);
  }

  function Date(...given) {
    if (!new.target) return new Real(present()).toString();
    return construct(Real, [instant(given)], new.target);
  }

  Object.defineProperty(Date, 'length', { value: 7 });
  Date.prototype = Real.prototype;
  Date.now = present;
  Date.parse = (text) => parsed(String(text));
  Date.UTC = UTC;

  const shown = Real.prototype;
  ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds'].forEach((part) => {
    shown['get' + part] = shown['getUTC' + part];
    if (part !== 'Day') shown['set' + part] = shown['setUTC' + part];
  });
  shown.getTimezoneOffset = () => 0;
  shown.toDateString = function toDateString() {
    const parts = this.toUTCString().replace(',', '').split(' ');
    return [parts[0], parts[2], parts[1], parts[3]].join(' ');
  };
  shown.toTimeString = function toTimeString() {
    return this.toUTCString().split(' ')[4] + ' GMT+0000 (UTC)';
  };
  shown.toString = function toString() {
    if (this.getTime() !== this.getTime()) return 'Invalid Date';
    return this.toDateString() + ' ' + this.toTimeString();
  };
  Object.defineProperty(shown, 'constructor', { value: Date, writable: true, configurable: true });

  host.Date = Date;

  // mulberry32: the same clock and seed give the same numbers.
  host.random = function random() {
    host.repeats = false;
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
})(globalThis.$host);
