/** One span of the shop, in the words of OTLP's JSON. */
interface ShopSpan {
  readonly service: string;
  readonly id: number;
  readonly parent?: number;
  /** 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: 2 | 3 | 4 | 5;
  readonly name: string;
  readonly ms: number;
  readonly failed?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

const queue = { 'messaging.system': 'kafka', 'messaging.destination.name': 'receipts' };

/** A request: the web shop asks for an order, which is stored and paid for, and a receipt goes out by a queue. */
function request(failed: boolean): readonly ShopSpan[] {
  return [
    { service: 'web-shop', id: 1, kind: 2, name: 'POST /checkout', ms: 300, failed },
    { service: 'web-shop', id: 2, parent: 1, kind: 3, name: 'POST /orders', ms: 200 },
    { service: 'orders', id: 3, parent: 2, kind: 2, name: 'POST /orders', ms: 180 },
    {
      service: 'orders',
      id: 4,
      parent: 3,
      kind: 3,
      name: 'INSERT',
      ms: 20,
      tags: { 'db.system': 'postgresql', 'db.name': 'order-book' },
    },
    {
      service: 'web-shop',
      id: 5,
      parent: 1,
      kind: 3,
      name: 'POST',
      ms: 80,
      failed,
      tags: { 'server.address': 'pay.example' },
    },
    { service: 'web-shop', id: 6, parent: 1, kind: 4, name: 'send', ms: 5, tags: queue },
    { service: 'mailer', id: 7, parent: 6, kind: 5, name: 'receive', ms: 40, tags: queue },
  ];
}

/** Sends that many requests through the shop to an OTLP listener; each fourth one fails where it is paid for. */
export async function sendShop(otlpHttpUrl: string, requests: number): Promise<void> {
  const start = BigInt(Date.now() - 5_000) * 1_000_000n;
  const spans = Array.from({ length: requests }, (_, index) =>
    request(index % 4 === 0).map((span) => ({ ...span, trace: index + 1 })),
  ).flat();
  const resourceSpans = [...Map.groupBy(spans, ({ service }) => service)].map(([service, of]) => ({
    resource: {
      attributes: attributes({ 'service.name': service, 'deployment.environment': 'prod' }),
    },
    scopeSpans: [
      {
        spans: of.map(({ trace, id, parent, kind, name, ms, failed, tags }) => ({
          traceId: trace.toString(16).padStart(32, '0'),
          spanId: (trace * 16 + id).toString(16).padStart(16, '0'),
          ...(parent !== undefined && {
            parentSpanId: (trace * 16 + parent).toString(16).padStart(16, '0'),
          }),
          kind,
          name,
          startTimeUnixNano: String(start),
          endTimeUnixNano: String(start + BigInt(ms) * 1_000_000n),
          attributes: attributes(tags ?? {}),
          status: { code: failed === true ? 2 : 0 },
        })),
      },
    ],
  }));
  const response = await fetch(`${otlpHttpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
}

function attributes(of: Readonly<Record<string, string>>) {
  return Object.entries(of).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
