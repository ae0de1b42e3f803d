import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { BODY_LIMITS } from './body-limits.ts';
import { GrpcCall } from './grpc-call.ts';
import { parseGrpcTimeout, unframe } from './grpc-frame.ts';
import { inflateBody } from './inflate.ts';
import type { IntakeParts } from './intake-parts.ts';
import type { Lease } from './memory-budget.ts';
import {
  countRecords,
  encodeExportResponse,
  notStoredMessage,
  type OtlpSignal,
} from './otlp-messages.ts';
import { toProblem } from './problem.ts';
import { bodyTimedOut, ClientGone, tooLarge, unsupportedEncoding } from './request-refused.ts';

/** The three unary methods. */
const METHODS = new Map<string, OtlpSignal>([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
]);

const FRAME_PREFIX_BYTES = 5;

/** OTLP over gRPC: the same payloads as over HTTP, in another wrapping. */
export class OtlpGrpc {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Takes one HTTP/2 stream. Never throws. */
  readonly handle = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    // Resets and cancellations are the client's right; 'close' follows.
    stream.on('error', () => {});
    if (!(headers['content-type'] ?? '').startsWith('application/grpc')) {
      stream.respond({ ':status': 415 }, { endStream: true });
      stream.close(constants.NGHTTP2_NO_ERROR);
      return;
    }
    const path = headers[':path'] ?? '';
    const signal = METHODS.get(path);
    const call = new GrpcCall(stream, headers);
    if (signal === undefined || headers[':method'] !== 'POST') {
      return call.failWith(
        12,
        'There is no such method here: Export of the trace, logs and metrics services',
      );
    }
    const { keys, counters } = this.#parts;
    if (keys.configured && !keys.accepts({ headers, pathToken: undefined, queryKey: undefined })) {
      counters.authFailed.add(1, routeOf(signal));
      const message =
        'The call carries no valid ingest key; set the dd-api-key or authorization metadata';
      return call.failWith(16, message);
    }
    // `#run` answers for every outcome and never rejects.
    void this.#run(call, signal);
  };

  async #run(call: GrpcCall, signal: OtlpSignal): Promise<void> {
    const { budget, counters, options } = this.#parts;
    const startedMs = performance.now();
    const lease = budget.lease();
    let deadline: NodeJS.Timeout | undefined;
    try {
      const timeoutMs = parseGrpcTimeout(call.headers['grpc-timeout']);
      if (timeoutMs !== undefined) {
        const expire = (): void =>
          call.failWith(4, `The call took longer than its ${timeoutMs} ms`);
        deadline = setTimeout(expire, Math.min(timeoutMs, 2 ** 31 - 1));
      }
      const message = await this.#readMessage(call, lease);
      call.succeed(await this.#export(call, signal, message, lease));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.kind === 'internal')
        options.reportError(error, `taking a payload on ${routeOf(signal)}`);
      if (problem.kind === 'gone') counters.clientGone.add(1, routeOf(signal));
      else counters.otlpRejected.add(1, signal, problem.reason);
      if (problem.kind === 'overloaded')
        counters.payloadRefused.add(1, routeOf(signal), problem.reason);
      call.fail(problem);
    } finally {
      clearTimeout(deadline);
      lease.release();
      counters.answered(routeOf(signal), call.code ?? 'gone', performance.now() - startedMs);
    }
  }

  async #export(
    call: GrpcCall,
    signal: OtlpSignal,
    body: Uint8Array,
    lease: Lease,
  ): Promise<Uint8Array> {
    const { counters, receiver } = this.#parts;
    if (signal !== 'traces') {
      const rejected = countRecords(signal, 'protobuf', body);
      counters.otlpRejected.add(rejected, signal, 'NotStored');
      if (rejected === 0) return encodeExportResponse(signal, 'protobuf');
      counters.acceptedNotStored.add(1, routeOf(signal));
      counters.acceptedNotStoredBytes.add(call.wireBytes, routeOf(signal));
      return encodeExportResponse(signal, 'protobuf', {
        rejected,
        message: notStoredMessage(signal),
      });
    }
    if (body.length === 0) return encodeExportResponse('traces', 'protobuf');
    const outcome = await receiver.receive(
      {
        format: 'otlp-traces-protobuf',
        body,
        headers: call.headers,
        endpoint: routeOf('traces'),
        wireBytes: call.wireBytes,
      },
      lease,
    );
    const { rejectedSpans: rejected, rejectedMessage: message } = outcome;
    counters.otlpRejected.add(rejected, 'traces', 'InvalidSpan');
    return encodeExportResponse(
      'traces',
      'protobuf',
      rejected > 0 ? { rejected, message } : undefined,
    );
  }

  async #readMessage(call: GrpcCall, lease: Lease): Promise<Uint8Array> {
    const limits = BODY_LIMITS.otlp;
    const data = await this.#readData(call, limits.wireBytes + FRAME_PREFIX_BYTES, lease);
    const message = unframe(data, limits.wireBytes);
    call.wireBytes = message.body.length;
    if (!message.compressed) return message.body;
    const encoding = String(call.headers['grpc-encoding'] ?? 'identity');
    switch (encoding) {
      case 'gzip':
      case 'deflate':
      case 'zstd':
        return inflateBody(message.body, [encoding], limits, lease);
      default:
        throw unsupportedEncoding(encoding);
    }
  }

  #readData({ stream }: GrpcCall, maxBytes: number, lease: Lease): Promise<Uint8Array> {
    const { bodyTimeoutMs } = this.#parts;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let total = 0;
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        stream.removeAllListeners('data');
        stream.resume();
        reject(error);
      };
      const timer = setTimeout(() => fail(bodyTimedOut(bodyTimeoutMs, total)), bodyTimeoutMs);
      stream.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total > maxBytes) {
          return fail(tooLarge(`Cannot take the message: it is larger than ${maxBytes} bytes`));
        }
        chunks.push(chunk);
        if (lease.tryGrow(chunk.length)) return;
        stream.pause();
        lease.grow(chunk.length).then(() => stream.resume(), fail);
      });
      stream.on('end', () => {
        // A stream that was reset ends as well, with what had come until then.
        if (stream.aborted || stream.rstCode !== 0) {
          fail(new ClientGone(total));
          return;
        }
        clearTimeout(timer);
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, total));
      });
      stream.on('close', () => fail(new ClientGone(total)));
    });
  }
}

function routeOf(signal: OtlpSignal): string {
  return `grpc/${signal}`;
}
