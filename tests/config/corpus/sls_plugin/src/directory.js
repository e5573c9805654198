'use strict';

exports.handler = async (event) => {
  const { request } = event.Records[0].cf;
  request.uri = request.uri.replace(/^\/old\//, '/archive/').replace(/\/$/, '/index.html');
  return request;
};
