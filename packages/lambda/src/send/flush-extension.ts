import { HttpConnection } from './http-connection.ts';

const controlUrl = 'http://127.0.0.1:8124';
const waitLimitMs = 100;

let connection: HttpConnection | undefined;

/** Asks the extension to send what it has: on a developer's machine no platform event tells it that an invocation is over. */
export function flushExtension(): Promise<void> | undefined {
  connection ??= new HttpConnection(new URL(controlUrl), { awaitAnswer: true });
  connection.send({ path: '/lambda/flush', method: 'POST', headers: {}, body: Buffer.from('{}') });
  return connection.settle(waitLimitMs);
}
