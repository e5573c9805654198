// Turns away requests whose parameters make no sense. Attach it to viewer-request.

const PARAMETERS = {
  page: /^[1-9][0-9]{0,3}$/,
  sort: /^(name|price)$/,
};

function handler(event) {
  const request = event.request;
  const given = request.querystring;
  const wrong = Object.keys(given).filter((name) => !fits(name, given[name]));
  if (wrong.length === 0) return request;
  return {
    statusCode: 400,
    statusDescription: 'Bad Request',
    headers: { 'content-type': { value: 'text/plain' } },
    body: 'wrong: ' + wrong.sort().join(', '),
  };
}

function fits(name, entry) {
  if (!PARAMETERS.hasOwnProperty(name) || entry.multiValue) return false;
  return PARAMETERS[name].test(entry.value);
}
