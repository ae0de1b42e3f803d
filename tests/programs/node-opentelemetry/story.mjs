// The checkout story told with the OpenTelemetry SDK alone: a provider, a batch processor and one OTLP exporter,
// set up as its own documentation shows. Where to send comes from OTEL_EXPORTER_OTLP_ENDPOINT.
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const SERVICE = process.env.OTEL_SERVICE_NAME ?? 'checkout';
const ENV = 'conformance';
const VERSION = '1.4.2';

class PaymentDeclined extends Error {
  name = 'PaymentDeclined';
}

/** Sends the story through `exporter`, waits until it is flushed, and prints what was sent. */
export async function tellStory(exporter) {
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': SERVICE,
        'service.version': VERSION,
        'deployment.environment.name': ENV,
      }),
    ),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(provider);
  const tracer = trace.getTracer('checkout-story', '0.3.0');

  const earlier = tracer.startSpan('send orders');
  earlier.end();

  const told = [];
  let traceId = '';
  const step = (name, options, body) =>
    tracer.startActiveSpan(name, options, (span) => {
      const parent = told[0]?.span_id ?? null;
      traceId = span.spanContext().traceId;
      const attributes = Object.entries(options.attributes ?? {});
      told.push({
        span_id: span.spanContext().spanId,
        parent_id: parent,
        service: SERVICE,
        otel_name: name,
        kind: SpanKind[options.kind ?? SpanKind.INTERNAL].toLowerCase(),
        error: 0,
        meta: Object.fromEntries(attributes.filter(([, v]) => typeof v === 'string')),
        metrics: Object.fromEntries(attributes.filter(([, v]) => typeof v === 'number')),
        flags: Object.fromEntries(attributes.filter(([, v]) => typeof v === 'boolean')),
        links: [],
        events: [],
      });
      body(span, told.at(-1));
      span.end();
    });

  const root = {
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/checkout/:id',
      'url.full': 'http://shop.example/checkout/42',
      'http.response.status_code': 502,
      'customer.note': 'Grüße aus Köln 🛒 注文 №42',
      'customer.returning': true,
    },
  };
  step('GET /checkout/:id', root, (_web, rootFields) => {
    Object.assign(rootFields, {
      name: 'http.server.request',
      resource: 'GET /checkout/:id',
      type: 'web',
    });
    // Names by which queries know what OpenTelemetry calls otherwise.
    Object.assign(rootFields.meta, {
      'http.method': 'GET',
      'http.url': 'http://shop.example/checkout/42',
      'http.status_code': '502',
      'otel.library.name': 'checkout-story',
      'otel.library.version': '0.3.0',
    });

    step(
      'price basket',
      { attributes: { 'cart.currency': 'EUR', 'cart.items': 3, 'cart.discount': 0.15 } },
      (_span, fields) => Object.assign(fields, { name: 'internal', resource: 'price basket' }),
    );

    const sql = 'SELECT id, total FROM carts WHERE id = $1';
    step(
      'SELECT carts',
      {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system': 'postgresql',
          'db.namespace': 'carts',
          'db.statement': sql,
          'server.address': 'carts.internal',
          'db.row_count': 1,
        },
      },
      (_span, fields) => {
        Object.assign(fields, { name: 'postgresql.query', resource: sql, type: 'sql' });
        fields.meta['db.name'] = 'carts';
      },
    );

    step(
      'charge card',
      { kind: SpanKind.CLIENT, attributes: { 'payment.provider': 'acme-pay' } },
      (span, fields) => {
        const declined = new PaymentDeclined('card declined: insufficient funds');
        span.recordException(declined);
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'payment failed' });
        Object.assign(fields, {
          name: 'client.request',
          resource: 'charge card',
          error: 1,
          error_type: 'PaymentDeclined',
          error_message: 'card declined: insufficient funds',
          meta_has: { 'error.stack': 'story.mjs' },
        });
        fields.meta['otel.status_description'] = 'payment failed';
        fields.events.push({
          name: 'exception',
          attributes: {
            'exception.type': 'PaymentDeclined',
            'exception.message': 'card declined: insufficient funds',
          },
        });
      },
    );

    step(
      'retry order later',
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          'messaging.system': 'rabbitmq',
          'messaging.operation': 'publish',
          'messaging.destination.name': 'orders',
        },
        links: [{ context: earlier.spanContext(), attributes: { reason: 'same basket' } }],
      },
      (span, fields) => {
        span.addEvent('queue.accepted', { 'queue.depth': 7, 'queue.name': 'orders' });
        Object.assign(fields, { name: 'rabbitmq.publish', resource: 'publish orders' });
        fields.links.push({
          trace_id: earlier.spanContext().traceId,
          span_id: earlier.spanContext().spanId,
          attributes: { reason: 'same basket' },
        });
        fields.events.push({
          name: 'queue.accepted',
          attributes: { 'queue.depth': 7, 'queue.name': 'orders' },
        });
      },
    );
  });

  await provider.forceFlush();
  await provider.shutdown();
  console.log(JSON.stringify({ trace_id: traceId, env: ENV, version: VERSION, spans: told }));
}
