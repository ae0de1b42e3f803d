/** An account as it is configured, and whether it can be read at all. */
export { type AwsAccount, demandSupportedPartition } from './aws-account.ts';
/** How to construct SDK clients for an account's region. */
export { type AwsClientConfig, clientConfig, renewCredentials } from './client-config.ts';
/** Keeps calls from being made with another account's credentials. */
export { IdentityGuard } from './identity-guard.ts';
/** What requests are signed with. */
export type { AwsCredentials } from './role-credentials.ts';
/** What a failed call means and what to do about it. */
export { type AwsFailure, type AwsFailureKind, classifyFailure } from './aws-failure.ts';
/** Which of the crawler's calls are allowed. */
export { type CheckOptions, checkXRayAccess, type PermissionCheck } from './check-xray-access.ts';
/** The permissions the crawler uses. */
export { type AwsFeature, SPANS_LOG_GROUP, XRAY_ACTIONS, type XRayAction } from './xray-actions.ts';
/** The least a role needs, as a policy and as a stack that creates the role. */
export {
  type PolicyDocument,
  policyDocument,
  type PolicyOptions,
  type PolicyStatement,
} from './policy-document.ts';
export { cloudFormationTemplate, type TemplateOptions } from './cloud-formation-template.ts';
export { quickCreateLink } from './quick-create-link.ts';
export { newExternalId } from './external-id.ts';
