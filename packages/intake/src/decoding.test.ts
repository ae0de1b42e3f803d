import { decodeRecord } from '@spanloom/codec';
import { type DecodeOutcome, type IntakeRecord, SpanBatch } from '@spanloom/model';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordSink } from './record-sink.ts';
import { msgpack, openIntake } from './test-intake.ts';

/** Decodes for real, into memory. */
class DecodingSink implements RecordSink {
  readonly batch: SpanBatch = new SpanBatch();

  async accept(record: IntakeRecord): Promise<DecodeOutcome> {
    return decodeRecord(record, this.batch);
  }

  get resources(): string[] {
    return Array.from({ length: this.batch.length }, (_, row) => this.batch.span(row).resource);
  }
}

function text(value: string): number[] {
  return [0xa0 + value.length, ...Buffer.from(value)];
}

/** `[[span]]` in msgpack: a root span of service `shop`. */
function payload(resource: string): Uint8Array<ArrayBuffer> {
  const start = Buffer.alloc(9);
  start[0] = 0xcf;
  start.writeBigUInt64BE(1_795_176_000_000_000_000n, 1);
  const fields = [
    [...text('service'), ...text('shop')],
    [...text('name'), ...text('web.request')],
    [...text('resource'), ...text(resource)],
    [...text('trace_id'), 7],
    [...text('span_id'), 8],
    [...text('start'), ...start],
    [...text('duration'), 9],
  ];
  return Uint8Array.from([0x91, 0x91, 0x80 + fields.length, ...fields.flat()]);
}

describe('with the real decoders behind it', () => {
  test('spans arrive, and are counted with their client', async () => {
    const sink = new DecodingSink();
    await using rig = await openIntake({ sink });
    const headers = { 'datadog-meta-lang': 'nodejs', 'x-datadog-trace-count': '1' };
    expect((await rig.fetch('/v0.4/traces', msgpack(payload('GET /'), headers))).status).toBe(200);
    expect(sink.resources).toEqual(['GET /']);
    expect(await rig.counter('spans_received_total', { language: 'nodejs' })).toBe(1);
    expect(await rig.counter('trace_count_mismatch_total')).toBe(0);
  });

  test.each([
    ['/v0.3/traces', 'application/msgpack', new Uint8Array([0x92, 0x90, 0x90])],
    ['/v0.4/traces', 'application/msgpack', new Uint8Array([0x92, 0x90, 0x90])],
    ['/v0.5/traces', 'application/msgpack', new Uint8Array([0x92, 0x90, 0x90])],
    ['/v0.4/traces', 'application/msgpack', new Uint8Array([0x90])],
    ['/v0.4/traces', 'application/msgpack', new Uint8Array([0xc0])],
    ['/v0.4/traces', 'application/json', '[]'],
    ['/v0.4/traces', 'application/json', 'null'],
  ])('the probe of %s as %s is taken', async (path, type, body) => {
    await using rig = await openIntake({ sink: new DecodingSink() });
    const init = { method: 'PUT', body, headers: { 'content-type': type } };
    expect((await rig.fetch(path, init)).status).toBe(200);
  });

  test('a cut payload is 400 with the byte, and its neighbours are stored', async () => {
    const sink = new DecodingSink();
    await using rig = await openIntake({ sink });
    const whole = payload('cut');
    const statuses = await Promise.all([
      rig.fetch('/v0.4/traces', msgpack(payload('one'))).then(({ status }) => status),
      rig.fetch('/v0.4/traces', msgpack(whole.slice(0, -1))).then(async (response) => {
        const { error } = JSON.parse(await response.text());
        expect(error.code).toBe('DECODE_FAILED');
        expect(error.details.offset).toBeLessThanOrEqual(whole.length - 1);
        return response.status;
      }),
      rig.fetch('/v0.4/traces', msgpack(payload('two'))).then(({ status }) => status),
    ]);
    expect(statuses).toEqual([200, 400, 200]);
    expect(sink.resources.toSorted()).toEqual(['one', 'two']);
    expect(await rig.counter('traces_dropped_total', { reason: 'EOF' })).toBe(1);
  });

  test('any bytes on any route that decodes are taken or refused, never our fault', async () => {
    await using rig = await openIntake({ sink: new DecodingSink() });
    const routes = fc.constantFrom(
      ['/v0.1/spans', 'application/json'],
      ['/v0.3/traces', 'application/msgpack'],
      ['/v0.4/traces', 'application/msgpack'],
      ['/v0.4/traces', 'application/json'],
      ['/v0.5/traces', 'application/msgpack'],
      ['/v0.7/traces', 'application/msgpack'],
      ['/v1.0/traces', 'application/msgpack'],
      ['/api/v0.2/traces', 'application/x-protobuf'],
      ['/api/v2/spans', 'application/json'],
      ['/v1/traces', 'application/x-protobuf'],
      ['/v1/traces', 'application/json'],
    );
    const bodies = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 120 }),
      fc.json().map((json) => new TextEncoder().encode(json)),
    );
    await fc.assert(
      fc.asyncProperty(routes, bodies, async ([path, type], body) => {
        const init = {
          method: 'POST',
          body: new Uint8Array(body),
          headers: { 'content-type': type },
        };
        const response = await rig.fetch(path, init);
        await response.arrayBuffer();
        expect([200, 202, 400, 413]).toContain(response.status);
      }),
      { numRuns: 500 },
    );
    expect(rig.reported).toEqual([]);
  });
});
