import type { SpanJson } from '@spanloom/contract';
import { expect, test } from 'vitest';
import { fixSnippet } from './fix-snippet.ts';
import { sampleId, sampleSpan, sampleVerdict } from './trace-samples.test.support.ts';

const handler = sampleSpan('a', null, {
  env: 'staging',
  duration_ns: 90_000_000_000,
  meta: { function_arn: 'arn:aws:lambda:eu-west-1:123456789012:function:checkout' },
});
const known = new Map<string, SpanJson>([[handler.span_id, handler]]);

function snippet(name: Parameters<typeof sampleVerdict>[0], ids = ['a']): string | undefined {
  const verdict = sampleVerdict(name, { apm_span_ids: ids.map(sampleId) });
  return fixSnippet(verdict, (id) => known.get(id))?.text;
}

test('fixSnippet() for a switched-off integration configures the account the function is in', () => {
  expect(snippet('integration_off')).toBe(
    `aws:
  accounts:
    - id: "123456789012"
      regions: [eu-west-1]
      env: staging
      xray: { enabled: true }`,
  );
  expect(snippet('integration_off', [])).toBe(
    `aws:
  accounts:
    - id: "<account>"
      regions: [<region>]
      xray: { enabled: true }`,
  );
});

test('fixSnippet() for different environments names the tracer’s', () => {
  expect(snippet('different_env')).toBe(
    'aws:\n  accounts:\n    - id: "123456789012"\n      env: staging',
  );
  expect(snippet('different_env', [])).toBeUndefined();
});

test('fixSnippet() for an invocation that was never read reads five minutes on both sides of it', () => {
  expect(snippet('outside_poll_window')).toBe(
    'spanloom xray backfill --from 2023-11-14T22:08:20Z --to 2023-11-14T22:19:50Z',
  );
  expect(snippet('outside_poll_window', ['unknown'])).toBeUndefined();
});

test('fixSnippet() has nothing for a request id that another function states too', () => {
  const verdict = sampleVerdict('different_trace_ids', {
    evidence: ['Request id 5a7e is stated by two functions'],
  });
  expect(fixSnippet(verdict, (id) => known.get(id))).toBeUndefined();
});

test.each([
  ['different_trace_ids', 'DD_MERGE_XRAY_TRACES=true'],
  ['request_id_absent', 'DD_MERGE_XRAY_TRACES=true'],
  [
    'xray_absent',
    'aws lambda update-function-configuration --function-name checkout --region eu-west-1 --tracing-config Mode=Active',
  ],
  ['merged_by_context', undefined],
  ['xray_pending', undefined],
  ['access_denied', undefined],
  ['apm_absent', undefined],
] as const)('fixSnippet() for %s is %j', (name, text) => {
  expect(snippet(name)).toBe(text);
});
