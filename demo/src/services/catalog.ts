import tracer from 'dd-trace';
import { computesAbout, sometimes } from '../shop/chance.ts';
import { products } from '../shop/products.ts';
import { serve, ShopError } from '../shop/service.ts';
import { cache, query } from '../shop/stores.ts';

serve({
  'GET /products': async () => {
    await cache('GET', 'products:front');
    if (sometimes(0.2)) {
      await query({
        sql: 'SELECT id, name, cents FROM products WHERE on_front_page ORDER BY rank LIMIT 8',
        medianMs: 14,
        rows: products.length,
      });
      await cache('SET', 'products:front');
    }
    return products;
  },
  'GET /products/:id': async ({ params }) => {
    await cache('GET', `product:${params['id']}`);
    const product = products.find(({ id }) => id === params['id']);
    if (product === undefined) throw new ShopError(404, `no product ${params['id']}`);
    if (sometimes(0.3)) {
      await query({
        sql: 'SELECT id, name, cents, description FROM products WHERE id = $1',
        medianMs: 5,
        rows: 1,
      });
    }
    return product;
  },
  'GET /search': async ({ query: search }) => {
    const words = search.get('q') ?? '';
    await query({
      sql: 'SELECT id, name, cents FROM products WHERE document @@ plainto_tsquery($1) LIMIT 50',
      // One search in thirty misses the index.
      medianMs: sometimes(1 / 30) ? 900 : 25,
      rows: 3,
    });
    return tracer.trace('catalog.rank', { resource: 'rank products' }, (span) => {
      computesAbout(6);
      const found = products.filter(({ name }) => name.toLowerCase().includes(words));
      span?.addTags({ 'search.words': words, 'search.found': found.length });
      return found;
    });
  },
});
