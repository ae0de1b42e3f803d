import type { AddressInfo, Server } from 'node:net';
import { ConfigError } from '@spanloom/base';
import type { ListenOptions } from './listener.ts';

/**
 * Starts listening; resolves with the address in use.
 * @throws {ConfigError} When the address cannot be used: what was tried and which setting changes it.
 */
export function openPort(server: Server, options: ListenOptions): Promise<AddressInfo> {
  const { host, port, setting, name } = options;
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      const problem =
        error.code === 'EADDRINUSE'
          ? 'already in use'
          : error.code === 'EACCES'
            ? 'not permitted'
            : error.message;
      reject(
        new ConfigError(
          `Cannot start the ${name} listener on ${host}:${port}: ${problem}; set ${setting} to another port, or to 0 to do without`,
          { cause: error },
        ),
      );
    };
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      const address = server.address();
      // A string is the path of a Unix socket, which a host and a port never give.
      if (address !== null && typeof address !== 'string') resolve(address);
    });
  });
}

/** `host:port`, with brackets around an IPv6 host. */
export function formatAddress({ address, port, family }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
