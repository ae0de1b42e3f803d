import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ConfigError } from '@spanloom/base';
import { startHttpListener } from './http-listener.ts';
import type { Intake } from './intake.ts';
import { CLOSE_TIMEOUT_MS, type Listener, type ListenOptions } from './listener.ts';
import { XRayDatagrams } from './xray-datagrams.ts';
import { xraySamplingHandler } from './xray-sampling.ts';

/** Room for bursts while the process is busy. The system may grant less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** How often another port is tried when any will do: the one that TCP was given may be taken in UDP. */
const ATTEMPTS = 5;

/**
 * The X-Ray daemon's port (2000 by default): segment documents over UDP, and over TCP what SDKs ask about sampling. Datagrams
 * carry no key, so an address beyond loopback is open to everyone who can reach it.
 *
 * @throws {ConfigError} If the port cannot be used in either protocol.
 */
export async function startXRayListener(
  intake: Intake,
  address: Pick<ListenOptions, 'host' | 'port' | 'closeTimeoutMs'>,
): Promise<Listener> {
  const options = { ...address, name: 'xray', setting: 'SPANLOOM_XRAY_UDP_PORT' } as const;
  const datagrams = new XRayDatagrams(intake.parts);
  for (let attempt = 1; ; attempt++) {
    const handler = xraySamplingHandler(intake.parts);
    const tcp = await startHttpListener(options, intake.parts.counters, handler);
    let socket: Socket;
    try {
      socket = await openDatagramPort({ ...options, port: tcp.port });
    } catch (error) {
      await tcp[Symbol.asyncDispose]();
      if (address.port === 0 && attempt < ATTEMPTS) continue;
      throw error;
    }
    socket.on('message', datagrams.take);
    socket.on('error', (error) =>
      intake.parts.options.reportError(error, 'receiving X-Ray datagrams'),
    );
    return {
      name: 'xray',
      address: tcp.address,
      port: tcp.port,
      async [Symbol.asyncDispose]() {
        await new Promise<void>((resolve) => socket.close(() => resolve()));
        const timeoutMs = address.closeTimeoutMs ?? CLOSE_TIMEOUT_MS;
        await Promise.all([tcp[Symbol.asyncDispose](), withinMs(datagrams.settled(), timeoutMs)]);
      },
    };
  }
}

function openDatagramPort({ host, port, setting }: ListenOptions): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      const problem = error.code === 'EADDRINUSE' ? 'already in use' : error.message;
      reject(
        new ConfigError(
          `Cannot start the xray listener on ${host}:${port} (UDP): ${problem}; set ${setting} to another port, or to 0 to do without`,
          { cause: error },
        ),
      );
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
      } catch {
        // The system's own limit is lower; its default then has to do.
      }
      resolve(socket);
    });
  });
}

async function withinMs(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
