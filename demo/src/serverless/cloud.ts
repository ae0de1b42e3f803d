/** The account the shop's functions live in. It is nobody's: AWS uses it in its own examples. */
export const shopCloud = {
  account: '111122223333',
  region: 'eu-west-1',
} as const;

/** The local X-Ray of the shop: where readers call it, and what signs their calls. */
export interface DemoXRay {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
  /** The local X-Ray takes the access key for the account. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The X-Ray behind a port of this machine. */
export function xrayAt(port: number): DemoXRay {
  return {
    ...shopCloud,
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: shopCloud.account,
    secretAccessKey: 'none',
  };
}
