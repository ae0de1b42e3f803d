import { gunzipSync } from 'node:zlib';
import type { RecordedRequest } from './recording-agent.ts';

/** A gRPC message follows a flag that says whether it is compressed, and its length. */
const grpcFrameBytes = 5;

/** What a request says, without compression and framing. */
export function plainBody({ headers, body }: RecordedRequest): Buffer {
  if (headers['content-type'] === 'application/grpc') {
    const message = body.subarray(grpcFrameBytes);
    return body[0] === 1 ? gunzipSync(message) : message;
  }
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
