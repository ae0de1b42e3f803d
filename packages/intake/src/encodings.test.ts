import { constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openIntake, type TestIntake } from './test-intake.ts';

let rig: TestIntake;
beforeAll(async () => {
  rig = await openIntake();
});
afterAll(() => rig[Symbol.asyncDispose]());

const MIB = 1024 * 1024;
/** Text that compresses about 20×, so that it passes the ratio limit. */
function lines(bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  let at = 0;
  for (let i = 0; at < bytes; i++) at += out.write(`span number ${i * 7919} of the load\n`, at);
  return out;
}
const SMALL = Buffer.from('the same body, however it was packed');
const LARGE = lines(3 * MIB);

function send(body: Uint8Array, encoding?: string): Promise<Response> {
  return rig.fetch('/api/v0.2/traces', {
    method: 'POST',
    body: new Uint8Array(body),
    headers: encoding === undefined ? {} : { 'content-encoding': encoding },
  });
}

/** A frame as streaming writers make them: no content size in its header. */
function zstdStreamed(body: Uint8Array): Buffer {
  return zstdCompressSync(body, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
}
const SKIPPABLE = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

describe.each([
  ['small', SMALL],
  ['large', LARGE],
])('a %s body arrives inflated', (_, body) => {
  const half = body.length >> 1;
  const cases: [string, string, Buffer][] = [
    ['gzip', 'gzip', gzipSync(body)],
    ['gzip in capitals', ' GZip ', gzipSync(body)],
    [
      'gzip members one after the other',
      'gzip',
      Buffer.concat([gzipSync(body.subarray(0, half)), gzipSync(body.subarray(half))]),
    ],
    ['gzip padded with zeros', 'gzip', Buffer.concat([gzipSync(body), Buffer.alloc(7)])],
    ['zlib', 'deflate', deflateSync(body)],
    ['raw deflate', 'deflate', deflateRawSync(body)],
    ['zstd', 'zstd', zstdCompressSync(body)],
    ['zstd without content size', 'zstd', zstdStreamed(body)],
    [
      'zstd in several frames, one skippable',
      'zstd',
      Buffer.concat([
        SKIPPABLE,
        zstdStreamed(body.subarray(0, half)),
        SKIPPABLE,
        zstdCompressSync(body.subarray(half)),
      ]),
    ],
    ['identity', 'identity', body],
    ['an empty encoding', '', body],
    ['two layers', 'gzip, zstd', zstdCompressSync(gzipSync(body))],
    ['identity among others', 'identity,zstd', zstdCompressSync(body)],
  ];
  test.each(cases)('%s', async (_name, encoding, packed) => {
    const response = await send(packed, encoding);
    expect([response.status, await response.text()]).toEqual([202, '{}']);
    expect(Buffer.from(rig.sink.last.body).equals(body)).toBe(true);
  });
});

const cut = (packed: Buffer): Buffer => packed.subarray(0, packed.length - 3);

describe('a body that does not inflate is 400 and says why', () => {
  const gzipped = gzipSync(LARGE);
  const flipped = Buffer.from(gzipped);
  flipped.fill(0xff, gzipped.length >> 1, (gzipped.length >> 1) + 64);
  const cases: [string, string, Buffer, string][] = [
    ['small gzip cut', 'gzip', cut(gzipSync(SMALL)), 'EOF'],
    ['large gzip cut', 'gzip', cut(gzipped), 'EOF'],
    ['large gzip damaged', 'gzip', flipped, 'BadEncoding'],
    ['gzip that is not', 'gzip', SMALL, 'BadEncoding'],
    [
      'gzip with other bytes behind it',
      'gzip',
      Buffer.concat([gzipSync(SMALL), SMALL]),
      'BadEncoding',
    ],
    ['zstd cut', 'zstd', cut(zstdCompressSync(LARGE)), 'EOF'],
    ['zstd with half a magic', 'zstd', Buffer.from([0x28, 0xb5]), 'EOF'],
    ['zstd that is not', 'zstd', SMALL, 'BadEncoding'],
    [
      'zstd with other bytes behind it',
      'zstd',
      Buffer.concat([zstdCompressSync(SMALL), SMALL]),
      'BadEncoding',
    ],
    ['deflate that is not', 'deflate', Buffer.from([0xff, 0xff, 0xff]), 'BadEncoding'],
  ];
  test.each(cases)('%s', async (_, encoding, packed, reason) => {
    const before = await rig.counter('inflate_rejected_total', { reason });
    const taken = rig.sink.records.length;
    const response = await send(packed, encoding);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('BAD_COMPRESSION');
    expect(error.message).toMatch(/^Cannot inflate request body: /);
    expect(await rig.counter('inflate_rejected_total', { reason })).toBe(before + 1);
    expect(rig.sink.records.length).toBe(taken);
  });
});

test.each(['br', 'compress', 'gzip;q=1', 'gzip, gzip, gzip, gzip'])(
  'Content-Encoding %s is 415',
  async (encoding) => {
    const response = await send(SMALL, encoding);
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ error: { code: 'UNSUPPORTED_ENCODING' } });
  },
);

describe('bombs', () => {
  const gigabyte = zstdCompressSync(Buffer.alloc(1024 * MIB));
  const ten = Buffer.alloc(10 * MIB);
  test.each([
    ['zstd, 1 GiB', 'zstd', gigabyte],
    ['gzip, 10 MiB in 10 KiB', 'gzip', gzipSync(ten)],
    ['raw deflate, 10 MiB', 'deflate', deflateRawSync(ten)],
    ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(ten))],
    [
      'many small zstd frames',
      'zstd',
      Buffer.concat(Array.from({ length: 2000 }, () => zstdCompressSync(Buffer.alloc(128 * 1024)))),
    ],
  ])('%s is 413', async (_, encoding, packed) => {
    const before = process.memoryUsage().arrayBuffers;
    const response = await send(packed, encoding);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'INFLATED_TOO_LARGE' } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
  });

  test('exactly the ratio is taken up to 1 MiB, whatever it is', async () => {
    expect((await send(gzipSync(Buffer.alloc(MIB)), 'gzip')).status).toBe(202);
    expect((await send(gzipSync(Buffer.alloc(MIB + 1)), 'gzip')).status).toBe(413);
  });

  test('more zstd frames than anybody sends are refused', async () => {
    const frame = zstdCompressSync(Buffer.from('x'));
    const frames = (count: number): Buffer =>
      Buffer.concat(Array.from({ length: count }, () => frame));
    expect((await send(frames(4096), 'zstd')).status).toBe(202);
    expect((await send(frames(4097), 'zstd')).status).toBe(400);
  });

  test('a zstd header that asks for a huge window is refused', async () => {
    // Descriptor without single segment, then window descriptor 0xa0: 2^30 bytes.
    const packed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00]);
    expect((await send(packed, 'zstd')).status).toBe(400);
  });
});
