// Counts loyalty points every few seconds. Traced by the vendor's library and tracer, which continue the trace that X-Ray began.
import tracer from 'dd-trace';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function handler(): Promise<{ customers: number }> {
  const customers = 3 + Math.floor(Math.random() * 9);
  await tracer.trace('points.load', { resource: 'SELECT * FROM orders', type: 'sql' }, () =>
    pause(8 + Math.random() * 20),
  );
  await tracer.trace('points.count', { resource: 'count points' }, async (span) => {
    span?.setTag('points.customers', customers);
    await pause(customers * 4);
  });
  return { customers };
}
