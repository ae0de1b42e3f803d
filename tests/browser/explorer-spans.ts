import { MsgpackWriter } from '@spanloom/codec';

/** One span of its own trace, as little as the explorer needs. */
export interface ShopSpan {
  readonly service: string;
  readonly resource: string;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly route: string;
  /** How long before it is sent it started. */
  readonly agoMs: number;
}

/**
 * Forty checkouts, every fifth of which failed, and sixty looks into the cart, over the past five minutes. Durations are
 * 10, 20, 30 and 40 ms, and 2 ms in the cart.
 */
export const shopSpans: readonly ShopSpan[] = [
  ...Array.from({ length: 40 }, (_, i) => ({
    service: 'checkout',
    resource: 'POST /checkout',
    durationMs: 10 * (1 + (i % 4)),
    failed: i % 5 === 0,
    route: '/checkout',
    agoMs: 10_000 + i * 7_000,
  })),
  ...Array.from({ length: 60 }, (_, i) => ({
    service: 'cart',
    resource: `GET /cart/${i % 3}`,
    durationMs: 2,
    failed: false,
    route: '/cart/:id',
    agoMs: 10_000 + i * 4_500,
  })),
];

/** Sends spans to an agent port and waits until they are acknowledged. */
export async function sendShop(agentUrl: string, spans: readonly ShopSpan[]): Promise<void> {
  const response = await fetch(`${agentUrl}/v0.4/traces`, {
    method: 'PUT',
    headers: {
      'Content-Type': 'application/msgpack',
      'X-Datadog-Trace-Count': String(spans.length),
      'Datadog-Send-Real-Http-Status': 'true',
    },
    body: payload(spans),
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`The server answered ${response.status}`);
}

function payload(spans: readonly ShopSpan[]): Uint8Array<ArrayBuffer> {
  const writer = new MsgpackWriter();
  const nowMs = Date.now();
  writer.array(spans.length);
  spans.forEach((span, i) => {
    const id = BigInt(1000 + i);
    const texts = { env: 'shop', 'http.route': span.route, 'span.kind': 'server' };
    writer.array(1);
    writer.map(10);
    writer.text('trace_id');
    writer.bigint(id);
    writer.text('span_id');
    writer.bigint(id);
    writer.text('parent_id');
    writer.bigint(0n);
    writer.text('service');
    writer.text(span.service);
    writer.text('name');
    writer.text('web.request');
    writer.text('resource');
    writer.text(span.resource);
    writer.text('start');
    writer.bigint(BigInt(nowMs - span.agoMs) * 1_000_000n);
    writer.text('duration');
    writer.bigint(BigInt(span.durationMs) * 1_000_000n);
    writer.text('error');
    writer.int(span.failed ? 1 : 0);
    writer.text('meta');
    writer.map(Object.keys(texts).length);
    for (const [key, value] of Object.entries(texts)) {
      writer.text(key);
      writer.text(value);
    }
  });
  return Uint8Array.from(writer.out.view());
}
