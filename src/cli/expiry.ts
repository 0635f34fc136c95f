import { makeListEndingCertificates } from '../authority/ending-certificates.js';
import type { EndingCertificate } from '../authority/ending-certificates.js';
import { calendarOf, describeExpiry } from '../credentials/expiry-answers.js';
import { makeListExpiries } from '../credentials/expiry-store.js';
import { adviceFor, compareExpiries } from '../credentials/expiry.js';
import type { Expiry } from '../credentials/expiry.js';
import { makeProjectStore } from '../credentials/project-store.js';
import type { Database } from '../storage/database.js';
import type { Command } from './context.js';
import { namedProject } from './open-projects.js';
import { withDatabase } from './open-record.js';
import { formatTable, formatTime } from './output.js';

interface ExpiryOrder {
  readonly project: string | undefined;
  readonly withinSeconds: number;
  readonly isCalendar: boolean;
}

/** `everleaf expiry`: of one project, or of everything on record. */
export const listExpiriesCommand: Command<ExpiryOrder> = async (
  { config, clock, output },
  { project, withinSeconds, isCalendar },
) => {
  const now = clock();
  const range = { now, until: now + withinSeconds };
  const expiries = await withDatabase(config, clock, async ({ db }) => {
    if (project === undefined) return listEverything(db, range);
    await namedProject({ projects: makeProjectStore(db) }, project);
    return listWhole(db, { projects: [project], ...range });
  });
  if (isCalendar) {
    output.line(
      calendarOf(expiries, { name: `Everleaf ${project ?? ''}`.trim(), now }).replace(/\n$/, ''),
    );
    return;
  }
  output.show({
    value: expiries.map((expiry) => describeExpiry(expiry, now)),
    text: formatTable(
      ['ENDS', 'WHAT', 'WHOSE', 'STATE', 'TO ACT', 'WHAT NOW'],
      expiries.map((expiry) => [
        formatTime(expiry.endsAt),
        expiry.kind,
        [expiry.project, expiry.service, expiry.name].filter((part) => part !== null).join('/'),
        expiry.state,
        expiry.toAct,
        adviceFor(expiry, now),
      ]),
    ),
  });
};

interface Range {
  readonly now: number;
  readonly until: number;
}

async function listEverything(db: Database['db'], range: Range): Promise<Expiry[]> {
  const clients = await makeListEndingCertificates(db)(range);
  const others = await listWhole(db, { projects: undefined, ...range });
  return [...clients.map(expiryOf), ...others].sort(compareExpiries);
}

const onAPage = 1000;

async function listWhole(
  db: Database['db'],
  wanted: Range & { readonly projects: readonly string[] | undefined },
): Promise<Expiry[]> {
  const listExpiries = makeListExpiries(db);
  const all: Expiry[] = [];
  for (;;) {
    const page = await listExpiries({ ...wanted, after: all.at(-1), limit: onAPage });
    all.push(...page);
    if (page.length < onAPage) return all;
  }
}

function expiryOf({ kind, sha256, holder, notAfter }: EndingCertificate): Expiry {
  const nowhere = { project: null, service: null, accessId: null } as const;
  return {
    ...nowhere,
    kind,
    sha256,
    endsAt: notAfter,
    name: holder,
    state: 'current',
    toAct: 'holder',
  };
}
