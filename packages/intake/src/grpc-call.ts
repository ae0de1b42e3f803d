import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { encodeGrpcMessage, frame } from './grpc-frame.ts';
import { encodeStatus } from './otlp-messages.ts';
import { grpcCodeOf, type Problem } from './problem.ts';

const RESPONSE_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': 'identity,gzip',
};

/** One gRPC call and its answer, which is given once: later ones are dropped. */
export class GrpcCall {
  readonly headers: IncomingHttpHeaders;
  readonly stream: ServerHttp2Stream;
  /** Bytes of the message as sent. */
  wireBytes = 0;
  /** The status that was sent, once one was. */
  code: number | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.stream = stream;
    this.headers = headers;
  }

  /** Whether an answer went out, or nobody is there to read one. */
  get over(): boolean {
    return this.code !== undefined || this.stream.destroyed || this.stream.closed;
  }

  /** Answers with a message and status 0. */
  succeed(message: Uint8Array): void {
    if (this.over) return;
    this.code = 0;
    const { stream } = this;
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
    stream.end(frame(message));
  }

  /** Answers with an error, in the headers alone. */
  fail(problem: Problem): void {
    const code = grpcCodeOf(problem);
    this.failWith(code, problem.message, problem.retryAfterSeconds);
  }

  /** As `fail`, for a status that no HTTP problem stands for. */
  failWith(code: number, message: string, retryAfterSeconds?: number): void {
    if (this.over) return;
    this.code = code;
    const { stream } = this;
    const details = encodeStatus('protobuf', code, message, retryAfterSeconds);
    stream.respond(
      {
        ...RESPONSE_HEADERS,
        'grpc-status': String(code),
        'grpc-message': encodeGrpcMessage(message),
        'grpc-status-details-bin': Buffer.from(details).toString('base64'),
      },
      { endStream: true },
    );
    // The answer is complete: RFC 9113 §8.1 lets a server stop a body it will not read, without calling it an error.
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  }
}
