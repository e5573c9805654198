// Runs the function on one event after another. What it leaves behind is cleared before the next, so
// that the same event brings the same, unless the function saw what differs from one to the next:
// the clock, random numbers (date.js) or the id of the request.
(function (host) {
  'use strict';

  const { parse, stringify } = JSON;
  const { defineProperty, keys } = Object;
  const LOG_BYTES = 10240;
  const wellFormed = Function.prototype.call.bind(String.prototype.toWellFormed);

  let lines = [];
  let logged = 0;
  let outcome = '';
  let result = null;
  let make = null;
  let awaits = false;
  let requestId = '';

  host.repeats = true;

  const watched = {
    enumerable: true,
    configurable: true,
    get() {
      host.repeats = false;
      return requestId;
    },
    set(value) {
      defineProperty(this, 'requestId', { value, enumerable: true, configurable: true, writable: true });
    },
  };

  host.log = function log(text) {
    const line = wellFormed(String(text));
    if (logged >= LOG_BYTES) return;
    lines.push(line.slice(0, LOG_BYTES - logged));
    logged += line.length;
  };

  host.require = function require(name) {
    if (name === 'crypto') return host.crypto;
    if (name === 'querystring') return host.querystring;
    throw new Error('Cannot find module "' + name + '"');
  };

  host.imported = function imported(name) {
    return name === 'cloudfront' ? host.cloudfront : host.require(name);
  };

  host.begin = function begin(factory, asynchronous, store) {
    make = factory;
    awaits = asynchronous;
    host.store = store === '' ? null : parse(store);
  };

  function returned(value) {
    result = value;
    outcome = lines.length === 0 && host.origin === null ? host.flat(value) : '';
    if (outcome !== '') return outcome;
    outcome = inFull(value);
    return outcome;
  }

  function inFull(value) {
    const text = stringify([true, value === undefined ? null : value, lines, host.origin]);
    return wellFormed(text.slice(0, -1) + (host.repeats && lines.length === 0 ? ',1]' : ',0]'));
  }

  function thrown(error) {
    const isError = error instanceof Error;
    const what = isError ? error.name + ': ' + error.message : String(error);
    const stack = isError && typeof error.stack === 'string' ? error.stack : '';
    outcome = stringify([false, wellFormed(what), lines, wellFormed(stack), 0]);
    return outcome;
  }

  function settled(value) {
    try {
      returned(value);
    } catch (error) {
      thrown(error);
    }
  }

  function given(json) {
    const event = parse(json);
    const helpers = event.helpers || {};
    delete event.helpers;
    requestId = event.context.requestId;
    defineProperty(event.context, 'requestId', watched);
    host.edgeLocation = helpers.edgeLocation || {};
    host.tenant = helpers.distributionTenant || null;
    if (awaits) {
      defineProperty(event.request, 'rawQueryString', { value: () => helpers.rawQueryString });
    }
    return event;
  }

  // The outcome as JSON, or '' while a promise is still to be settled.
  host.run = function run(json, now, seed) {
    lines = [];
    logged = 0;
    outcome = '';
    host.repeats = true;
    host.origin = null;
    host.setClock(now, seed);
    const left = keys(globalThis);
    for (let i = 0; i < left.length; i++) delete globalThis[left[i]];
    try {
      const value = make(host.imported)(given(json));
      if (awaits && value instanceof Promise) {
        value.then(settled, thrown);
        return '';
      }
      return returned(value);
    } catch (error) {
      return thrown(error);
    }
  };

  host.outcome = () => outcome;
  host.inFull = () => inFull(result);
  host.said = () => stringify(lines);
})(globalThis.$host);
