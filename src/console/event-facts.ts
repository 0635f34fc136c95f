import { consolePath } from './console-urls.js';
import { withQuery } from './query.js';

/** What an entry of the audit log tells besides its columns. */
export interface EventFact {
  readonly name: string;
  readonly value: string;
  /** Where the value is a time: seconds UTC. */
  readonly time: number | undefined;
}

const namesOfTimes = /(?:At|After|Until)$/;
/** What is smaller is a span of time. */
const firstTime = 1_000_000_000;

/** The facts of a detail, a JSON object; what is empty says nothing and is left out. */
export function factsOf(detail: string): EventFact[] {
  const value: unknown = JSON.parse(detail);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, fact]: [string, unknown]) => {
    if (fact === null || (Array.isArray(fact) && fact.length === 0)) return [];
    const isTime =
      namesOfTimes.test(name) && Number.isSafeInteger(fact) && Number(fact) >= firstTime;
    const text = typeof fact === 'string' ? fact : JSON.stringify(fact);
    return [{ name, value: text, time: isTime ? Number(fact) : undefined }];
  });
}

const ofClients: readonly string[] = ['enrolled', 'renewed', 'recovered', 'adopted', 'hinted'];

/** Where the certificate of an event is found; undefined for one that has no page for who reads the gateway. */
export function certificatePath(event: {
  readonly action: string;
  readonly holder: string | null;
  readonly certificate: string | null;
  readonly project: string | null;
}): string | undefined {
  const { action, holder, certificate, project } = event;
  if (holder === null || certificate === null || project !== null) return undefined;
  const what = action.replace(/^certificate\./, '');
  if (ofClients.includes(what)) return consolePath`/applications/${holder}` + `#c-${certificate}`;
  return what === 'revoked' ? withQuery('/applications', { q: certificate }) : undefined;
}

/** Where an actor is found, or what ends it: a link to a page, or a command. */
export type ActorLead =
  | { readonly text: string; readonly href: string }
  | { readonly text: string; readonly command: string };

/** Where to go on from everything that one actor did. */
export function leadOf(actor: string): ActorLead | undefined {
  const [, kind, name = ''] = /^(user|application|operator):(.+)$/.exec(actor) ?? [];
  switch (kind) {
    case 'user':
      return { text: 'To this user, who can be disabled', href: withQuery('/people', { q: name }) };
    case 'application':
      return { text: 'To this application', href: consolePath`/applications/${name}` };
    case 'operator':
      return /^[0-9a-f]+$/.test(name)
        ? {
            text: "An operator's access token. This withdraws it, on the command line of the gateway:",
            command: `npx everleaf access-token withdraw ${name}`,
          }
        : undefined;
    default:
      return undefined;
  }
}
