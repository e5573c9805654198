exports.handler = async (event) => {
  const { response } = event.Records[0].cf;
  response.headers['x-robots-tag'] = [{ key: 'X-Robots-Tag', value: 'noindex' }];
  return response;
};
