import { setTimeout as sleep } from 'node:timers/promises';
import tracer from 'dd-trace';
import { addressOf, call } from '../shop/call.ts';
import { sometimes, takesAbout } from '../shop/chance.ts';
import { endWith } from '../shop/lifetime.ts';
import { query } from '../shop/stores.ts';

// Asking the queue for work is not work: only what is done with a message is traced.
tracer.use('fetch', { blocklist: [/\/queues\//] });

/** A message of the queue: an order, and the context of the trace that placed it. */
interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly order: { readonly id: string; readonly products: readonly string[] };
}

/** The label printer refused. */
class LabelError extends Error {
  override readonly name = 'LabelError';
}

async function fulfil({ order }: Message): Promise<void> {
  await query({
    sql: 'INSERT INTO orders (id, state) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
    medianMs: 5,
    rows: 1,
  });
  await call('inventory', 'POST /shipments', { order: order.id });
  // The receipt may be late or missing: the parcel leaves all the same.
  await call('functions', 'POST /receipts', { order: order.id }).catch(() => undefined);
  await tracer.trace('label.print', { resource: 'print label' }, async (span) => {
    span?.setTag('label.items', order.products.length);
    await takesAbout(35);
    if (sometimes(0.02)) throw new LabelError(`no label for order ${order.id}: tray is empty`);
  });
}

/** Does what a message asks for, as part of the trace that sent it. */
async function handle(message: Message): Promise<void> {
  const sender = tracer.extract('text_map', message.headers);
  const span = tracer.startSpan('queue.process', {
    ...(sender === null ? {} : { childOf: sender }),
    tags: {
      'resource.name': 'orders',
      'span.type': 'worker',
      'span.kind': 'consumer',
      component: 'order-queue',
      'messaging.system': 'order-queue',
      'messaging.operation': 'process',
      'messaging.destination.name': 'orders',
      'order.id': message.order.id,
    },
  });
  try {
    await tracer.scope().activate(span, () => fulfil(message));
  } catch (error) {
    span.setTag('error', error);
  } finally {
    span.finish();
  }
}

async function takeMessages(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${addressOf('order-queue')}/queues/orders`, { signal });
      if (response.status === 200) await handle((await response.json()) as Message);
    } catch {
      // The queue is being started, or this process is being ended: either way the loop decides.
      await sleep(signal.aborted ? 0 : 500);
    }
  }
}

const ending = new AbortController();
endWith(() => ending.abort());
void takeMessages(ending.signal);
