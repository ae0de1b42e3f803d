/** What an account is read for; each part needs permissions of its own. */
export type AwsFeature = 'xray' | 'transaction-search';

/** The IAM actions behind the crawler's calls. */
export type XRayActionName =
  | 'xray:GetTraceSummaries'
  | 'xray:BatchGetTraces'
  | 'xray:GetEncryptionConfig'
  | 'xray:GetTraceSegmentDestination'
  | 'xray:GetIndexingRules'
  | 'xray:StartTraceRetrieval'
  | 'xray:ListRetrievedTraces'
  | 'xray:CancelTraceRetrieval'
  | 'logs:FilterLogEvents';

/** One permission of the crawler. */
export interface XRayAction {
  readonly action: XRayActionName;
  /** What it is for, as a phrase. */
  readonly purpose: string;
  readonly feature: AwsFeature;
  /** Nothing can be read without it. The others are done without. */
  readonly required: boolean;
}

/** All of them, in the order in which they are tried and shown. Actions that nothing here calls are not asked for. */
export const XRAY_ACTIONS: readonly XRayAction[] = [
  {
    action: 'xray:GetTraceSummaries',
    purpose: 'find new and growing traces',
    feature: 'xray',
    required: true,
  },
  { action: 'xray:BatchGetTraces', purpose: 'read traces', feature: 'xray', required: true },
  {
    action: 'xray:GetEncryptionConfig',
    purpose: 'tell whether a key of yours encrypts the traces',
    feature: 'xray',
    required: false,
  },
  {
    action: 'xray:GetTraceSegmentDestination',
    purpose: 'tell whether Transaction Search is on',
    feature: 'xray',
    required: false,
  },
  {
    action: 'xray:GetIndexingRules',
    purpose: 'tell which share of traces Transaction Search indexes',
    feature: 'xray',
    required: false,
  },
  {
    action: 'xray:StartTraceRetrieval',
    purpose: 'read traces kept by Transaction Search',
    feature: 'transaction-search',
    required: false,
  },
  {
    action: 'xray:ListRetrievedTraces',
    purpose: 'read traces kept by Transaction Search',
    feature: 'transaction-search',
    required: false,
  },
  {
    action: 'xray:CancelTraceRetrieval',
    purpose: 'end retrievals that are no longer needed',
    feature: 'transaction-search',
    required: false,
  },
  {
    action: 'logs:FilterLogEvents',
    purpose: 'find traces in the log group aws/spans, where Transaction Search keeps them',
    feature: 'transaction-search',
    required: false,
  },
];

/** Where Transaction Search keeps spans. */
export const SPANS_LOG_GROUP = 'aws/spans';
