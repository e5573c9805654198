// Sends everybody to one address. Attach it to viewer-request.

function handler(event) {
  return {
    statusCode: 302,
    statusDescription: 'Found',
    headers: {
      'cloudfront-functions': { value: 'generated-by-CloudFront-Functions' },
      location: { value: 'https://aws.amazon.com/cloudfront/' },
    },
  };
}
