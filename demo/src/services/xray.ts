// AWS X-Ray as the shop's functions know it: the daemon they send to by UDP, and the API that is read.
import { createSocket } from 'node:dgram';
import { LocalXRay } from '@spanloom/local-xray';
import { shopCloud } from '../serverless/cloud.ts';
import { endWith } from '../shop/lifetime.ts';

const port = Number(process.env['SHOP_PORT']);
const xray = await LocalXRay.start({ port });

/** One datagram: a header line, and a document. A broken one is dropped, as the daemon does. */
const daemon = createSocket('udp4', (datagram) => {
  const document = datagram.toString('utf8').split('\n').slice(1).join('\n');
  try {
    xray.put(shopCloud.account, shopCloud.region, [document]);
  } catch {
    // X-Ray would refuse it too, and its daemon tells nobody.
  }
});
daemon.bind(port, '127.0.0.1');

endWith(() => {
  daemon.close();
  void xray[Symbol.asyncDispose]();
});
