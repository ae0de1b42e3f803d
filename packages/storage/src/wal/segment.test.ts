import { readFileSync } from 'node:fs';
import type { IntakeRecord } from '@spanloom/model';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TemporaryFolder } from '../temporary.testing.ts';
import { parseSegment, readSegment } from './read-segment.ts';
import { encodeFrame } from './record-frame.ts';
import { type Commit, SEGMENT_HEADER, SegmentFile } from './segment-file.ts';

const anyRecord: fc.Arbitrary<IntakeRecord> = fc.record({
  format: fc.constantFrom('agent-v0.4-msgpack', 'otlp-traces-json', 'client-stats-msgpack'),
  receivedMs: fc.nat({ max: 2_000_000_000_000 }),
  headers: fc.dictionary(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  ),
  body: fc.uint8Array({ maxLength: 400 }),
});

function segmentOf(records: readonly IntakeRecord[]): Buffer {
  const frames = records.map(encodeFrame);
  return Buffer.concat([SEGMENT_HEADER, ...frames.flatMap(({ head, body }) => [head, body])]);
}

function recordOf(text: string): IntakeRecord {
  return {
    format: 'agent-v0.4-msgpack',
    receivedMs: 1_795_000_000_000,
    headers: {},
    body: Buffer.from(text),
  };
}

function plain(records: readonly IntakeRecord[]): unknown {
  return records.map((record) => ({ ...record, body: [...record.body] }));
}

test('parseSegment() gives back every record that was written', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 6 }), (records) => {
      const contents = parseSegment(segmentOf(records));
      expect(plain(contents.records)).toEqual(plain(records));
      expect(contents).toMatchObject({ corruptFrames: 0, tornBytes: 0 });
    }),
  );
});

test('parseSegment() gives back a header whatever its name', () => {
  const headers = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
  const { records } = parseSegment(segmentOf([{ ...recordOf('a'), headers }]));
  expect(Object.entries(records[0]!.headers)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});

test('parseSegment() of a segment cut short anywhere gives the whole frames before the cut', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), fc.nat(), (records, at) => {
      const file = segmentOf(records);
      const cut = at % file.length;
      let whole = 0;
      for (let end = SEGMENT_HEADER.length; whole < records.length; whole++) {
        end += encodeFrame(records[whole]!).bytes;
        if (end > cut) break;
      }
      const contents = parseSegment(file.subarray(0, cut));
      expect(plain(contents.records)).toEqual(plain(records.slice(0, whole)));
      expect(contents.corruptFrames).toBe(0);
    }),
  );
});

test('parseSegment() never takes a changed frame for a good one, whatever bytes are behind the cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      (records, at, garbage) => {
        const file = segmentOf(records);
        const cut = SEGMENT_HEADER.length + (at % (file.length - SEGMENT_HEADER.length));
        const contents = parseSegment(Buffer.concat([file.subarray(0, cut), garbage]));
        const found = plain(contents.records) as unknown[];
        // All that was found was written, in its order; only the frame at the cut may have been completed by chance.
        expect(found).toEqual((plain(records) as unknown[]).slice(0, found.length));
      },
    ),
  );
});

test('parseSegment() goes on behind a damaged frame and counts it', () => {
  const file = segmentOf([recordOf('one'), recordOf('two'), recordOf('three')]);
  file[file.indexOf('two')] = 0x21;
  const contents = parseSegment(file);
  expect(contents.records.map(({ body }) => Buffer.from(body).toString())).toEqual([
    'one',
    'three',
  ]);
  expect(contents.corruptFrames).toBe(1);
  expect(contents.tornBytes).toBe(0);
});

test('parseSegment() reads nothing from a file that is not a segment', () => {
  expect(parseSegment(Buffer.from('something else entirely'))).toEqual({
    records: [],
    corruptFrames: 0,
    tornBytes: 23,
  });
});

test('SegmentFile commits alone what comes alone, and together what comes meanwhile', async () => {
  using folder = new TemporaryFolder();
  const commits: Commit[] = [];
  const segment = SegmentFile.create(folder.path, 7, (commit) => commits.push(commit));
  const bodies = ['a', 'b', 'c', 'd'];
  await Promise.all(bodies.map((body) => segment.append(encodeFrame(recordOf(body)))));
  await segment.close();
  expect(commits.map(({ frames }) => frames)).toEqual([1, 3]);
  expect(segment.path).toBe(`${folder.path}/00000000000000000007.wal`);
  expect(segment.bytes).toBe(readFileSync(segment.path).length);
  const { records } = await readSegment(segment.path);
  expect(records.map(({ body }) => Buffer.from(body).toString())).toEqual(bodies);
});

test('SegmentFile takes the next free number when another process has taken one', async () => {
  using folder = new TemporaryFolder();
  const first = SegmentFile.create(folder.path, 7, () => undefined);
  const second = SegmentFile.create(folder.path, 7, () => undefined);
  expect([first.seq, second.seq]).toEqual([7, 8]);
  await Promise.all([first.close(), second.close()]);
});
