import type { Socket } from 'node:dgram';
import { builtin } from '../builtin.ts';
import { failed } from '../log.ts';

/** Larger datagrams are refused by the system. */
const datagramLimit = 65_000;
const waitLimitMs = 50;

let socket: Socket | undefined;
let pending = 0;
let settled: (() => void) | undefined;

/** Sends one datagram. Nobody learns whether it arrives; it costs no round trip. */
export function sendDatagram(text: string, host: string, port: number): void {
  const bytes = Buffer.from(text);
  if (bytes.length > datagramLimit) {
    failed('send a datagram', `${bytes.length} bytes, more than ${datagramLimit}`);
    return;
  }
  // Loopback's own lookup would ask the resolver for a name.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  if (socket === undefined) {
    const { createSocket } = builtin<typeof import('node:dgram')>('dgram');
    socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.unref();
    socket.on('error', (error) => failed('send a datagram', error));
  }
  pending++;
  socket.send(bytes, port, address, (error) => {
    if (error !== null) failed('send a datagram', error);
    if (--pending === 0) settled?.();
  });
}

/** Waits until the system has taken all datagrams; `undefined` if it has. */
export function settleDatagrams(): Promise<void> | undefined {
  if (pending === 0) return undefined;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitLimitMs);
    settled = () => {
      clearTimeout(timer);
      settled = undefined;
      resolve();
    };
  });
}
