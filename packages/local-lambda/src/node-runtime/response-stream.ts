import { request } from 'node:http';
import { PassThrough, type Writable } from 'node:stream';

/** Marks a handler that streams; the symbol's name is the one that Lambda's own runtime uses. */
export const streamingMark: unique symbol = Symbol.for(
  'aws.lambda.runtime.handler.streaming',
) as never;

/** A streamed response under way. */
export interface StreamedResponse {
  /** What the handler writes to. */
  readonly stream: Writable & { setContentType?: (type: string) => void };
  /** Ends the response with an error in its trailers. */
  fail(errorType: string, body: string): void;
  /** Resolves when the platform has taken all of it. */
  readonly sent: Promise<void>;
  /** Whether a byte or a header has left, so that an error can only go into the trailers. */
  started(): boolean;
}

/** Opens a streamed response to `url`. Nothing is sent before the first byte, when the content type is settled. */
export function openStreamedResponse(url: string): StreamedResponse {
  const stream: PassThrough & { setContentType?: (type: string) => void } = new PassThrough();
  const sent = Promise.withResolvers<void>();
  let contentType = 'application/octet-stream';
  let post: ReturnType<typeof request> | undefined;
  let failure: { type: string; body: string } | undefined;
  stream.setContentType = (type) => {
    contentType = type;
  };
  const open = (): ReturnType<typeof request> => {
    post ??= request(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': contentType,
          'lambda-runtime-function-response-mode': 'streaming',
          'transfer-encoding': 'chunked',
          trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => sent.resolve());
      },
    ).once('error', (error) => sent.reject(error));
    return post;
  };
  stream.on('data', (chunk: Buffer) => {
    if (!open().write(chunk)) {
      stream.pause();
      post?.once('drain', () => stream.resume());
    }
  });
  stream.once('end', () => {
    const ending = open();
    if (failure !== undefined) {
      ending.addTrailers({
        'Lambda-Runtime-Function-Error-Type': failure.type,
        'Lambda-Runtime-Function-Error-Body': Buffer.from(failure.body).toString('base64'),
      });
    }
    ending.end();
  });
  return {
    stream,
    sent: sent.promise,
    started: () => post !== undefined,
    fail: (type, body) => {
      failure = { type, body };
      stream.end();
    },
  };
}

/** `awslambda.HttpResponseStream.from`: puts status, headers and cookies before the body. */
export function httpResponseStream(
  stream: Writable & { setContentType?: (type: string) => void },
  prelude: unknown,
): Writable {
  stream.setContentType?.('application/vnd.awslambda.http-integration-response');
  stream.write(JSON.stringify(prelude));
  stream.write(Buffer.alloc(8));
  return stream;
}
