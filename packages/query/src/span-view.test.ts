import { expect, test } from 'vitest';
import { promotedFields } from './span-view.ts';

const none = { function: '', region: '', httpMethod: '', httpStatus: 0, cold: false };

test.each([
  [{}, {}, none],
  [
    { 'http.status_code': '404', 'http.method': 'GET' },
    {},
    { ...none, httpStatus: 404, httpMethod: 'GET' },
  ],
  [
    { 'http.request.method': 'PUT' },
    { 'http.response.status_code': 201 },
    { ...none, httpStatus: 201, httpMethod: 'PUT' },
  ],
  [{ 'http.status_code': 'abc' }, {}, none],
  [{ 'http.status_code': '99' }, {}, none],
  [{ cold_start: 'true' }, {}, { ...none, cold: true }],
  [{ cold_start: 'false' }, {}, none],
  [
    { function_arn: 'arn:aws:lambda:eu-west-1:123456789012:function:resize:live' },
    {},
    { ...none, function: 'resize', region: 'eu-west-1' },
  ],
  [
    {
      functionname: 'crop',
      'cloud.region': 'us-east-1',
      function_arn: 'arn:aws:lambda:eu-west-1:1:function:resize',
    },
    {},
    { ...none, function: 'crop', region: 'us-east-1' },
  ],
])('promotedFields() of %j and %j', (attributes, metrics, expected) => {
  expect(
    promotedFields(new Map(Object.entries(attributes)), new Map(Object.entries(metrics))),
  ).toEqual(expected);
});
