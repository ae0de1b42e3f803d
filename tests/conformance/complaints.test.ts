import { expect, test } from 'vitest';
import { complaints } from './complaints.ts';

test('complaints() finds lines in which a tracer reports trouble', () => {
  const output = [
    'Error: connect ECONNREFUSED 127.0.0.1:8126',
    '2026/11/20 19:23:03 Datadog Tracer v2.12.0 ERROR: lost 1 traces: Bad Request, 1 additional messages skipped',
    'failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces: 3 additional messages skipped',
    'DATADOG TRACER DIAGNOSTIC - Agent Error: no rates',
    'DATADOG TRACER CONFIGURATION - {"agent_error":"Network error trying to reach the agent"}',
  ];
  expect(complaints(output.join('\n'))).toEqual(output);
});

test('complaints() leaves start-up notes and stories alone', () => {
  const output = [
    '{"trace_id":"00","spans":[{"error":1,"error_type":"PaymentDeclined"}]}',
    'DATADOG TRACER CONFIGURATION - {"agent_error":false,"sampling_rules_error":""}',
    'DATADOG TRACER CONFIGURATION {"agent_error":"","debug":false}',
    'OpenJDK 64-Bit Server VM warning: Sharing is only supported for boot loader classes because …',
    'Setting api version to v0.4; DD_TRACE_NATIVE_SPAN_EVENTS is not compatible with v0.5',
  ];
  expect(complaints(output.join('\n'))).toEqual([]);
});
