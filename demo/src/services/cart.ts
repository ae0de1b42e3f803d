import { serve } from '../shop/service.ts';
import { cache, query } from '../shop/stores.ts';

/** Baskets by session. Oldest ones go first, so that a long demo stays small. */
const baskets = new Map<string, string[]>();
const maxBaskets = 500;

function basketOf(session: string): string[] {
  const basket = baskets.get(session) ?? [];
  baskets.set(session, basket);
  if (baskets.size > maxBaskets) {
    const [oldest] = baskets.keys();
    if (oldest !== undefined) baskets.delete(oldest);
  }
  return basket;
}

serve({
  'GET /carts/:session': async ({ params }) => {
    const session = params['session'] ?? '';
    await cache('HGETALL', `cart:${session}`);
    return { products: basketOf(session) };
  },
  'POST /carts/:session/items': async ({ params, body }) => {
    const session = params['session'] ?? '';
    await cache('HSET', `cart:${session}`);
    await query({
      sql: 'INSERT INTO cart_events (session, product_id, kind) VALUES ($1, $2, $3)',
      medianMs: 3,
      rows: 1,
    });
    const basket = basketOf(session);
    basket.push(String(body['product']));
    return { products: basket };
  },
  'POST /carts/:session/close': async ({ params }) => {
    const session = params['session'] ?? '';
    await cache('HSET', `cart:${session}`);
    baskets.delete(session);
    return { closed: true };
  },
});
