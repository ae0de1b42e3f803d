// Writes a receipt for an order. Its tracer is switched off: what is known of it comes from X-Ray, and the vendor's library
// tells X-Ray which trace called.

interface ApiEvent {
  readonly body: string | null;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function handler(event: ApiEvent): Promise<{ statusCode: number; body: string }> {
  const { order } = JSON.parse(event.body ?? '{}') as { order?: string };
  await pause(15 + Math.random() * 60);
  if (Math.random() < 0.02) throw new Error(`no paper for order ${order}`);
  return { statusCode: 201, body: JSON.stringify({ receipt: `r-${order}` }) };
}
