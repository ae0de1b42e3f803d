import tracer from 'dd-trace';
import { call } from '../shop/call.ts';
import { computesAbout, sometimes, takesAbout } from '../shop/chance.ts';
import { serve, ShopError } from '../shop/service.ts';
import { query } from '../shop/stores.ts';

/** The card company did not answer in time. */
class GatewayTimeoutError extends Error {
  override readonly name = 'GatewayTimeoutError';
}

/** Versions with an odd patch number have a defect, so that a release can be seen to make things worse and better. */
const defective = Number(process.env['DD_VERSION']?.split('.').at(-1) ?? 0) % 2 === 1;
const gatewayTimeoutMs = 1500;

async function judgeFraud(cents: number): Promise<void> {
  await tracer.trace('fraud.score', { resource: 'score payment' }, async (span) => {
    await query({
      sql: 'SELECT score, reason FROM fraud_signals WHERE card_hash = $1 ORDER BY seen_at DESC LIMIT 20',
      medianMs: 7,
      rows: 4,
    });
    computesAbout(3);
    span?.addTags({ 'fraud.score': Math.round(Math.random() * 40) / 100, 'payment.cents': cents });
  });
}

/** A company outside the shop: its span is made by hand, since nothing is called. */
async function chargeCard(cents: number): Promise<void> {
  const options = {
    resource: 'POST /v2/charges',
    type: 'http',
    tags: {
      component: 'fetch',
      'span.kind': 'client',
      'http.method': 'POST',
      'http.url': 'https://api.acme-pay.example/v2/charges',
      'out.host': 'api.acme-pay.example',
      'peer.service': 'acme-pay',
    },
  };
  await tracer.trace('http.request', options, async (span) => {
    span?.setTag('payment.cents', cents);
    if (sometimes(defective ? 0.06 : 0.01)) {
      await takesAbout(gatewayTimeoutMs);
      throw new GatewayTimeoutError(`acme-pay did not answer within ${gatewayTimeoutMs} ms`);
    }
    await takesAbout(defective ? 160 : 90);
    const declined = sometimes(0.04);
    span?.setTag('http.status_code', declined ? '402' : '201');
    if (declined) throw new ShopError(402, 'card declined: insufficient funds');
  });
}

serve({
  'POST /payments': async ({ body }) => {
    const cents = Number(body['cents']);
    await judgeFraud(cents);
    await call('inventory', 'POST /reservations', { products: body['products'] as string[] });
    await chargeCard(cents);
    await query({
      sql: 'INSERT INTO payments (order_id, cents, provider) VALUES ($1, $2, $3)',
      medianMs: 5,
      rows: 1,
    });
    return { paid: true };
  },
});
