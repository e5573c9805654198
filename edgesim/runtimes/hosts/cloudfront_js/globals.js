// The world a function finds: the engine's own less what CloudFront lacks, plus what it adds.
(function (host) {
  'use strict';

  const NEVER = [
    'AggregateError', 'AsyncDisposableStack', 'Atomics', 'BigInt', 'BigInt64Array',
    'BigUint64Array', 'DOMException', 'DisposableStack', 'FinalizationRegistry', 'Float16Array',
    'Iterator', 'Map', 'Proxy', 'Reflect', 'Set', 'SharedArrayBuffer', 'SuppressedError', 'WeakMap',
    'WeakRef', 'WeakSet', 'performance', 'queueMicrotask',
  ];
  const MEMBERS_NEVER = {
    Array: ['from', 'fromAsync'],
    'Array.prototype': [
      'at', 'findLast', 'findLastIndex', 'flat', 'flatMap', 'toReversed', 'toSorted', 'toSpliced',
      'with',
    ],
    Error: ['captureStackTrace', 'isError', 'prepareStackTrace', 'stackTraceLimit'],
    Math: ['f16round', 'sumPrecise'],
    Object: ['fromEntries', 'groupBy', 'hasOwn'],
    Promise: ['try', 'withResolvers'],
    'String.prototype': [
      'anchor', 'at', 'big', 'blink', 'bold', 'fixed', 'fontcolor', 'fontsize', 'isWellFormed',
      'italics', 'link', 'small', 'strike', 'sub', 'sup', 'toWellFormed',
    ],
    Uint8Array: ['fromBase64', 'fromHex'],
    'Uint8Array.prototype': ['setFromBase64', 'setFromHex', 'toBase64', 'toHex'],
  };
  const NOT_IN_1_0 = ['atob', 'btoa', 'DataView'];
  const MEMBERS_NOT_IN_1_0 = {
    Object: ['getOwnPropertyDescriptors'],
    Promise: ['all', 'allSettled', 'any', 'race'],
    'String.prototype': ['replaceAll'],
    Symbol: ['for', 'keyFor'],
  };

  function found(path) {
    return path.split('.').reduce((at, name) => at[name], globalThis);
  }

  function cut(names, members) {
    Object.keys(members).forEach((path) => {
      const owner = found(path);
      members[path].forEach((name) => delete owner[name]);
    });
    names.forEach((name) => delete globalThis[name]);
  }

  function added(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }

  // Neither eval nor any function's constructor may make code from text.
  function withoutDynamicCode() {
    function refuse() {
      throw new TypeError('dynamic code evaluation is not allowed');
    }
    const kinds = [function () {}, async function () {}, function* () {}, async function* () {}];
    kinds.forEach((kind) => {
      Object.defineProperty(Object.getPrototypeOf(kind), 'constructor', { value: refuse });
    });
    refuse.prototype = Function.prototype;
    added('Function', refuse);
    added('eval', function () {
      throw new TypeError('eval is not allowed');
    });
  }

  host.prepareGlobals = function prepareGlobals(version) {
    cut(NEVER, MEMBERS_NEVER);
    added('console', Object.freeze({ log: host.log }));
    added('Date', host.Date);
    added('require', host.require);
    Object.defineProperty(Math, 'random', { value: host.random });
    if (version === '1.0') {
      cut(NOT_IN_1_0, MEMBERS_NOT_IN_1_0);
      host.addByteStrings();
    } else {
      added('Buffer', host.Buffer);
      added('TextEncoder', host.text.TextEncoder);
      added('TextDecoder', host.text.TextDecoder);
    }
    withoutDynamicCode();
    delete globalThis.$host;
  };
})(globalThis.$host);
