// The people in the shop. Not traced: a trace begins where a request arrives.
import { randomUUID } from 'node:crypto';
import { urlVariable } from '../floor-plan.ts';
import { pause } from '../pause.ts';
import { aroundMs, pick, sometimes } from '../shop/chance.ts';
import { endWith } from '../shop/lifetime.ts';
import { products } from '../shop/products.ts';
import { visitsPerSecond } from '../shop/visits.ts';

/** One visit to staging for so many to production. */
const stagingShare = 0.12;

const ending = new AbortController();

async function ask(storefront: string, request: string, body?: object): Promise<boolean> {
  const [method = 'GET', path = '/'] = request.split(' ');
  const answer = await fetch(storefront + path, {
    method,
    signal: ending.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await answer.arrayBuffer();
  // People read before they click again.
  await pause(aroundMs(900), ending.signal);
  return answer.ok;
}

/** Somebody comes in, looks around, and may buy. Staging has no cash desk. */
async function visit(env: 'prod' | 'staging'): Promise<void> {
  const storefront = process.env[urlVariable(env, 'storefront')] ?? '';
  const session = randomUUID().slice(0, 8);
  await ask(storefront, 'GET /');
  if (sometimes(0.5)) await ask(storefront, `GET /search?q=${pick(['beans', 'tea', 'cup', 'g'])}`);
  const wanted = [pick(products), ...(sometimes(0.6) ? [pick(products)] : [])];
  for (const { id } of wanted) await ask(storefront, `GET /products/${id}`);
  if (sometimes(0.03)) await ask(storefront, 'GET /products/moka-pot');
  if (sometimes(0.4)) return;
  for (const { id } of wanted) await ask(storefront, `POST /cart/${session}`, { product: id });
  if (env === 'staging') return;
  const paid = await ask(storefront, `POST /checkout/${session}`);
  if (!paid && sometimes(0.5)) await ask(storefront, `POST /checkout/${session}`);
}

async function openDoors(): Promise<void> {
  // The services need a moment; visitors who come before them would only see errors.
  let open = await pause(2_500, ending.signal);
  while (open) {
    const env = sometimes(stagingShare) ? 'staging' : 'prod';
    // A shop that is being replaced may fail a visitor, who then leaves.
    visit(env).catch(() => undefined);
    const gapMs = 1_000 / visitsPerSecond(Date.now());
    open = await pause(-Math.log(1 - Math.random()) * gapMs, ending.signal);
  }
}

endWith(() => ending.abort());
void openDoors();
