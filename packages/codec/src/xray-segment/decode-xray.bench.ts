/**
 * How long X-Ray's formats take to decode: a fetched trace of 1,200 spans (API stage, both segments of a function with its work, an
 * inferred table, a host with a query), the same documents one to a record as SDKs send them, and 700 records of `aws/spans`. Beside
 * it, what `JSON.parse` takes for the same bytes, which is only the start of the work.
 *
 * Prints ns per span under each benchmark. The result is checked before anything is timed.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RecordFormat, SpanBatch } from '@spanloom/model';
import { bench, describe } from 'vitest';
import { decodeRecord } from '../decode-record.ts';
import { record } from '../sample-spans.test.support.ts';
import { fixture } from './segment-samples.test.support.ts';

const TRACE_ID = '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013';
const COPIES = 100;

const documents = [
  'api-gateway-stage',
  'lambda-service',
  'lambda-function',
  'inferred-table',
  'ecs-container',
].map((name) =>
  JSON.stringify(JSON.parse(fixture(name).toString('utf8'))).replaceAll(
    /1-66f2a1c4-[0-9a-f]{24}/g,
    TRACE_ID,
  ),
);

/** The same text with other ids. */
function copy(text: string, index: number): string {
  const end = index.toString(16).padStart(4, '0');
  return text.replaceAll(
    /"((?:parent_)?id|spanId|parentSpanId)":"([0-9a-f]{12})[0-9a-f]{4}"/g,
    `"$1":"$2${end}"`,
  );
}

const texts = Array.from({ length: COPIES }, (_, index) =>
  documents.map((text) => copy(text, index)),
).flat();
const trace = {
  trace_id: TRACE_ID,
  account: '111122223333',
  region: 'eu-west-1',
  env: 'prod',
  state: 'stable',
  documents: texts,
};
const lines = readFileSync(
  fileURLToPath(
    new URL('../../../../fixtures/cloudwatch-spans/gateway-and-function.json', import.meta.url),
  ),
  'utf8',
)
  .trimEnd()
  .split('\n');
const records = Array.from({ length: COPIES }, (_, index) =>
  lines.map((line) => copy(line, index)).join('\n'),
);

compare('fetched trace', 'xray-trace-json', [JSON.stringify(trace)], 1_200);
compare('one document to a record', 'xray-segment-json', texts, 1_200);
compare('records of aws/spans', 'cloudwatch-spans-json', [records.join('\n')], 700);

function compare(
  name: string,
  format: RecordFormat,
  bodyTexts: readonly string[],
  spans: number,
): void {
  const bodies = bodyTexts.map((text) => Buffer.from(text));
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  const batchBytes = decodeAll(format, bodies, spans);
  describe(`${name}: ${spans} spans, ${(bytes / spans).toFixed(0)} wire bytes/span, ${(batchBytes / spans).toFixed(0)} batch bytes/span`, () => {
    bench(`decodeRecord (ns/span = mean ms × ${(1e6 / spans).toFixed(0)})`, () => {
      decodeAll(format, bodies, spans);
    });
    bench('JSON.parse', () => {
      for (const body of bodies)
        for (const line of body.toString('utf8').split('\n')) parseDeeply(line);
    });
  });
}

function parseDeeply(text: string): void {
  const value = JSON.parse(text) as { documents?: readonly string[] };
  for (const document of value.documents ?? []) JSON.parse(document);
}

function decodeAll(format: RecordFormat, bodies: readonly Buffer[], spans: number): number {
  const batch = new SpanBatch();
  let decoded = 0;
  for (const body of bodies) decoded += decodeRecord(record(format, body), batch).spans;
  if (decoded !== spans || batch.length !== spans)
    throw new Error(`decoded ${decoded} of ${spans} spans`);
  return batch.byteSize;
}
