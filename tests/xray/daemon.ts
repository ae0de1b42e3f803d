import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutTraceSegmentsCommand, XRayClient } from '@aws-sdk/client-xray';

const batchLimit = 50;
const flushMs = 50;

/**
 * A small X-Ray daemon: datagrams become calls of `PutTraceSegments` by AWS's own client, and questions about sampling over TCP on the
 * same port are handed on with a signature.
 */
export class Daemon implements AsyncDisposable {
  /** For `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly address: string;
  /** Every document as it arrived, in order. */
  readonly documents: string[] = [];
  /** What the service did not take. */
  readonly refused: unknown[] = [];
  readonly #socket: Socket;
  readonly #proxy: Server;
  readonly #client: XRayClient;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket, proxy: Server, client: XRayClient) {
    this.#socket = socket;
    this.#proxy = proxy;
    this.#client = client;
    this.address = `127.0.0.1:${socket.address().port}`;
    socket.on('message', (datagram) => this.#receive(datagram));
  }

  static async start(endpoint: string, account: string, region: string): Promise<Daemon> {
    const proxy = samplingProxy(endpoint, account, region);
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const socket = createSocket('udp4');
    socket.bind((proxy.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'listening');
    const credentials = { accessKeyId: account, secretAccessKey: 'any' };
    return new Daemon(socket, proxy, new XRayClient({ endpoint, region, credentials }));
  }

  #receive(datagram: Buffer): void {
    const border = datagram.indexOf('\n');
    const header = JSON.parse(datagram.subarray(0, border).toString()) as Record<string, unknown>;
    if (String(header['format']).toLowerCase() !== 'json' || header['version'] !== 1) return;
    const document = datagram.subarray(border + 1).toString();
    this.documents.push(document);
    this.#waiting.push(document);
    if (this.#waiting.length === batchLimit) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const TraceSegmentDocuments = this.#waiting;
    this.#waiting = [];
    if (TraceSegmentDocuments.length === 0) return;
    this.#sending = this.#sending
      .then(() => this.#client.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments })))
      .then((answer) => this.refused.push(...(answer.UnprocessedTraceSegments ?? [])))
      // What could not be sent shows in a test as a trace that is not there; here as why.
      .catch((error: unknown) => this.refused.push(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#sending;
    this.#client.destroy();
    this.#socket.close();
    this.#proxy.closeAllConnections();
    this.#proxy.close();
    await once(this.#proxy, 'close');
  }
}

/** Hands requests on, signed as far as the account and region can be read from it: SDKs do not sign what they ask a daemon. */
function samplingProxy(endpoint: string, account: string, region: string): Server {
  return createServer((incoming, response) => {
    const outgoing = httpRequest(
      new URL(incoming.url ?? '/', endpoint),
      {
        method: incoming.method ?? 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/xray/aws4_request, SignedHeaders=host, Signature=none`,
        },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' });
        answer.pipe(response);
      },
    );
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
}
