import { expect, test, vi } from 'vitest';
import { readSettings } from './config.ts';
import { withEnvironment } from './testing/fake-lambda.ts';

test('an option wins over its variable, an empty text does not, and our own name wins over the other', () => {
  withEnvironment({
    DD_SITE: 'a.example',
    DD_ENHANCED_METRICS: 'false',
    DD_SERVICE: ' x ',
    SPANLOOM_SERVICE: 'y',
  });
  expect(readSettings({ siteURL: '', enhancedMetrics: true })).toMatchObject({
    siteURL: 'a.example',
    enhancedMetrics: true,
    service: 'y',
  });
  expect(readSettings()).toMatchObject({ enhancedMetrics: false });
});

test.each([
  ['TRUE', true],
  ['1', true],
  ['on', true],
  ['no', false],
  ['', false],
])('%j is read as %s', (text, value) => {
  withEnvironment({ DD_MERGE_XRAY_TRACES: text });
  expect(readSettings().mergeDatadogXrayTraces).toBe(value);
});

test('what cannot be read is a warning and the default', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  withEnvironment({ DD_CAPTURE_LAMBDA_PAYLOAD_MAX_DEPTH: 'abc', DD_LOGS_INJECTION: 'perhaps' });
  expect(readSettings()).toMatchObject({
    captureLambdaPayloadMaxDepth: 10,
    injectLogContext: true,
  });
  expect(
    warn.mock.calls.map(([line]) => (JSON.parse(line as string) as { message: string }).message),
  ).toEqual([
    'spanloom:Cannot read setting DD_CAPTURE_LAMBDA_PAYLOAD_MAX_DEPTH: found "abc", using 10',
    'spanloom:Cannot read setting DD_LOGS_INJECTION: found "perhaps", using true',
  ]);
  warn.mockRestore();
});

test('tags are split at the first colon, mappings need exactly two parts', () => {
  withEnvironment({
    DD_TAGS: 'team:a, url:http://x ,broken,:x,y:',
    DD_SERVICE_MAPPING: 'a:b,c:c,d:e:f, lambda_sqs : q',
  });
  const settings = readSettings();
  expect(settings.tags).toEqual([
    ['team', 'a'],
    ['url', 'http://x'],
  ]);
  expect([...settings.serviceMapping]).toEqual([
    ['a', 'b'],
    ['lambda_sqs', 'q'],
  ]);
});
