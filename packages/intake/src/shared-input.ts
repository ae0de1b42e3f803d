import { isJsonObject } from '@spanloom/base';

/** What a body on `/v1/input` is: three kinds of senders share that path. */
export type SharedInput = 'traces' | 'profile' | 'logs';

/**
 * Tells the senders of `/v1/input` apart: profilers send forms, agentless Python traces are an object with an array
 * `traces`, and everything else (arrays, single objects, lines, plain text, the agent's `{}` test) is logs.
 */
export function classifySharedInput(contentType: string, body: Uint8Array): SharedInput {
  if (contentType === 'multipart/form-data') return 'profile';
  if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"traces"'))
    return 'logs';
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return 'logs'; // lines of JSON, or text that mentions the word
  }
  return isJsonObject(value) && Array.isArray(value['traces']) ? 'traces' : 'logs';
}
