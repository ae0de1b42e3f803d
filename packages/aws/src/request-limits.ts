/**
 * How long a request to AWS may take. The SDK sets no limits of its own: an address that swallows packets, as a closed firewall
 * does, would hold a caller for minutes.
 */
export const REQUEST_LIMITS: {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: true;
} = { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true };
