import { randomBytes } from 'node:crypto';

/**
 * A new external id for a role's trust policy: 43 characters that nobody can guess. Ours to choose and never the user's: one that
 * is known could be used by another customer of the same server to reach this account.
 */
export function newExternalId(): string {
  return randomBytes(32).toString('base64url');
}
