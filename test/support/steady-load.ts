import { setTimeout as pause } from 'node:timers/promises';
import request from 'supertest';
import { csrBody, decodeAnswer, holderFrom, subjectOf } from './gateway.js';
import type { Holder } from './gateway.js';
import { makeKey } from './requests.js';
import { idsIn } from './roll-over.js';

/** One renewal and what came of it. */
export interface LoadAnswer {
  /** 0 where there was no answer at all; `failure` says why. */
  readonly status: number;
  readonly failure?: string;
  /** The certificate, the id of its issuer and `caCrt`; empty where there was none. */
  readonly certPem: string;
  readonly issuer: string;
  readonly bundle: string;
  /** What stood in the gateway's home for everybody to trust when the answer came. */
  readonly file: string;
}

/** Renewals at a steady rate, whatever happens at the gateway meanwhile. */
export interface SteadyLoad {
  /** Resolves after so many more answers. */
  answers(count: number): Promise<void>;
  /** Resolves when the last answer of every application was by that authority. */
  untilAllHold(issuer: string): Promise<void>;
  /** Resolves when the last answer of every application told it to trust that authority alone. */
  untilAllTrust(authority: string): Promise<void>;
  /** From now on every application presents its latest certificate and trusts its latest bundle. */
  takeUpWhatWasRenewed(): void;
  stop(): Promise<readonly LoadAnswer[]>;
}

interface Application {
  /** Keeps to its first certificate and the first trust file. */
  readonly isStubborn: boolean;
  presented: Holder;
  trust: string;
  latest: { readonly pair: Holder; readonly issuer: string; readonly bundle: string } | undefined;
  isBusy: boolean;
}

/** Every second one of the applications is slow to take up what it gets, as in life. */
export function startSteadyLoad(input: {
  readonly gatewayUrl: string;
  readonly holders: readonly Holder[];
  readonly caFile: () => string;
  readonly perSecond: number;
}): SteadyLoad {
  const { gatewayUrl, holders, caFile, perSecond } = input;
  const applications = holders.map((presented, index): Application => {
    const isStubborn = index % 2 === 1;
    return { isStubborn, presented, trust: caFile(), latest: undefined, isBusy: false };
  });
  const answered: LoadAnswer[] = [];
  let isStopped = false;
  let mayBeStubborn = true;

  async function renewOnce(application: Application): Promise<void> {
    application.isBusy = true;
    const { presented, trust } = application;
    const key = makeKey('prime256v1');
    const attempt = request(gatewayUrl)
      .post('/v1/applications/certificates/renewals')
      .ca(trust)
      .cert(presented.certPem)
      .key(presented.keyPem)
      .send(csrBody({ key, subject: subjectOf(presented.application) }));
    answered.push(
      await attempt.then(
        ({ status, body, text }) => {
          const file = caFile();
          if (status !== 201) return { ...nothing, status, failure: text, file };
          const { crt, caCrt: bundle } = decodeAnswer(body);
          const pair = holderFrom(body, { ...presented, key });
          const issuer = idsIn(crt)[1] ?? '';
          application.latest = { pair, issuer, bundle };
          if (!application.isStubborn || !mayBeStubborn) takeUp(application);
          return { status, certPem: pair.certPem, issuer, bundle, file };
        },
        (error: unknown) => ({ ...nothing, failure: String(error), file: '' }),
      ),
    );
    application.isBusy = false;
  }

  const walk = async (): Promise<void> => {
    const underWay: Promise<void>[] = [];
    const start = performance.now();
    for (let turn = 0; !isStopped; turn += 1) {
      await pause(Math.max(0, start + (turn * 1000) / perSecond - performance.now()));
      const application = applications[turn % applications.length];
      if (application && !application.isBusy) underWay.push(renewOnce(application));
    }
    await Promise.all(underWay);
  };
  const walking = walk();

  const until = async (isReached: () => boolean): Promise<void> => {
    while (!isReached()) await pause(10);
  };
  return {
    answers: (count) => {
      const goal = answered.length + count;
      return until(() => answered.length >= goal);
    },
    untilAllHold: (issuer) =>
      until(() => applications.every(({ latest }) => latest?.issuer === issuer)),
    untilAllTrust: (authority) =>
      until(() =>
        applications.every(({ latest }) => idsIn(latest?.bundle ?? '').join() === authority),
      ),
    takeUpWhatWasRenewed: () => {
      mayBeStubborn = false;
      applications.forEach(takeUp);
    },
    stop: async () => {
      isStopped = true;
      await walking;
      return answered;
    },
  };
}

const nothing = { status: 0, certPem: '', issuer: '', bundle: '' };

function takeUp(application: Application): void {
  if (!application.latest) return;
  application.presented = application.latest.pair;
  application.trust = application.latest.bundle;
}
