import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../edges.js';

/** What is counted while serving; label values are closed sets, so the number of series is bounded. */
export interface Metrics {
  observeRequest(facts: {
    listener: string;
    route: string;
    method: string;
    status: number;
    seconds: number;
  }): void;
  countIssued(kind: string): void;
  countRefused(reason: string): void;
  countAnnouncement(channel: string, state: string): void;
  /** The exposition in Prometheus's text format, with its content type. */
  render(): Promise<{ contentType: string; text: string }>;
}

/** Certificates of one service's users that end soon, or wait for their acknowledgement. */
export interface EndingOfService {
  readonly project: string;
  readonly service: string;
  readonly state: 'expiring' | 'pending';
  readonly users: number;
  /** Seconds UTC. */
  readonly firstEnd: number;
}

interface MetricsEdges {
  /** Of the authority that issues. */
  readonly secondsToExpiry: () => number;
  readonly countEnding: () => Promise<readonly EndingOfService[]>;
  readonly clock: Clock;
}

/** All of `edges` is asked at each scrape. */
export function makeMetrics(edges: MetricsEdges): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'everleaf_http_requests_total',
    help: 'Requests answered, by listener, route template, method and status.',
    labelNames: ['listener', 'route', 'method', 'status'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'everleaf_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labelNames: ['listener', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  const issued = new Counter({
    name: 'everleaf_certificates_issued_total',
    help: 'Certificates put on record, by kind.',
    labelNames: ['kind'],
    registers: [registry],
  });
  const refused = new Counter({
    name: 'everleaf_requests_refused_total',
    help: 'Requests refused, by the reason word of the answer.',
    labelNames: ['reason'],
    registers: [registry],
  });
  const announcements = new Counter({
    name: 'everleaf_announcements_total',
    help: 'What became of an attempt to deliver an announcement.',
    labelNames: ['channel', 'state'],
    registers: [registry],
  });
  new Gauge({
    name: 'everleaf_authority_expiry_days',
    help: 'Days until the authority that issues certificates expires.',
    registers: [registry],
    collect() {
      this.set(edges.secondsToExpiry() / 86_400);
    },
  });
  addServiceUserMetrics(registry, edges);
  return {
    observeRequest({ listener, route, method, status, seconds }) {
      requests.inc({ listener, route, method, status });
      duration.observe({ listener, route }, seconds);
    },
    countIssued: (kind) => {
      issued.inc({ kind });
    },
    countRefused: (reason) => {
      refused.inc({ reason });
    },
    countAnnouncement: (channel, state) => {
      announcements.inc({ channel, state });
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function addServiceUserMetrics(
  registry: Registry,
  { countEnding, clock }: Pick<MetricsEdges, 'countEnding' | 'clock'>,
): void {
  const ofServices = (
    told: { readonly name: string; readonly help: string },
    valueOf: (one: EndingOfService) => number,
  ): void => {
    new Gauge({
      ...told,
      labelNames: ['project', 'service', 'state'],
      registers: [registry],
      async collect() {
        const all = await countEnding();
        this.reset(); // what has been seen to is no series any more
        for (const one of all) {
          const { project, service, state } = one;
          this.set({ project, service, state }, valueOf(one));
        }
      },
    });
  };
  ofServices(
    {
      name: 'everleaf_service_user_certificates',
      help: 'Certificates of service users: expiring ones end within 30 days or have ended, pending ones are old ones whose renewal nobody has acknowledged.',
    },
    ({ users }) => users,
  );
  ofServices(
    {
      name: 'everleaf_service_user_first_end_seconds',
      help: 'Seconds until the first of those certificates ends.',
    },
    ({ firstEnd }) => firstEnd - clock(),
  );
}
