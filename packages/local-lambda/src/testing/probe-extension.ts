/**
 * The source of an extension that writes everything it is told to `probe.jsonl`, one JSON value per line.
 *
 * `TELEMETRY` is a JSON object of subscription fields to add; `LINGER_MS` is how long it works after each event.
 */
export const probeExtension: string = String.raw`
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API;
const note = (kind, value) => appendFileSync('probe.jsonl', JSON.stringify({ kind, at: Date.now(), value }) + '\n');
const registered = await fetch(api + '/2020-01-01/extension/register', {
  method: 'POST',
  headers: { 'lambda-extension-name': 'probe', 'lambda-extension-accept-feature': 'accountId' },
  body: JSON.stringify({ events: ['INVOKE', 'SHUTDOWN'] }),
});
const headers = { 'lambda-extension-identifier': registered.headers.get('lambda-extension-identifier') };
note('registered', await registered.json());
if (process.env.TELEMETRY) {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => { text += chunk; });
    request.on('end', () => { note('telemetry', JSON.parse(text)); response.end(); });
  });
  await new Promise((resolve) => server.listen(0, '0.0.0.0', resolve));
  const subscribed = await fetch(api + '/2022-07-01/telemetry', {
    method: 'PUT',
    headers,
    body: JSON.stringify({
      schemaVersion: '2022-12-13',
      types: ['platform', 'function', 'extension'],
      buffering: { maxItems: 1000, maxBytes: 262144, timeoutMs: 25 },
      destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:' + server.address().port },
      ...JSON.parse(process.env.TELEMETRY),
    }),
  });
  note('subscribed', { status: subscribed.status, body: await subscribed.text() });
}
console.log('probe is ready');
for (;;) {
  const event = await (await fetch(api + '/2020-01-01/extension/event/next', { headers })).json();
  note('event', event);
  if (process.env.LINGER_MS) await new Promise((resolve) => setTimeout(resolve, Number(process.env.LINGER_MS)));
  note('finished', event.eventType);
  if (event.eventType === 'SHUTDOWN') process.exit(0);
}
`;
