import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { LocalXRay } from '@spanloom/local-xray';
import { SpanloomServer } from '../server-fixture.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** An X-Ray of its own with the daemon before it, and a server that reads it. */
export class XRayWorld implements AsyncDisposable {
  readonly xray: LocalXRay;
  readonly server: SpanloomServer;
  /** `host:port` for `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly daemonAddress: string;
  readonly #daemon: Socket;
  readonly #folder: string;

  private constructor(xray: LocalXRay, server: SpanloomServer, daemon: Socket, folder: string) {
    this.xray = xray;
    this.server = server;
    this.#daemon = daemon;
    this.#folder = folder;
    this.daemonAddress = `127.0.0.1:${daemon.address().port}`;
  }

  static async start(): Promise<XRayWorld> {
    const xray = await LocalXRay.start();
    const daemon = createSocket('udp4', (datagram) => {
      const document = datagram.toString('utf8').split('\n').slice(1).join('\n');
      xray.put(ACCOUNT, REGION, [document]);
    });
    daemon.bind(0, '127.0.0.1');
    await once(daemon, 'listening');
    const folder = mkdtempSync(join(tmpdir(), 'xray-world-'));
    const config = join(folder, 'spanloom.yaml');
    writeFileSync(
      config,
      `aws:\n  accounts:\n    - id: "${ACCOUNT}"\n      regions: [${REGION}]\n      env: prod\n      xray: { poll_seconds: 10 }\n`,
    );
    const server = await SpanloomServer.start({
      env: {
        SPANLOOM_CONFIG: config,
        AWS_ENDPOINT_URL: xray.url,
        AWS_ACCESS_KEY_ID: ACCOUNT,
        AWS_SECRET_ACCESS_KEY: 'none',
      },
    });
    return new XRayWorld(xray, server, daemon, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.#daemon.close();
    await this.xray[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
