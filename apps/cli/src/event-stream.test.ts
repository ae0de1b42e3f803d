import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents, SilentStreamError, type StreamEvent } from './event-stream.ts';

function streamOf(chunks: readonly Uint8Array[], end = true): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (end) controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEvents(stream, 1000)) events.push(event);
  return events;
}

const wire =
  ': hello\n\nevent: span\nid: 7.3\ndata: {"a":"ü→😀"}\n\nevent: rate\r\ndata: 1\r\ndata: 2\r\n\r\ndata:bare\n\nevent: cut\ndata: of';
const events = [
  { name: 'span', data: '{"a":"ü→😀"}', id: '7.3' },
  { name: 'rate', data: '1\n2', id: '7.3' },
  { name: 'message', data: 'bare', id: '7.3' },
];

test('readEvents() reads names, data and ids, and leaves out an event that is cut short', async () => {
  expect(await read(streamOf([new TextEncoder().encode(wire)]))).toEqual(events);
});

test('readEvents() reads the same however the bytes are cut into chunks', async () => {
  const bytes = new TextEncoder().encode(wire);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await read(streamOf(chunks))).toEqual(events);
    }),
  );
});

test('readEvents() gives up on a stream that says nothing', async () => {
  const silent = readEvents(streamOf([], false), 20);
  await expect(silent.next()).rejects.toThrow(SilentStreamError);
});
