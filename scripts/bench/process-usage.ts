import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const hasProc = existsSync('/proc/self/schedstat');

/** Microseconds of CPU that all threads of a process have used, in the kernel and outside. */
export function cpuMicros(pid: number): number {
  if (!hasProc) return psSeconds(pid) * 1e6;
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, 'latin1').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1000;
}

/** Resident memory in bytes: now, and the most so far (where only ps is there, the present value twice). */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  if (!hasProc) {
    const now = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024;
    return { now, peak: now };
  }
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+([0-9]+) kB`).exec(status)?.[1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** `ps` says `MM:SS.cc` on macOS: hundredths are enough over a run of seconds. */
function psSeconds(pid: number): number {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'latin1' });
  return text
    .trim()
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
}
