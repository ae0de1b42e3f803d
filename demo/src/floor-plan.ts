/** The processes of the shop: who they are, whom they call, and which release of them runs. */

/** A process of one environment. Traced processes are services; the others only make the shop move. */
export interface ShopProcess {
  /** Also the name of its file in `services/`. */
  readonly name: string;
  readonly env: string;
  /** Whether the tracer is loaded into it. */
  readonly traced: boolean;
  /** First released version; absent for processes that are never deployed. */
  readonly version?: string;
}

/** The whole shop, in the order in which it is started: those who are called before those who call. */
export const floorPlan: readonly ShopProcess[] = [
  { name: 'xray', env: 'prod', traced: false },
  { name: 'functions', env: 'prod', traced: false },
  { name: 'order-queue', env: 'prod', traced: false },
  { name: 'inventory', env: 'prod', traced: true, version: '3.2.0' },
  { name: 'catalog', env: 'prod', traced: true, version: '2.9.1' },
  { name: 'cart', env: 'prod', traced: true, version: '1.14.0' },
  { name: 'payment', env: 'prod', traced: true, version: '5.0.3' },
  { name: 'fulfilment', env: 'prod', traced: true, version: '1.7.2' },
  { name: 'storefront', env: 'prod', traced: true, version: '4.6.0' },
  { name: 'catalog', env: 'staging', traced: true, version: '2.10.0' },
  { name: 'cart', env: 'staging', traced: true, version: '1.15.0' },
  { name: 'storefront', env: 'staging', traced: true, version: '4.7.0' },
  { name: 'visitors', env: 'prod', traced: false },
];

/** The next release after `version`: patches up to four, then the next minor version. */
export function nextRelease(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return patch < 4 ? `${major}.${minor}.${patch + 1}` : `${major}.${minor + 1}.0`;
}

/** The environment variable under which others find a process: `order-queue` in staging is `STAGING_ORDER_QUEUE_URL`. */
export function urlVariable(env: string, name: string): string {
  return `${env}_${name}_url`.toUpperCase().replaceAll('-', '_');
}
