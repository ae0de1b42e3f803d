import { expect, test } from 'vitest';
import { platformLine, reportLine } from './log-lines.ts';

const metrics = {
  durationMs: 812.4,
  billedDurationMs: 1215,
  memorySizeMB: 512,
  maxMemoryUsedMB: 121,
};
const requestId = '0b6d1c1e-7a53-4f0e-9c2b-0a4a8e3b1f11';
const root = '1-66aa0011-1234567890abcdef12345678';

test('reportLine() separates its pairs by tabs and ends with one', () => {
  expect(
    reportLine({ requestId, status: 'success', metrics: { ...metrics, initDurationMs: 402.1 } }),
  ).toBe(
    `REPORT RequestId: ${requestId}\tDuration: 812.40 ms\tBilled Duration: 1215 ms\tMemory Size: 512 MB\tMax Memory Used: 121 MB\tInit Duration: 402.10 ms\t`,
  );
});

test('reportLine() adds the X-Ray line only for a sampled invocation', () => {
  const tracing = {
    value: `Root=${root};Parent=00f1e2d3c4b5a697;Sampled=1`,
    spanId: '00f1e2d3c4b5a697',
  };
  expect(reportLine({ requestId, status: 'success', metrics, tracing }).split('\n')[1]).toBe(
    `XRAY TraceId: ${root}\tSegmentId: 00f1e2d3c4b5a697\tSampled: true\t`,
  );
  const unsampled = { ...tracing, value: `Root=${root};Sampled=0` };
  expect(reportLine({ requestId, status: 'success', metrics, tracing: unsampled })).not.toContain(
    'XRAY',
  );
});

test.each([
  ['timeout', undefined, '\tStatus: timeout\t'],
  ['failure', 'Runtime.ExitError', '\tStatus: error\tError Type: Runtime.ExitError\t'],
])('reportLine() names status %s', (status, errorType, end) => {
  const error = errorType === undefined ? {} : { errorType };
  expect(reportLine({ requestId, status, ...error, metrics })).toMatch(new RegExp(`${end}$`));
});

test('reportLine() has the two durations of a restore', () => {
  const restored = { ...metrics, restoreDurationMs: 120.5, billedRestoreDurationMs: 121 };
  expect(reportLine({ requestId, status: 'success', metrics: restored })).toContain(
    '\tRestore Duration: 120.50 ms\tBilled Restore Duration: 121 ms\t',
  );
});

test('platformLine() writes the event itself with JSON logging, and nothing at level WARN', () => {
  const event = { time: '2026-03-01T10:00:00.123Z', type: 'platform.start', record: { requestId } };
  expect(platformLine(event, 'JSON', 'INFO')).toBe(
    `{"time":"2026-03-01T10:00:00.123Z","type":"platform.start","record":{"requestId":"${requestId}"}}`,
  );
  expect(platformLine(event, 'JSON', 'WARN')).toBeUndefined();
});

test('platformLine() shows platform.runtimeDone only at level DEBUG', () => {
  const event = { time: '2026-03-01T10:00:00.123Z', type: 'platform.runtimeDone', record: {} };
  expect(platformLine(event, 'JSON', 'INFO')).toBeUndefined();
  expect(platformLine(event, 'JSON', 'DEBUG')).toContain('platform.runtimeDone');
});

test('platformLine() reports a failed initialisation and keeps a successful one for REPORT', () => {
  const record = { phase: 'init', metrics: { durationMs: 10_000 } };
  const event = (more: object) => ({
    time: '',
    type: 'platform.initReport',
    record: { ...record, ...more },
  });
  expect(platformLine(event({ status: 'success' }), 'Text', 'INFO')).toBeUndefined();
  expect(platformLine(event({ status: 'timeout' }), 'Text', 'INFO')).toBe(
    'INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout',
  );
});
