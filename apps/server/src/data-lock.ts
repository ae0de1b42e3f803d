import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@spanloom/base';

/**
 * Makes the data directory and takes it for this process: two servers in one directory would write one log.
 *
 * The lock is a listening socket, which the system takes back however the process ends. It lives in the temporary directory
 * because the path of a socket may only be about a hundred bytes long.
 *
 * @throws {ConfigError} If another server has the directory, or it cannot be made.
 */
export async function lockDataDirectory(directory: string): Promise<AsyncDisposable> {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new ConfigError(
      `Cannot use ${directory} for data: ${String(error)}; set SPANLOOM_DATA_DIR to a directory that can be written`,
      { cause: error },
    );
  }
  const digest = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `spanloom-${digest}.sock`);
  const server = (await listen(path)) ?? (await retake(path));
  if (server === undefined) {
    throw new ConfigError(
      `Cannot use ${directory} for data: another Spanloom server is using it; stop it, or set SPANLOOM_DATA_DIR to another directory`,
    );
  }
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** The listening socket, or undefined when the path is taken. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(path);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** Takes the path over when nobody answers on it: the process that had it was killed. */
async function retake(path: string): Promise<Server | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return undefined;
  } catch {
    rmSync(path, { force: true });
    return await listen(path);
  } finally {
    socket.destroy();
  }
}
