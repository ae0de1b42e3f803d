import { vi } from 'vitest';

/** Makes the SDK see nothing of the machine the tests run on: no profiles, no instance role, and `endpoint` for all services. */
export function stubAwsEnvironment(endpoint: string, keys = true): void {
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  for (const name of ['AWS_PROFILE', 'AWS_REGION', 'AWS_SESSION_TOKEN', 'HTTPS_PROXY']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_ACCESS_KEY_ID', keys ? 'AKIAEXAMPLEEXAMPLE00' : undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys ? 'not-a-secret' : undefined);
}
