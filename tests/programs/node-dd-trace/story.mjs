// One customer checks out a basket. The same five spans are told by the programs in every language next door;
// what is sent is written to stdout as one JSON line, so that a reader on the other side can check it.

const hex16 = (decimal) => BigInt(decimal).toString(16).padStart(16, '0');

class PaymentDeclined extends Error {
  name = 'PaymentDeclined';
}

// Headers of a caller, when this program continues somebody else's trace.
const incoming = JSON.parse(process.env.STORY_CONTEXT ?? '{}');

/** Tells the story with `tracer` (an initialised dd-trace) and prints what was sent. */
export function tellStory(tracer) {
  const told = [];
  const remember = (span, parent, fields) => {
    const spanId = hex16(span.context().toSpanId());
    const { tags = {}, ...rest } = fields;
    span.addTags(tags);
    told.push({
      span_id: spanId,
      parent_id: parent === null ? null : hex16(parent.toSpanId()),
      error: 0,
      meta: Object.fromEntries(Object.entries(tags).filter(([, v]) => typeof v === 'string')),
      metrics: Object.fromEntries(Object.entries(tags).filter(([, v]) => typeof v === 'number')),
      links: [],
      events: [],
      ...rest,
    });
    return told.at(-1);
  };
  const service = process.env.DD_SERVICE;

  // A message of yesterday, which today's order refers to: another trace, finished before this one starts.
  const earlier = tracer.startSpan('queue.send', { tags: { 'resource.name': 'orders' } });
  earlier.finish();

  let traceId = '';
  const outgoing = {};
  const caller = tracer.extract('http_headers', incoming);
  const root = { resource: 'GET /checkout/:id', type: 'web', childOf: caller ?? undefined };
  tracer.trace('web.request', root, (web) => {
    traceId = web.context().toTraceId(true);
    tracer.inject(web, 'http_headers', outgoing);
    remember(web, caller, {
      name: 'web.request',
      service,
      resource: 'GET /checkout/:id',
      type: 'web',
      tags: {
        'span.kind': 'server',
        'http.method': 'GET',
        'http.url': 'http://shop.example/checkout/42',
        'http.status_code': '502',
        'customer.note': 'Grüße aus Köln 🛒 注文 №42',
      },
    });

    tracer.trace('cart.price', { resource: 'price basket' }, (price) => {
      remember(price, web.context(), {
        name: 'cart.price',
        service,
        resource: 'price basket',
        type: '',
        tags: { 'cart.currency': 'EUR', 'cart.items': 3, 'cart.discount': 0.15 },
      });
    });

    const sql = 'SELECT id, total FROM carts WHERE id = $1';
    tracer.trace('postgres.query', { service: 'carts-db', resource: sql, type: 'sql' }, (db) => {
      remember(db, web.context(), {
        name: 'postgres.query',
        service: 'carts-db',
        resource: sql,
        type: 'sql',
        tags: {
          'span.kind': 'client',
          'db.type': 'postgres',
          'db.name': 'carts',
          'out.host': 'carts.internal',
          'db.row_count': 1,
        },
      });
    });

    try {
      tracer.trace('payment.charge', { resource: 'POST /charges' }, (charge) => {
        const fields = remember(charge, web.context(), {
          name: 'payment.charge',
          service,
          resource: 'POST /charges',
          type: '',
          error: 1,
          error_type: 'PaymentDeclined',
          error_message: 'card declined: insufficient funds',
          meta_has: { 'error.stack': 'story.mjs' },
          tags: { 'payment.provider': 'acme-pay' },
        });
        const declined = new PaymentDeclined('card declined: insufficient funds');
        charge.recordException(declined, { 'retry.possible': false });
        fields.events.push({
          name: 'exception',
          attributes: {
            'exception.type': 'PaymentDeclined',
            'exception.message': 'card declined: insufficient funds',
            'retry.possible': false,
          },
        });
        throw declined;
      });
    } catch (error) {
      if (!(error instanceof PaymentDeclined)) throw error;
    }

    tracer.trace('order.retry_later', { resource: 'orders' }, (later) => {
      later.addLink({ context: earlier.context(), attributes: { reason: 'same basket' } });
      remember(later, web.context(), {
        name: 'order.retry_later',
        service,
        resource: 'orders',
        type: '',
        tags: { 'span.kind': 'producer', 'messaging.destination.name': 'orders' },
        links: [
          {
            trace_id: earlier.context().toTraceId(true),
            span_id: hex16(earlier.context().toSpanId()),
            attributes: { reason: 'same basket' },
          },
        ],
      });
    });
  });

  const env = process.env.DD_ENV;
  console.log(
    JSON.stringify({
      trace_id: traceId,
      env,
      version: process.env.DD_VERSION,
      context: outgoing,
      spans: told,
    }),
  );

  // A service would stay up. Recordings of what is sent at intervals ask for that.
  setTimeout(() => undefined, Number(process.env.STORY_LINGER_MS ?? 0));
}
