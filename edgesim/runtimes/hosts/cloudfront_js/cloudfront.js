// The module `cloudfront`: what a function of runtime 2.0 may ask, and where it may send a request.
(function (host) {
  'use strict';

  const { utf8Bytes } = host.bytes;
  const FORMATS = ['string', 'json', 'bytes'];

  host.store = null;
  host.origin = null;
  host.edgeLocation = {};
  host.tenant = null;

  function formatted(text, format) {
    if (format === 'json') return JSON.parse(text);
    return format === 'bytes' ? host.Buffer.from(utf8Bytes(text)) : text;
  }

  class KeyValueStore {
    #store;

    constructor(store) {
      this.#store = store;
    }

    get(key, options) {
      const format = (options && options.format) || 'string';
      if (!FORMATS.includes(format)) {
        return Promise.reject(new TypeError('format is one of ' + FORMATS.join(', ')));
      }
      if (!Object.prototype.hasOwnProperty.call(this.#store.data, String(key))) {
        return Promise.reject(new Error('KeyNotFound: the key ' + key + ' was not found'));
      }
      try {
        return Promise.resolve(formatted(this.#store.data[key], format));
      } catch (error) {
        return Promise.reject(error);
      }
    }

    exists(key) {
      return Promise.resolve(Object.prototype.hasOwnProperty.call(this.#store.data, String(key)));
    }

    count() {
      return Promise.resolve(this.#store.meta.keyCount);
    }

    meta() {
      return Promise.resolve(Object.assign({}, this.#store.meta));
    }
  }

  host.cloudfront = {
    kvs(id) {
      if (!host.store) throw new Error('no key value store is associated with this function');
      if (id !== undefined && id !== host.store.id) {
        throw new Error('the key value store ' + id + ' is not associated with this function');
      }
      return new KeyValueStore(host.store);
    },

    updateRequestOrigin(given) {
      host.origin = { method: 'updateRequestOrigin', given };
    },

    selectRequestOriginById(id, given) {
      host.origin = { method: 'selectRequestOriginById', id, given };
    },

    createRequestOriginGroup(given) {
      host.origin = { method: 'createRequestOriginGroup', given };
    },

    get edgeLocation() {
      return host.edgeLocation;
    },

    get distributionTenant() {
      if (!host.tenant) throw new TypeError('distributionTenant module is not available');
      const { id, parameters } = host.tenant;
      const has = (name) => Object.prototype.hasOwnProperty.call(parameters, name);
      return { id, parameters: { get: (name) => (has(name) ? parameters[name] : undefined) } };
    },
  };
})(globalThis.$host);
