import type { SystemResponse, XRayStatusResponse } from '@spanloom/contract';
import { SpanloomError } from '@spanloom/base';
import type { Call } from '../command.ts';
import { examineSystem } from '../diagnosis/examine-system.ts';
import { examineXRay } from '../diagnosis/examine-xray.ts';
import type { Finding } from '../diagnosis/finding.ts';
import { plainText } from '../plain-text.ts';

const MARKS = { ok: ['ok  ', 'good'], note: ['note', 'warn'], bad: ['BAD ', 'bad'] } as const;

/** `spanloom doctor` */
export async function runDoctor(call: Call): Promise<number> {
  const { output } = call;
  const findings = await examine(call);
  const ok = findings.every(({ grade }) => grade !== 'bad');
  if (call.json) {
    await output.json({ ok, findings });
    return ok ? 0 : 1;
  }
  for (const { grade, what, advice } of findings) {
    const [mark, tone] = MARKS[grade];
    await output.line(`${output.tone(tone, mark)}  ${plainText(what)}`);
    if (advice !== undefined) await output.line(`      ${plainText(advice)}`);
  }
  return ok ? 0 : 1;
}

async function examine(call: Call): Promise<Finding[]> {
  const { server } = call;
  const findings: Finding[] = [];
  let system: SystemResponse;
  try {
    await server.get('/health');
    findings.push({ grade: 'ok', what: `The server answers at ${server.url}` });
    system = await server.get<SystemResponse>('/api/system');
  } catch (error) {
    if (!(error instanceof SpanloomError)) throw error;
    return [...findings, { grade: 'bad', what: error.message }];
  }
  findings.push(...examineSystem(system));
  try {
    findings.push(...examineXRay(await server.get<XRayStatusResponse>('/api/xray/status')));
  } catch (error) {
    if (!(error instanceof SpanloomError)) throw error;
    findings.push({ grade: 'bad', what: `X-Ray's status cannot be read: ${error.message}` });
  }
  return findings;
}
