import type { ServiceType } from '@spanloom/contract';
import type { IconName } from './icon-paths.ts';

/** How a kind of service is called and drawn. */
export interface ServiceTypeLook {
  readonly text: string;
  readonly icon: IconName;
  /** Somebody else runs it: drawn as a pill, where what runs your code is a rectangle. */
  readonly managed: boolean;
}

export const serviceTypes: Readonly<Record<ServiceType, ServiceTypeLook>> = {
  service: { text: 'service', icon: 'host', managed: false },
  function: { text: 'function', icon: 'function', managed: false },
  apigateway: { text: 'API gateway', icon: 'gateway', managed: true },
  workflow: { text: 'workflow', icon: 'flow', managed: true },
  database: { text: 'database', icon: 'db', managed: true },
  cache: { text: 'cache', icon: 'cache', managed: true },
  queue: { text: 'queue', icon: 'queue', managed: true },
  bus: { text: 'event bus', icon: 'bus', managed: true },
  storage: { text: 'storage', icon: 'bucket', managed: true },
  aws: { text: 'AWS service', icon: 'cloud', managed: true },
  external: { text: 'external', icon: 'external', managed: true },
};
