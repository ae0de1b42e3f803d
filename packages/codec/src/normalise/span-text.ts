import { normaliseName } from './normalise-name.ts';
import { normaliseTag } from './normalise-tag.ts';
import { truncateText } from './truncate-utf8.ts';

/** Most bytes each text may have. */
export const LIMITS = {
  service: 100,
  name: 100,
  type: 100,
  resource: 5_000,
  metaKey: 200,
  metaValue: 25_000,
  binaryValue: 10_485_760,
} as const;

/** A text as it is stored, and under which name the change is counted if there was one. */
interface NormalText {
  readonly text: string;
  readonly reason: string;
}

/** How one field's texts are brought in order. The empty text is each caller's own business. */
export type TextRule = (text: string) => NormalText;

/** What a span is called whose sender gave no usable operation. */
export const UNNAMED_OPERATION = 'unnamed_operation';

/** A service that has no usable name is named for its language where that is known. */
export function unnamedService(language: string): string {
  const normal = normaliseTag(language);
  return normal === '' ? 'unnamed-service' : `unnamed-${normal}-service`;
}

/** @param fallback What an unusable name becomes. */
export function serviceRule(fallback: string): TextRule {
  return (text) => {
    const cut = truncateText(text, LIMITS.service);
    const normal = normaliseTag(cut);
    if (normal === '') return { text: fallback, reason: 'ServiceInvalid' };
    return { text: normal, reason: cut === text ? '' : 'ServiceTruncate' };
  };
}

/** `peer.service` and `_dd.base_service`: names of services that the span itself does not belong to. */
export const peerServiceRule: TextRule = (text) => {
  const cut = truncateText(text, LIMITS.service);
  const normal = normaliseTag(cut);
  if (normal === '') return { text: '', reason: 'PeerServiceInvalid' };
  return { text: normal, reason: cut === text ? '' : 'PeerServiceTruncate' };
};

export const nameRule: TextRule = (text) => {
  const cut = truncateText(text, LIMITS.name);
  const normal = normaliseName(cut);
  if (normal === '') return { text: UNNAMED_OPERATION, reason: 'SpanNameInvalid' };
  return { text: normal, reason: cut === text ? '' : 'SpanNameTruncate' };
};

export const resourceRule: TextRule = (text) => cutTo(text, LIMITS.resource, 'ResourceTruncate');

export const typeRule: TextRule = (text) => cutTo(text, LIMITS.type, 'TypeTruncate');

export const envRule: TextRule = (text) => ({ text: normaliseTag(text), reason: '' });

function cutTo(text: string, limit: number, reason: string): NormalText {
  const cut = truncateText(text, limit);
  return { text: cut, reason: cut === text ? '' : reason };
}
