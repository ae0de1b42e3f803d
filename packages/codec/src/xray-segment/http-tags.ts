import { scrubUrl } from './scrub-url.ts';
import type { SegmentTags } from './segment-tags.ts';
import { isXRayObject, objectAt, textAt, type XRayObject } from './xray-json.ts';

/** Writes a segment's `http`, where it has one. */
export function writeHttp({ http }: XRayObject, tags: SegmentTags): void {
  if (isXRayObject(http)) writeMembers(http, tags);
}

function writeMembers(http: XRayObject, tags: SegmentTags): void {
  const {
    method: _method,
    url: _url,
    user_agent,
    client_ip,
    ...request
  } = objectAt(http, 'request');
  const { status: _status, content_length, ...response } = objectAt(http, 'response');
  tags.text('http.method', textAt(objectAt(http, 'request'), 'method'));
  tags.text('http.url', scrubUrl(textAt(objectAt(http, 'request'), 'url')));
  tags.value('http.useragent', user_agent);
  tags.value('http.client_ip', client_ip);
  const status = textAt(objectAt(http, 'response'), 'status');
  if (status !== '' && status !== '0') tags.text('http.status_code', status);
  tags.numeric('http.response.content_length', content_length);
  writeRest('xray.http.request', request, tags);
  writeRest('xray.http.response', response, tags);
  const { request: _request, response: _response, ...rest } = http;
  writeRest('xray.http', rest, tags);
}

function writeRest(prefix: string, rest: XRayObject, tags: SegmentTags): void {
  // `traced` stands here by the documentation and on the subsegment itself in practice.
  for (const [key, value] of Object.entries(rest))
    tags.value(key === 'traced' ? 'xray.traced' : `${prefix}.${key}`, value);
}
