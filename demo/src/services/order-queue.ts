// A queue over HTTP, standing for a broker: POST puts a message in, GET waits for one and takes it out. It is not
// traced, as brokers are not.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { endWith } from '../shop/lifetime.ts';

/** Beyond this, senders are refused: the demo must not grow when nobody takes messages out. */
const maxMessages = 1_000;
/** How long a reader waits before it is told that there is nothing. */
const longestWaitMs = 10_000;

const messages: Buffer[] = [];
const readers = new Set<ServerResponse>();

function hand(message: Buffer, reader: ServerResponse): void {
  readers.delete(reader);
  reader.writeHead(200, { 'content-type': 'application/json' }).end(message);
}

/** Hands out the oldest message, at once or when there is one. */
function take(reader: ServerResponse): void {
  const message = messages.shift();
  if (message !== undefined) {
    hand(message, reader);
    return;
  }
  readers.add(reader);
  const timer = setTimeout(() => {
    if (readers.delete(reader)) reader.writeHead(204).end();
  }, longestWaitMs);
  reader.once('close', () => {
    clearTimeout(timer);
    readers.delete(reader);
  });
}

async function put(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const message = Buffer.concat(await request.toArray());
  const full = messages.length >= maxMessages;
  response.writeHead(full ? 429 : 202).end();
  if (full) return;
  const [reader] = readers;
  if (reader === undefined) messages.push(message);
  else hand(message, reader);
}

const server = createServer((request, response) => {
  if (request.method === 'GET') take(response);
  else void put(request, response);
});
server.listen(Number(process.env['SHOP_PORT']), '127.0.0.1');
endWith(() => {
  server.close();
  server.closeAllConnections();
});
