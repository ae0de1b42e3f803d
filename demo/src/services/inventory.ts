import { query } from '../shop/stores.ts';
import { serve, ShopError } from '../shop/service.ts';
import { sometimes } from '../shop/chance.ts';

/** Another transaction held the rows: what PostgreSQL reports as 40P01. */
class DeadlockError extends Error {
  override readonly name = 'DeadlockError';
}

/** Reserves stock, and gives up after a second deadlock. */
async function reserve(product: string, attempt: number): Promise<void> {
  await query({
    sql: 'SELECT quantity FROM stock WHERE product_id = $1 FOR UPDATE',
    medianMs: 4,
    rows: 1,
  });
  if (sometimes(0.02)) {
    if (attempt === 2) throw new DeadlockError(`deadlock detected while reserving ${product}`);
    await reserve(product, attempt + 1);
    return;
  }
  await query({
    sql: 'UPDATE stock SET quantity = quantity - $2 WHERE product_id = $1',
    medianMs: 5,
    rows: 1,
  });
}

serve({
  'GET /stock/:id': async ({ params }) => {
    await query({
      sql: 'SELECT quantity FROM stock WHERE product_id = $1',
      medianMs: 2,
      rows: 1,
    });
    return { product: params['id'], quantity: 12 };
  },
  'POST /reservations': async ({ body }) => {
    if (sometimes(0.015)) throw new ShopError(409, 'out of stock');
    for (const product of body['products'] as string[]) await reserve(product, 1);
    return { reserved: true };
  },
  'POST /shipments': async () => {
    await query({
      sql: 'INSERT INTO shipments (order_id, carrier) VALUES ($1, $2) RETURNING id',
      medianMs: 6,
      rows: 1,
    });
    return { carrier: 'velo' };
  },
});
