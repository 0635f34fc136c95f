import { soonSeconds } from '../authority/ending-soon.js';
import { adviceFor } from '../credentials/expiry.js';
import type { UpcomingEnd } from '../credentials/expiry.js';
import { consolePath } from './console-urls.js';
import { userPath } from './service-user-row.js';

/** Something that ends, as the first page says it. */
export interface NextEnd {
  readonly name: string;
  /** What it is, where the name does not say it. */
  readonly what: string;
  readonly href: string;
  /** Seconds UTC. */
  readonly endsAt: number;
  readonly isSoon: boolean;
  readonly advice: string;
}

/** The page of the user leads to the access, where it is asked for. */
const ownersAdvice = 'A member of the group that owns it asks for a rotation in time.';

/** Where it is found, and what is to be done about it. `now` in seconds UTC. */
export function nextEndOf(end: UpcomingEnd, now: number): NextEnd {
  const { endsAt } = end;
  return {
    ...placeOf(end),
    endsAt,
    isSoon: endsAt < now + soonSeconds,
    advice: end.accessId === null ? adviceFor(end, now) : ownersAdvice,
  };
}

function placeOf({
  kind,
  name,
  project,
  service,
  state,
}: UpcomingEnd): Pick<NextEnd, 'name' | 'what' | 'href'> {
  switch (kind) {
    case 'application':
    case 'runtime':
      return { name, what: kind, href: consolePath`/applications/${name}` };
    case 'gateway-ca':
      return { name, what: 'CA of the gateway', href: consolePath`/authorities/gateway/${name}` };
    case 'project-ca':
      return {
        name: project ?? '',
        what: 'CA of the project',
        href: consolePath`/projects/${project ?? ''}`,
      };
    case 'service-user':
      return {
        name: [project, service, name].join(' / '),
        what: state === 'pending' ? 'service user, old certificate' : 'service user',
        href: userPath({ project: project ?? '', service: service ?? '', username: name }),
      };
  }
}
