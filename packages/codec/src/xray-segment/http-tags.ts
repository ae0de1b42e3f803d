import { scrubUrl } from './scrub-url.ts';
import type { SegmentTags } from './segment-tags.ts';
import { isXRayObject, objectAt, textAt, type XRayObject } from './xray-json.ts';

/** Writes a segment's `http`, where it has one. */
export function writeHttp({ http }: XRayObject, tags: SegmentTags): void {
  if (isXRayObject(http)) writeMembers(http, tags);
}

function writeMembers(http: XRayObject, tags: SegmentTags): void {
  const request = objectAt(http, 'request');
  const response = objectAt(http, 'response');
  tags.text('http.method', textAt(request, 'method'));
  tags.text('http.url', scrubUrl(textAt(request, 'url')));
  tags.value('http.useragent', request['user_agent']);
  tags.value('http.client_ip', request['client_ip']);
  const status = textAt(response, 'status');
  if (status !== '' && status !== '0') tags.text('http.status_code', status);
  tags.numeric('http.response.content_length', response['content_length']);
  writeRest('xray.http.request', request, REQUEST_FIELDS, tags);
  writeRest('xray.http.response', response, RESPONSE_FIELDS, tags);
  writeRest('xray.http', http, HTTP_FIELDS, tags);
}

const HTTP_FIELDS: ReadonlySet<string> = new Set(['request', 'response']);
const REQUEST_FIELDS: ReadonlySet<string> = new Set(['method', 'url', 'user_agent', 'client_ip']);
const RESPONSE_FIELDS: ReadonlySet<string> = new Set(['status', 'content_length']);

function writeRest(
  prefix: string,
  object: XRayObject,
  written: ReadonlySet<string>,
  tags: SegmentTags,
): void {
  for (const key in object) {
    if (written.has(key)) continue;
    // `traced` stands here by the documentation and on the subsegment itself in practice.
    tags.value(key === 'traced' ? 'xray.traced' : `${prefix}.${key}`, object[key]);
  }
}
