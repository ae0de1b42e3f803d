// Writes a receipt for an order. The vendor's library continues the trace of the service that called, and tells X-Ray of it.

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
