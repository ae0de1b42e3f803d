import { randomUUID } from 'node:crypto';
import tracer from 'dd-trace';
import { addressOf, call } from '../shop/call.ts';
import { computesAbout, sometimes } from '../shop/chance.ts';
import { products } from '../shop/products.ts';
import { serve, ShopError } from '../shop/service.ts';

// The queue is reached over HTTP, but to the trace it is a queue: see `sendOrder`.
tracer.use('fetch', { blocklist: [/\/queues\//] });

/** Draws a page: a moment of work in this process. */
function render(page: string): void {
  tracer.trace('template.render', { resource: page, type: 'template' }, () => computesAbout(2.5));
}

/** Puts an order into the queue. Whoever takes it out continues this trace. */
async function sendOrder(order: object): Promise<void> {
  const options = {
    resource: 'orders',
    tags: {
      component: 'order-queue',
      'span.kind': 'producer',
      'messaging.system': 'order-queue',
      'messaging.operation': 'send',
      'messaging.destination.name': 'orders',
    },
  };
  await tracer.trace('queue.send', options, async (span) => {
    const headers = {};
    if (span !== undefined) tracer.inject(span, 'text_map', headers);
    const response = await fetch(`${addressOf('order-queue')}/queues/orders`, {
      method: 'POST',
      body: JSON.stringify({ headers, order }),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new ShopError(503, `the queue answered ${response.status}`);
  });
}

serve({
  'GET /': async () => {
    const front = await call('catalog', 'GET /products');
    render('front page');
    return front;
  },
  'GET /search': async ({ query }) => {
    const found = await call(
      'catalog',
      `GET /search?q=${encodeURIComponent(query.get('q') ?? '')}`,
    );
    render('search results');
    return found;
  },
  'GET /products/:id': async ({ params }) => {
    const product = await call('catalog', `GET /products/${params['id']}`);
    render('product page');
    return product;
  },
  'POST /cart/:session': async ({ params, body }) => {
    const session = params['session'] ?? '';
    const [basket] = await Promise.all([
      call('cart', `POST /carts/${session}/items`, { product: body['product'] }),
      call('catalog', `GET /products/${String(body['product'])}`),
    ]);
    return basket;
  },
  'POST /checkout/:session': async ({ params }) => {
    const session = params['session'] ?? '';
    const basket = (await call('cart', `GET /carts/${session}`)) as { products: string[] };
    if (basket.products.length === 0) throw new ShopError(400, 'the basket is empty');
    const cents = basket.products
      .map((id) => products.find((product) => product.id === id)?.cents ?? 0)
      .reduce((sum, price) => sum + price, 0);
    const order = { id: randomUUID(), products: basket.products, cents };
    tracer.scope().active()?.addTags({ 'order.id': order.id, 'order.cents': cents });
    // A coupon that was deleted while it was in a basket: a defect of the kind that a stack trace explains.
    if (sometimes(0.01)) applyCoupon(undefined, cents);
    await call('payment', 'POST /payments', order);
    await Promise.all([call('cart', `POST /carts/${session}/close`), sendOrder(order)]);
    render('thank you');
    return order;
  },
});

function applyCoupon(coupon: { percent: number } | undefined, cents: number): number {
  return Math.round((cents * (100 - coupon!.percent)) / 100);
}
