// What another process costs, read from outside. Linux only; NaN elsewhere.
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Seconds of CPU a process used so far, user and system. */
export function cpuSeconds(pid: number): number {
  const fields = procFile(pid, 'stat')?.split(') ')[1]?.split(' ');
  return (Number(fields?.[11]) + Number(fields?.[12])) / TICKS_PER_SECOND;
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(procFile(pid, 'status') ?? '')?.[1]) / 1024;
}

function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
