import { MsgpackWriter } from '@spanloom/codec';

/** Spans of one trace, by number. */
export interface SentSpans {
  readonly service: string;
  readonly first: number;
  readonly count: number;
  readonly error?: (number: number) => boolean;
  /** How long before they are sent they started. */
  readonly startedAgoMs?: number;
}

/** The id a span of this number has in answers. */
export function spanIdOf(number: number): string {
  return number.toString(16).padStart(16, '0');
}

/** Ids of a run of numbers. */
export function spanIds(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => spanIdOf(first + index));
}

/** Sends one payload and waits for its acknowledgement. */
export async function sendSpans(agentUrl: string, spans: SentSpans): Promise<void> {
  const response = await fetch(`${agentUrl}/v0.4/traces`, {
    method: 'PUT',
    headers: {
      'Content-Type': 'application/msgpack',
      'X-Datadog-Trace-Count': '1',
      'Datadog-Send-Real-Http-Status': 'true',
    },
    body: payload(spans),
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`The server answered ${response.status}`);
}

function payload({
  service,
  first,
  count,
  error,
  startedAgoMs = 0,
}: SentSpans): Uint8Array<ArrayBuffer> {
  const writer = new MsgpackWriter();
  writer.array(1);
  writer.array(count);
  const startNanos = BigInt(Date.now() - startedAgoMs) * 1_000_000n;
  for (let number = first; number < first + count; number++) {
    writer.map(10);
    writer.text('trace_id');
    writer.bigint(BigInt(first));
    writer.text('span_id');
    writer.bigint(BigInt(number));
    writer.text('parent_id');
    writer.bigint(number === first ? 0n : BigInt(first));
    writer.text('service');
    writer.text(service);
    writer.text('name');
    writer.text('web.request');
    writer.text('resource');
    writer.text(`GET /items/${number}`);
    writer.text('start');
    writer.bigint(startNanos + BigInt(number));
    writer.text('duration');
    writer.bigint(1_000_000n);
    writer.text('error');
    writer.int(error?.(number) === true ? 1 : 0);
    writer.text('meta');
    writer.map(2);
    writer.text('env');
    writer.text('live');
    writer.text('customer.id');
    writer.text(String(number % 10));
  }
  return Uint8Array.from(writer.out.view());
}
